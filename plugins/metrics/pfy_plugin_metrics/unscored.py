"""What cannot be scored, and why: the reason goes beside a NaN, and into the share of clips that were scored."""

from __future__ import annotations


class Unscored(Exception):
    """A clip for which a metric has no number; the message is the reason."""
