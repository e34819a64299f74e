"""Face motion out and in: CSV files as Epic's Live Link Face app writes and Unreal and Blender read them.

Columns: Timecode (HH:MM:SS:FF.fff), BlendShapeCount, the 52 blendshapes of ARKit in its order, yaw,
pitch and roll of the head and of both eyes in radians; after these, which Live Link Face does not
have, HeadX, HeadY and HeadZ in interocular distances. Signs are those of ``kinds.HEAD_CHANNELS``.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from pfy_core.errors import InputError
from pfy_core.kinds import ARKIT_CHANNELS, HEAD_CHANNELS, MOTION_CHANNELS, MOTION_INDEX
from pfy_core.media import existing, whole

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from numpy.typing import NDArray

EYE_TURN = 0.44
"""Radians by which an eye turns at eyeLook = 1 (25 degrees)."""
TIMECODE = re.compile(r"(\d+):(\d\d):(\d\d)[:;](\d+)(?:\.(\d+))?$")
RATES = (24, 25, 30, 48, 50, 60, 90, 120)
MOST_ROWS = 500_000
"""More than two hours at 60 frames a second."""
MOST_TURN = 3.2
"""Largest head rotation in radians; a file with larger ones is in degrees."""
WANTS = "a CSV of ARKit's 52 blendshapes, as Live Link Face or 'pfy narrate --motion-out' writes it"

_ROTATIONS = ("HeadYaw", "HeadPitch", "HeadRoll")
_EYES = tuple(f"{side}Eye{axis}" for side in ("Left", "Right") for axis in ("Yaw", "Pitch", "Roll"))
_SHAPES = tuple(name[0].upper() + name[1:] for name in ARKIT_CHANNELS)
_MOVES = tuple(name[0].upper() + name[1:] for name in HEAD_CHANNELS[3:])
HEADER = ("Timecode", "BlendShapeCount", *_SHAPES, *_ROTATIONS, *_EYES, *_MOVES)


def write(path: Path, motion: Iterable[NDArray[np.float32]], rate: float) -> int:
    """Write chunks of motion (t 58) at ``rate`` frames a second; returns the number of frames.

    Raises OutputError; then nothing is left at ``path``.
    """
    count = 0
    with whole(path) as part, part.open("w", newline="", encoding="ascii") as file:
        out = csv.writer(file)
        out.writerow(HEADER)
        for chunk in motion:
            for row in chunk:
                rotations = [*row[len(ARKIT_CHANNELS) :][:3], *_eyes(row)]
                values = [*row[: len(ARKIT_CHANNELS)], *rotations, *row[-3:]]
                shapes = len(_SHAPES) + len(_ROTATIONS) + len(_EYES)
                out.writerow([_timecode(count, rate), shapes, *(f"{value:.6f}" for value in values)])
                count += 1
    return count


def _timecode(frame: int, rate: float) -> str:
    seconds = int(frame / rate + 1e-6)
    within = frame - seconds * rate
    whole = int(within + 1e-6)
    fraction = round((within - whole) * 1000)
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}:{whole:02d}.{max(0, fraction):03d}"


def _eyes(row: NDArray[np.float32]) -> list[float]:
    """Yaw, pitch and roll of the left and of the right eye: what the eyeLook channels say, as angles."""
    found = []
    for side, outward in (("Left", 1.0), ("Right", -1.0)):
        out, inward, down, up = (
            row[MOTION_INDEX[f"eyeLook{way}{side}"]] for way in ("Out", "In", "Down", "Up")
        )
        found += [EYE_TURN * outward * float(out - inward), EYE_TURN * float(down - up), 0.0]
    return found


def load(value: Any, rate: float | None, name: str = "motion") -> NDArray[np.float32]:
    """Motion (t 58) at ``rate``: from a CSV file, resampled linearly, or an array that has that rate.

    Columns are found by name; those of the eyes' rotation are not needed, and HeadX, HeadY and HeadZ
    are 0 where they are absent. Raises InputError for missing columns, for what is no number, for
    rotations in degrees, and for files too long.
    """
    if isinstance(value, np.ndarray):
        if value.ndim != 2 or value.shape[1] != len(MOTION_CHANNELS):
            raise InputError(f"{name}: an array {value.shape}", f"(t {len(MOTION_CHANNELS)})")
        return np.asarray(value, np.float32)
    file, rate = existing(value, name, WANTS), rate or RATES[1]
    times, own, rows = _read(file, rate, name)
    if np.abs(times * rate - np.arange(len(times))).max() < 0.01:
        return rows.astype(np.float32)
    steps = np.arange(max(1, round((times[-1] + 1 / own) * rate))) / rate
    return np.stack([np.interp(steps, times, column) for column in rows.T], 1).astype(np.float32)


def _read(file: Path, rate: float, name: str) -> tuple[NDArray[np.float64], float, NDArray[np.float64]]:
    """Times (t) from 0, frame rate and motion (t 58) of a file."""
    codes: list[str] = []
    values: list[list[float]] = []
    try:
        with file.open(newline="", encoding="utf-8-sig") as text:
            lines = csv.reader(text)
            columns, clock = _columns(next(lines, []), file, name)
            for line in lines:
                if not any(map(str.strip, line)):
                    continue
                if len(codes) == MOST_ROWS:
                    raise InputError(f"{name}: {file} has more than {MOST_ROWS:,} rows", "at most two hours")
                codes.append(line[clock].strip() if clock < len(line) else "")
                values.append(_numbers(line, columns, f"{name}: {file}, line {lines.line_num}"))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"{name}: {file} cannot be read: {error}", WANTS) from error
    if not values:
        raise InputError(f"{name}: {file} has no rows", WANTS, "export it again")
    motion = np.zeros((len(values), len(MOTION_CHANNELS)))
    motion[:, [MOTION_INDEX[channel] for channel in columns]] = values
    turns = motion[:, [MOTION_INDEX[channel] for channel in HEAD_CHANNELS[:3]]]
    if np.abs(turns).max() > MOST_TURN:
        raise InputError(
            f"{name}: {file} turns the head by {np.abs(turns).max():.0f}", "radians", "divide degrees by 57.3"
        )
    shapes = motion[:, : len(ARKIT_CHANNELS)]
    np.clip(shapes, 0, 1, out=shapes)
    return *_times(codes, rate, f"{name}: {file}"), motion


def _columns(header: list[str], file: Path, name: str) -> tuple[dict[str, int], int]:
    """Where each channel of motion stands in a row, and the timecode."""
    places = {title.strip().lower(): index for index, title in enumerate(header)}
    if "timecode" not in places:
        raise InputError(f"{name}: {file} has no column Timecode", WANTS, "export it from Live Link Face")
    missing = [title for title in (*_SHAPES, *_ROTATIONS) if title.lower() not in places]
    if missing:
        shown = ", ".join(missing[:6]) + (f" and {len(missing) - 6} more" if len(missing) > 6 else "")
        raise InputError(
            f"{name}: {file} has no column {shown}", WANTS, "add the columns, with 0 in every row"
        )
    known = (channel for channel in MOTION_CHANNELS if channel.lower() in places)
    return {channel: places[channel.lower()] for channel in known}, places["timecode"]


def _numbers(line: list[str], columns: dict[str, int], where: str) -> list[float]:
    try:
        numbers = [float(line[index]) for index in columns.values()]
    except (ValueError, IndexError):
        bad = next((c for c, i in columns.items() if not _is_number(line[i : i + 1])), "")
        raise InputError(f"{where}: {bad} is no number", "a number in every column") from None
    if not np.isfinite(numbers).all():
        raise InputError(f"{where}: a value is not finite", "a number in every column")
    return numbers


def _is_number(cell: list[str]) -> bool:
    try:
        return bool(cell) and float(cell[0]) == float(cell[0])
    except ValueError:
        return False


def _times(codes: list[str], wanted: float, where: str) -> tuple[NDArray[np.float64], float]:
    """Seconds since the first row, and the frame rate: what a full second of the file holds.

    A file without a full second is taken to have the rate ``wanted``, unless it counts further.
    """
    parts = [TIMECODE.match(code) for code in codes]
    if not all(parts):
        bad = codes[next(index for index, part in enumerate(parts) if not part)]
        raise InputError(f"{where}: timecode {bad[:40]!r}", "HH:MM:SS:FF.fff")
    found = [part.groups(default="0") for part in parts if part]
    seconds = np.array([int(h) * 3600 + int(m) * 60 + int(s) for h, m, s, _, _ in found])
    frames = np.array([int(frame) + float(f"0.{part}") for *_, frame, part in found])
    _, counts = np.unique(seconds, return_counts=True)
    full = counts[0 if frames[0] < 1 else 1 : -1]
    if len(full):
        rate = float(np.median(full))
    else:
        rate = float(next((rate for rate in (wanted, *RATES) if rate > frames.max()), RATES[-1]))
    times = seconds + frames / rate
    if (np.diff(times) <= 0).any():
        raise InputError(f"{where}: the timecodes do not increase", "one row after the other in time")
    return np.asarray(times - times[0]), rate
