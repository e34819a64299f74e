"""What is narrated, and by whom."""

import pytest
from PIL import Image

from pfy_bench.portrait import protocol
from pfy_bench.portrait.narrations import Installation
from pfy_core import InputError


def test_a_folder_of_unknown_pictures_gives_all_of_them(tmp_path):
    for name in ("b.png", "a.jpg", "notes.txt"):
        if name.endswith("txt"):
            (tmp_path / name).write_text("no picture")
        else:
            Image.new("RGB", (8, 8), "red").save(tmp_path / name)
    found = protocol.portraits(tmp_path)
    assert [portrait.name for portrait in found] == ["a", "b"]
    assert all(len(portrait.sha256) == 64 for portrait in found)
    assert [portrait.name for portrait in protocol.portraits(tmp_path, ["b"])] == ["b"]
    with pytest.raises(InputError, match="no portrait c"):
        protocol.portraits(tmp_path, ["a", "c"])


def test_no_folder_and_no_pictures_are_told_apart(tmp_path):
    with pytest.raises(InputError, match="not a folder"):
        protocol.portraits(tmp_path / "none")
    with pytest.raises(InputError, match="has no pictures"):
        protocol.portraits(tmp_path)


def test_the_protocols_texts_are_full_of_bilabials():
    texts = protocol.texts(None)
    assert len(texts) == 3
    for text in texts:
        assert sum(text.text.lower().count(letter) for letter in "pbm") >= 12
        assert 25 <= len(text.text.split()) <= 45


def test_texts_can_be_given_a_line_each(tmp_path):
    file = tmp_path / "texts.txt"
    file.write_text("One.\n\n  Two.  \n")
    assert [text.text for text in protocol.texts(file)] == ["One.", "Two."]
    file.write_text("\n")
    with pytest.raises(InputError, match="has no text"):
        protocol.texts(file)


@pytest.mark.parametrize(
    ("given", "label", "python"),
    [
        ("python3 -m pfy_core", "pfy", "python3"),
        ("old=some/python", "old", "some/python"),
        ("new=some/python -m pfy_core", "new", "some/python"),
    ],
)
def test_an_installation_is_a_python_with_a_label(given, label, python):
    assert Installation.parse(given, "pfy") == Installation(label, python)
