"""What is said in a clip, from the file beside it: .vtt, .srt or .txt of the same name."""

from __future__ import annotations

from pathlib import Path

from pfy_core import note
from pfy_core.media import text
from pfy_core.media.subtitles import parse

SLACK = 0.5
"""Seconds by which a part may be shorter than its clip and a .txt still be of it."""


def beside(video: Path, end: float, length: float) -> tuple[str, float]:
    """The words of a video's first ``end`` seconds of ``length``, and where their last one ends.

    Of subtitles the cues that are over by then, and the part ends with the last of them; a .txt counts where
    it is of the whole part. Without either ("", ``end``). Raises InputError for a damaged file.
    """
    for suffix in (".vtt", ".srt"):
        file = video.with_suffix(suffix)
        if file.is_file():
            found = [cue for cue in parse(text(file), str(file)) if cue[1] <= end and cue[2]]
            if found:
                return " ".join(words for _, _, words in found), found[-1][1]
            note(f"{file.name}: no subtitle ends in the first {end:g} s, so that their words are unknown")
            return "", end
    file = video.with_suffix(".txt")
    if not file.is_file():
        return "", end
    if length - end > SLACK:
        note(f"{file.name} is of all {length:.1f} s: .vtt or .srt would say what is in the first {end:g} s")
        return "", end
    return " ".join(text(file).split()), end
