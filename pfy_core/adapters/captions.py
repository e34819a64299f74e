"""``adapter/captions``: subtitles drawn into the picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray

from pfy_core.component import Adapter
from pfy_core.errors import InputError
from pfy_core.kinds import Word
from pfy_core.media import existing, subtitles
from pfy_core.options import choice
from pfy_core.ports import Port

Frames = Annotated[NDArray[np.uint8], Port("video.frames", "t h w _", rate="fps", dtype="uint8")]
Words = Annotated[list[Word], Port("speech.words")]
Place = Literal["bottom", "top"]

SIZE = 0.05
"""Height of the letters in parts of the frame's shorter side."""
MARGIN = 0.06
"""Free space between the text and the frame's edges, in parts of its sides."""
LETTER = 0.52
"""Mean width of a letter in parts of its height, for the default font; longer lines are set smaller."""


class Captions(Adapter, name="captions"):
    """Draw what is spoken into the frames, as cues of one or two lines.

    fps:   frames a second
    size:  height of the letters in parts of the frame's shorter side
    place: bottom or top
    font:  a TrueType or OpenType file; without one, Pillow's own font (Latin letters)
    """

    def __init__(
        self,
        *,
        fps: float = 25.0,
        size: float = SIZE,
        place: Place = "bottom",
        font: str = "",
    ) -> None:
        if not 0 < fps <= 1000:
            raise InputError(f"fps {fps:g}", "more than 0 frames a second")
        if not 0.01 <= size <= 0.3:
            raise InputError(f"size {size:g}", "0.01 to 0.3 of the frame's shorter side")
        self._fps, self._size, self._font = fps, size, font
        self._place = choice("place", place, Place)
        if font:
            self._letters(10)

    def __call__(self, frames: Iterator[Frames], words: Iterator[Words]) -> Iterator[Frames]:
        """frames (t h w 3 or 4), words in order -> frames (t h w 3 or 4) with the text in them."""
        script = _Script(word for record in words for word in record)
        shown: subtitles.Cue | None = None
        label: Any = None
        done = 0
        for chunk in frames:
            height, width = chunk.shape[1:3]
            letters = (1 - 2 * MARGIN) * width / (LETTER * self._pixels(height, width))
            drawn = chunk.copy()
            for frame in drawn:
                now = script.at(done / self._fps, max(8, min(int(letters), subtitles.LINE)))
                done += 1
                if now is not shown:
                    shown, label = now, self._label(now, height, width) if now else None
                if label is not None:
                    _lay(frame, *label)
            yield drawn

    def _pixels(self, height: int, width: int) -> int:
        return max(6, round(self._size * min(height, width)))

    def _letters(self, size: int) -> Any:
        from PIL import ImageFont

        if not self._font:
            return ImageFont.load_default(size)
        file = existing(self._font, "font", "a TrueType or OpenType font file")
        try:
            return ImageFont.truetype(str(file), size)
        except OSError as error:
            raise InputError(f"font {file}: {error}", "a TrueType or OpenType font file") from error

    def _label(self, cue: subtitles.Cue, height: int, width: int) -> tuple[Any, int, int]:
        """The text as float32 (h w 4), colour and opacity in 0..1, and its top left corner."""
        from PIL import Image, ImageDraw

        text, size = "\n".join(cue.lines), self._pixels(height, width)
        room = round((1 - 2 * MARGIN) * width)
        draw = ImageDraw.Draw(Image.new("RGBA", (1, 1)))
        while True:
            font, rim = self._letters(size), max(1, round(size / 10))
            style: dict[str, Any] = {
                "font": font,
                "align": "center",
                "stroke_width": rim,
                "spacing": size // 4,
            }
            box = draw.multiline_textbbox((0, 0), text, **style)
            if box[2] - box[0] <= room or size <= 6:
                break
            size = max(6, int(size * room / (box[2] - box[0])))
        picture = Image.new("RGBA", (int(box[2] - box[0]) + 2, int(box[3] - box[1]) + 2))
        ImageDraw.Draw(picture).multiline_text(
            (1 - box[0], 1 - box[1]), text, fill="white", stroke_fill="black", **style
        )
        free = round(MARGIN * height)
        top = free if self._place == "top" else height - free - picture.height
        return np.asarray(picture, np.float32) / 255, max(0, top), max(0, (width - picture.width) // 2)


class _Script:
    """The cues of a stream of words, of which no more are asked for than the time needs."""

    def __init__(self, words: Iterator[Word]) -> None:
        self._words, self._cues = words, list[subtitles.Cue]()
        self._source: Iterator[subtitles.Cue] | None = None
        self._covered = 0.0

    def at(self, time: float, line: int) -> subtitles.Cue | None:
        """What is shown at a time that never goes back."""
        self._source = self._source or subtitles.cues(self._words, line)
        while self._covered <= time:
            cue = next(self._source, None)
            if cue is None:
                self._covered = float("inf")
            else:
                self._cues.append(cue)
                self._covered = cue.end - subtitles.LINGER
        while len(self._cues) > 1 and self._cues[1].start <= time:
            self._cues.pop(0)
        return next((cue for cue in self._cues[:1] if cue.start <= time < cue.end), None)


def _lay(frame: Any, label: Any, top: int, left: int) -> None:
    """Blend a label (h w 4) into a frame (h w 3 or 4), cut at its edges."""
    part = frame[top : top + label.shape[0], left : left + label.shape[1]]
    over = label[: part.shape[0], : part.shape[1]]
    share = over[..., 3:]
    seen = (part[..., 3:] / np.float32(255) if frame.shape[-1] == 4 else 1) * (1 - share)
    whole = seen + share
    mixed = part[..., :3] * seen + 255 * over[..., :3] * share
    part[..., :3] = np.round(np.divide(mixed, whole, out=np.zeros_like(mixed), where=whole > 0))
    if frame.shape[-1] == 4:
        part[..., 3:] = np.round(255 * whole)
