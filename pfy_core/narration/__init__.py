"""narrate: text, a photo and a voice to a video of that face speaking."""

from pfy_core.narration.file import narrate
from pfy_core.narration.result import Narration

__all__ = ["Narration", "narrate"]
