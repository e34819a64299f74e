from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Pair:
    name: str
    real: Path | None
    fake: Path | None
    problem: str = ""


def pairs(real, fake):
    return [
        Pair(
            p.stem,
            p,
            (fake / p.name) if (fake / p.name).exists() else None,
            "" if (fake / p.name).exists() else "missing",
        )
        for p in sorted(real.glob("*.mp4"))
    ]
