"""What a narration can leave beside its video: subtitles, timings, the face's motion."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from pfy_core.errors import InputError, OutputError
from pfy_core.media import whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from pfy_core.graph import Graph
    from pfy_core.kinds import Phone, Word


@dataclass(frozen=True)
class Beside:
    """Files to write beside a video, each None when it is not wanted.

    subtitles: .srt (SubRip) or .vtt (WebVTT); timings: .json with the words and phones that are spoken
    when; motion: .csv as Live Link Face writes it (``media.motion``). ``force`` replaces existing files.
    """

    subtitles: Path | None = None
    timings: Path | None = None
    motion: Path | None = None
    force: bool = False

    def check(self, graph: Graph) -> None:
        """OutputError for a file that cannot be written, InputError for one that the graph does not fill."""
        wanted = (
            ("subtitles", self.subtitles, (".srt", ".vtt"), ("words",)),
            ("timings", self.timings, (".json",), ("phones",)),
            ("motion", self.motion, (".csv",), ("motion",)),
        )
        for what, path, suffixes, outputs in wanted:
            if path is None:
                continue
            _check(path, what, suffixes, force=self.force)
            for name in outputs:
                if name not in graph.outputs:
                    raise InputError(
                        f"graph {graph.name!r} has no output {name!r}, which {what} are made of",
                        f"an output {name}",
                        "leave that file out, or use --graph portrait",
                    )
        paths = [path.resolve() for path in (self.subtitles, self.timings, self.motion) if path is not None]
        if len(set(paths)) < len(paths):
            raise OutputError("two of the files have the same name", "a name for each")

    def write(
        self,
        words: Sequence[Word],
        phones: Sequence[Phone],
        motion: Iterable[Any],
        rate: float,
    ) -> None:
        """Write the wanted files; each appears whole or not at all.

        motion: chunks (t 58) at ``rate`` frames a second.
        """
        if self.subtitles is not None:
            from pfy_core.media import subtitles

            make = subtitles.vtt if self.subtitles.suffix.lower() == ".vtt" else subtitles.srt
            with whole(self.subtitles) as part:
                part.write_text(make(words), encoding="utf-8")
        if self.timings is not None:
            data = {
                "seconds": round(phones[-1].end, 3) if phones else 0.0,
                "words": [_rounded(asdict(word)) for word in words],
                "phones": [_rounded(asdict(phone)) for phone in phones],
            }
            with whole(self.timings) as part:
                part.write_text(json.dumps(data, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
        if self.motion is not None:
            from pfy_core.media import motion as files

            files.write(self.motion, motion, rate)


def _check(path: Path, what: str, suffixes: tuple[str, ...], *, force: bool) -> None:
    if path.suffix.lower() not in suffixes:
        raise OutputError(
            f"{what} {path}",
            f"a name ending in {' or '.join(suffixes)}",
            f"{path.stem or 'out'}{suffixes[0]}",
        )
    if path.is_dir() or not path.parent.is_dir():
        raise OutputError(f"{what} {path}: there is no such folder", "a file in an existing folder")
    if path.exists() and not force:
        raise OutputError(f"{path} exists already", "a new file", "choose another name, or add --force")
    if not os.access(path.parent, os.W_OK):
        raise OutputError(f"folder {path.parent} may not be written", "a writable folder")


def _rounded(data: dict[str, Any]) -> dict[str, Any]:
    """Times to the millisecond; a word's text or a sound's symbol stay."""
    return {key: round(value, 3) if isinstance(value, float) else value for key, value in data.items()}
