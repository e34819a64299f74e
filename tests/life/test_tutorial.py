"""docs/tutorial.md, followed from its first line to its last: every command, file and output on it."""

import doctest
import re

import pytest
from worlds import FENCE, TUTORIAL

LIKE = doctest.OutputChecker()
LOOSELY = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
NAMED = re.compile(r"# (\S+\.\w+)\n")
LANGUAGES = {"sh", "python", "text"}
TEXT = TUTORIAL.read_text(encoding="utf-8")
STEPS = [match.groups() for match in FENCE.finditer(TEXT)]


def steps():
    """(language, fails, what to do, what is shown of its output); the installation is the world's."""
    found = []
    for language, fails, text in STEPS:
        if language == "text":
            assert found, "an output without a command"
            assert found[-1][3] is None, "two outputs of one command"
            found[-1][3] = text
        else:
            found.append([language, bool(fails), text, None])
    return found[1:]


def title(step):
    return re.sub(r"\W+", "-", step[2].strip().splitlines()[0])[:40].strip("-")


@pytest.fixture(scope="module")
def story(world):
    """The tutorial as far as it has been told: once a step has failed, those after it mean nothing."""
    return {"world": world, "failed": ""}


def test_the_tutorial_has_no_block_that_is_not_run():
    assert {language for language, *_ in STEPS} == LANGUAGES
    assert TEXT.count("```") == 2 * len(STEPS)


@pytest.mark.parametrize("step", steps(), ids=title)
def test_the_tutorial(story, step):
    if story["failed"]:
        pytest.skip(f"{story['failed']} has failed")
    language, fails, text, shown = step
    story["failed"] = title(step)
    world, named = story["world"], NAMED.match(text)
    if language == "python" and named:
        file = world.folder / named.group(1)
        assert file.exists(), "the tutorial says that this file is replaced"
        file.write_text(text.removeprefix(named.group()), encoding="utf-8")
        said = ""
    elif language == "python":
        said = world.python(text)
    else:
        said = world.sh(text, fails=fails)
    if shown is not None:
        assert LIKE.check_output(shown, said, LOOSELY), f"shown:\n{shown}\nsaid:\n{said}"
    story["failed"] = ""


def test_what_the_tutorial_made_is_there(story):
    if story["failed"]:
        pytest.skip(f"{story['failed']} has failed")
    folder = story["world"].folder
    assert all((folder / name).stat().st_size > 10_000 for name in ("hello.mp4", "soft.mp4"))
    assert [file.name for file in (folder / "wheels").iterdir()] == ["pfy_plugin_jaw-0.1.0-py3-none-any.whl"]
