"""Fixtures of the referencenet plugin."""

from __future__ import annotations

from torch_home import home as home
