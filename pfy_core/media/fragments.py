"""A video that plays while it is made: fragmented MP4 to a file, a FIFO or a pipe."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, BinaryIO

import av

from pfy_core.errors import OutputError
from pfy_core.media import encode, formats

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class _Sink:
    """What FFmpeg sees of a file: it can only be written, at its end, at once and whole."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self.digest = hashlib.sha256()
        self.gone: OSError | None = None

    def write(self, data: Any) -> int:
        view = memoryview(data)
        done = 0
        try:
            while done < len(view):
                done += self._out.write(view[done:])
            self._out.flush()
        except OSError as error:  # FFmpeg would only pass on a number
            self.gone = error
            raise
        self.digest.update(view)
        return len(view)


class Fragments:
    """The writer of a live video to ``out``: H.264 and AAC, in fragments of formats.FRAGMENT seconds.

    ``picture`` and ``sound`` are the seconds of each so far, ``frames`` and ``heard`` the frames and
    samples. Nothing is written before the first frame. Raises BrokenPipeError when nobody reads any more,
    OSError for anything else that the system says.
    """

    def __init__(self, out: BinaryIO, rate: float, wave_rate: int, metadata: dict[str, str]) -> None:
        self._sink, self._metadata = _Sink(out), metadata
        self._rate, self._wave_rate = encode.exact(rate), wave_rate
        self._form = formats.live(rate)
        self._file: Any = None
        self._pictures: encode.Pictures | None = None
        self._sound: encode.Sound | None = None
        self._held: list[NDArray[np.float32]] = []
        self.size = (0, 0)
        self.frames = self.heard = 0

    @property
    def sha256(self) -> str:
        """Of all that has been written."""
        return self._sink.digest.hexdigest()

    @property
    def picture(self) -> float:
        return float(self.frames / self._rate)

    @property
    def sound(self) -> float:
        return self.heard / self._wave_rate

    def frame(self, frame: NDArray[np.uint8]) -> None:
        """Encode a frame (h w 3); all have the shape of the first."""
        if self._pictures is None:
            self._open(frame)
        assert self._pictures is not None
        with self._telling():
            self._pictures.add(frame)
        self.frames += 1

    def samples(self, wave: NDArray[np.float32]) -> None:
        """Encode samples (s); held back until the first frame is there."""
        self.heard += len(wave)
        if self._sound is None:
            self._held.append(wave)
        else:
            with self._telling():
                self._sound.add(wave)

    def end(self) -> None:
        """Write what is left. OutputError without any frame."""
        if self._pictures is None or self._sound is None:
            raise OutputError("no frames for the video", "one frame at least", "give the graph some input")
        with self._telling():
            self._pictures.end()
            self._sound.end()
            self._file.close()
        self._file = None

    def close(self) -> None:
        """Let go; what has been written stays."""
        if self._file is not None:
            try:
                self._file.close()
            except (OSError, av.FFmpegError):  # said already, or nobody reads
                pass
        self._file = None

    def _open(self, like: NDArray[np.uint8]) -> None:
        if like.shape[2] == 4:
            raise OutputError(
                "a live video cannot have a transparent background",
                "a file",
                "-o NAME.webm instead of --stream",
            )
        with self._telling():
            sink: Any = self._sink
            self._file = av.open(sink, "w", format="mp4", options=dict(self._form.container))
            self._file.metadata.update(self._metadata)
            self._pictures = encode.Pictures(self._file, self._rate, self._form, like)
            self._sound = encode.Sound(self._file, self._wave_rate, self._form)
            self.size = encode.size(like)
            for held in self._held:
                self._sound.add(held)
        self._held = []

    def _telling(self) -> _Telling:
        return _Telling(self._sink)


class _Telling:
    """Raises what the system said to the sink, instead of what FFmpeg makes of it."""

    def __init__(self, sink: _Sink) -> None:
        self._sink = sink

    def __enter__(self) -> None: ...

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if self._sink.gone is not None and isinstance(error, OSError | av.FFmpegError):
            raise self._sink.gone from None
