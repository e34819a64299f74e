"""What the conformance kit cannot know: few denoising steps show what many do."""

from __future__ import annotations

from typing import Any

config: dict[str, dict[str, Any]] = {"decoder/motion-diffusion": {"steps": 2}}
