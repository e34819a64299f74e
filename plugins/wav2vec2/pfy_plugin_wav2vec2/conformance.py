"""What the conformance kit cannot know: the tiny network stands for the full one."""

from __future__ import annotations

from typing import Any

config: dict[str, dict[str, Any]] = {"encoder/wav2vec2": {"size": "tiny"}}
