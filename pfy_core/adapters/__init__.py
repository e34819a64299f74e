"""Adapters that the core brings itself: the small things between components."""
