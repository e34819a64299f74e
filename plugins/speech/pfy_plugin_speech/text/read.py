"""Reading: from what the user gives to a script."""

from __future__ import annotations

from dataclasses import replace

from pfy_plugin_speech.text import ssml
from pfy_plugin_speech.text.clean import Cleaner
from pfy_plugin_speech.text.script import Passage, Script
from pfy_plugin_speech.text.spoken import without_markup
from pfy_plugin_speech.text.tracked import Tracked


def read(text: str) -> Script:
    """A script from plain text, or from SSML where the text begins with ``<speak``.

    Raises InputError for SSML that is malformed and for a text that cannot be spoken.
    """
    cleaner = Cleaner()
    if ssml.is_ssml(text):
        script = ssml.parse(text)
        passages = [replace(passage, text=cleaner(passage.text)) for passage in script.passages]
    else:
        script = Script(text, [])
        passages = [Passage(without_markup(cleaner(Tracked.of(text))))]
    return replace(script, passages=passages, notes=(*script.notes, *cleaner.notes()))
