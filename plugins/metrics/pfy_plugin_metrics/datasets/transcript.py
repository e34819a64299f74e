"""What is said in a clip, from the file beside it: .vtt, .srt or .txt of the same name."""

from __future__ import annotations

import html
import re
from pathlib import Path

from pfy_core import InputError, note
from pfy_core.media import text

TIME = r"(?:(\d+):)?(\d{1,2}):(\d{2})[.,](\d{3})"
TIMES = re.compile(rf"^\s*{TIME}\s+-->\s+{TIME}")
"""The line that begins a cue (W3C WebVTT 4.1; SubRip writes a comma)."""
TAG = re.compile(r"<[^>]*>|\{\\[^}]*\}")
"""Voices, styles and times in a cue's words, and SubRip's positions."""
SLACK = 0.5
"""Seconds by which a part may be shorter than its clip and a .txt still be of it."""

Cue = tuple[float, float, str]
"""Start and end in seconds, and words."""


def beside(video: Path, end: float, length: float) -> tuple[str, float]:
    """The words of a video's first ``end`` seconds of ``length``, and where their last one ends.

    Of subtitles the cues that are over by then, and the part ends with the last of them; a .txt counts where
    it is of the whole part. Without either ("", ``end``). Raises InputError for a damaged file.
    """
    for suffix in (".vtt", ".srt"):
        file = video.with_suffix(suffix)
        if file.is_file():
            found = [cue for cue in cues(text(file), str(file)) if cue[1] <= end and cue[2]]
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


def cues(content: str, name: str) -> list[Cue]:
    """The cues of a WebVTT or SubRip text, in order of time; InputError when it has none."""
    found: list[Cue] = []
    lines = content.splitlines()
    for number, line in enumerate(lines):
        times = TIMES.match(line)
        if times:
            start, end = (_seconds(times.groups()[k : k + 4]) for k in (0, 4))
            words = []
            for spoken in lines[number + 1 :]:
                if not spoken.strip():
                    break
                words.append(spoken)
            found.append((start, end, " ".join(html.unescape(TAG.sub("", " ".join(words))).split())))
    if not found:
        raise InputError(f"{name} has no line such as 00:01.000 --> 00:04.000", "WebVTT or SubRip")
    return sorted(found, key=lambda cue: cue[:2])


def _seconds(parts: tuple[str | None, ...]) -> float:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return 3600 * hours + 60 * minutes + seconds + thousandths / 1000
