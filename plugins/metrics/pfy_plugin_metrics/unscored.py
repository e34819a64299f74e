"""What cannot be scored, and why."""

from __future__ import annotations


class Unscored(Exception):
    """A clip for which a metric has no number; the message is the reason."""
