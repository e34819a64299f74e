"""For the conformance kit: small networks stand for those of XTTS-v2."""

from __future__ import annotations

from typing import Any

config: dict[str, dict[str, Any]] = {"encoder/hifigan": {"size": "tiny"}}
