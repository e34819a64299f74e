"""Sounds and pictures to test with, and real media files of them."""

import av
import numpy as np

from pfy_core.media import video

FULL = {"u8": 127, "s16": 2**15 - 1, "s16p": 2**15 - 1, "s32": 2**31 - 1, "flt": 1, "fltp": 1}
TYPES = {"u8": np.uint8, "s16": np.int16, "s16p": np.int16, "s32": np.int32, "flt": np.float32}
CODECS = {
    "wav": ("pcm_s16le", "s16"),
    "wav8": ("pcm_u8", "u8"),
    "wav24": ("pcm_s24le", "s32"),
    "wavfloat": ("pcm_f32le", "flt"),
    "flac": ("flac", "s16"),
    "mp3": ("libmp3lame", "fltp"),
    "m4a": ("aac", "fltp"),
    "opus": ("libopus", "flt"),
}
LAYOUTS = {1: "mono", 2: "stereo", 6: "5.1"}


def tones(seconds, rate, channels=1):
    """(channels, s): a sine in each channel, the first at 220 Hz."""
    time = np.arange(round(seconds * rate)) / rate
    return np.stack([0.4 * np.sin(2 * np.pi * 220 * (1 + k / 4) * time) for k in range(channels)]).astype(
        np.float32
    )


def recorded(folder, kind, channels, rate):
    """A file of a kind above with these channels (c s), each from -1 to 1."""
    codec, form = CODECS[kind]
    path = folder / f"{kind}.{'wav' if kind.startswith('wav') else kind}"
    samples = channels * FULL[form] + (128 if form == "u8" else 0)
    samples = samples.astype(TYPES.get(form, np.float32))
    packed = samples if form.endswith("p") else samples.T.reshape(1, -1)
    with av.open(str(path), "w") as file:
        stream = file.add_stream(codec, rate=rate, layout=LAYOUTS[len(channels)], format=form)
        if samples.size:
            frame = av.AudioFrame.from_ndarray(
                np.ascontiguousarray(packed), format=form, layout=stream.layout.name
            )
            frame.sample_rate, frame.pts = rate, 0
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path


def film(count, height=48, width=64):
    """(t h w 3): smooth colours, brighter from frame to frame, as a codec keeps them."""
    y, x = np.mgrid[:height, :width]
    ramp = np.stack([x / width, y / height, (x + y) / (width + height)], -1)
    steps = np.linspace(0.3, 1.0, max(count, 1))[:count, None, None, None]
    return (255 * ramp * steps).astype(np.uint8)


def filmed(path, seconds=1.0, rate=25.0, wave_rate=24_000):
    """A video with sound."""
    video.write(path, [film(round(seconds * rate))], rate, [tones(seconds, wave_rate)[0]], wave_rate)
    return path
