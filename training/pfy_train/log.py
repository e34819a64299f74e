"""The log of a run: ``log.jsonl``, a line of numbers at a time, and the same for TensorBoard."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from torch.utils.tensorboard import SummaryWriter

from pfy_core.media import whole

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = "log.jsonl"


class Log:
    """Appends to a run's log; what a killed process wrote after ``step`` is removed first."""

    def __init__(self, out: Path, step: int = 0) -> None:
        self.file = out / FILE
        kept = [line for line in lines(out) if line["step"] <= step]
        with whole(self.file) as part:
            part.write_text("".join(json.dumps(line) + "\n" for line in kept), encoding="utf-8")
        self._board = SummaryWriter(str(out / "tensorboard"), purge_step=step + 1 if step else None)

    def add(self, step: int, kind: str, values: Mapping[str, float], **more: float) -> None:
        """A line: ``{"step": 20, "kind": "train", "loss": ..., ...}``; ``more`` is not drawn."""
        line = {"step": step, "kind": kind, **values, **more}
        with self.file.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps(line) + "\n")
        for name, value in values.items():
            self._board.add_scalar(f"{kind}/{name}", value, step)

    def lines(self) -> list[dict[str, Any]]:
        """The lines of the log so far."""
        return lines(self.file.parent)

    def close(self) -> None:
        """Write what TensorBoard's writer holds back."""
        self._board.close()


def lines(out: Path) -> list[dict[str, Any]]:
    """The lines of a run's log; a last one that was cut off is left out."""
    try:
        text = (out / FILE).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    found = []
    for line in text.splitlines():
        try:
            found.append(json.loads(line))
        except ValueError:
            break
    return found
