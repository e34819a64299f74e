"""Filmed clips with what a method needs to make them again: a photo, the words, a recording of the voice."""
