"""The whole life of somebody else's plugin, seen from outside: made, packed, found, used, examined, gone.

pfy comes from its wheels; the plugin is what ``pfy plugins new`` writes, built to a wheel as well.
"""

import json

import pytest

ROOT_OF_PFY = "import pathlib, pfy_core; print(pathlib.Path(pfy_core.__file__).parents[1])"
IN_SLOT = "--set video=decoder/bar --set 'nodes.video.take={face: $face, motion: motion}'"
BAR = """
import numpy as np
from pfy_core import Graph, kinds
from pfy_core.media import video
frames = np.concatenate([frame[None] for frame in video.read("bar.mp4")]).astype(int)
bar = frames[:, -4, :, :].min(-1) > 230
moving = bar.sum(1)
print(len(frames), frames.shape[1:], moving.min() < 64 < moving.max())
"""


def reports(world, command, *, fails=False):
    """What a command prints with --json."""
    said = world.sh(f"{command} --json", fails=fails)
    return json.loads(said[said.index("{") :])


@pytest.fixture(scope="module")
def plugin(world):
    """The wheel of a plugin from a folder that knows nothing of this tree; it is not installed yet."""
    world.sh(
        "mkdir elsewhere\n"
        "pfy plugins new bar --role decoder --into elsewhere\n"
        "pip wheel --quiet --no-deps --wheel-dir elsewhere ./elsewhere/pfy-plugin-bar"
    )
    return world


@pytest.fixture(scope="module")
def installed(plugin):
    plugin.sh("pip install --quiet --no-deps elsewhere/*.whl && pip install --quiet pytest")
    return plugin


def test_what_is_installed_are_the_wheels_and_no_torch(world):
    folder = world.python(ROOT_OF_PFY).strip()
    assert folder.startswith(str(world.folder))
    assert world.sh("pip list --format freeze | grep -ci '^torch' || true").splitlines()[-1] == "0"
    plugins = reports(world, "pfy plugins list")["plugins"]
    assert set(plugins) >= {"pfy-core", "pfy-plugin-portrait", "pfy-plugin-speech"}
    assert not any(plugin["broken"] for plugin in plugins.values())
    world.sh("pfy doctor")


def test_the_harness_installs_beside_it(world):
    world.sh('pip install --quiet "pfy-core[bench]"')
    assert world.python("import pfy_bench; print('here')").strip() == "here"


def test_before_it_is_installed_nobody_knows_it(plugin):
    (problem, *_) = reports(plugin, f"pfy check portrait {IN_SLOT}", fails=True)["problems"]
    assert (problem["code"], problem["where"]) == ("E101", "nodes.video.use")


def test_once_installed_it_is_found(installed):
    found = reports(installed, "pfy plugins list")["plugins"]["pfy-plugin-bar"]
    assert (found["version"], found["broken"]) == ("0.1.0", "")
    assert found["components"] == ["decoder/bar"]
    assert "motion.face (t 58) @ fps  stream" in installed.sh("pfy plugins show decoder/bar")


def test_it_fills_a_slot_of_a_shipped_graph(installed):
    assert reports(installed, f"pfy check portrait {IN_SLOT}")["problems"] == []
    installed.sh(f"pfy narrate 'Papa.' {IN_SLOT} -o bar.mp4 --force")
    count, *_, moves = installed.python(BAR).split()
    assert int(count) > 10
    assert moves == "True"


def test_it_conforms_from_the_shell_and_under_pytest(installed):
    found = reports(installed, "pfy plugins check pfy-plugin-bar")
    (report,) = found["components"].values()
    assert report["ok"]
    assert report["checks"]["stream"]["state"] == "passed"
    assert report["checks"]["isolated"]["state"] == "passed"
    assert len(found["digest"]) == 64
    ran = sum(check["state"] == "passed" for check in report["checks"].values())
    assert f"{ran} passed" in installed.sh("pytest -q elsewhere/pfy-plugin-bar/tests")


def test_once_it_is_gone_whoever_used_it_is_told_what_to_install(installed):
    installed.sh("pip uninstall --quiet --yes pfy-plugin-bar")
    assert "pfy-plugin-bar" not in reports(installed, "pfy plugins list")["plugins"]
    (problem, *_) = reports(installed, f"pfy check portrait {IN_SLOT}", fails=True)["problems"]
    assert (problem["code"], problem["where"]) == ("E101", "nodes.video.use")
    assert problem["fix"] == "it was brought by pfy-plugin-bar 0.1.0: pip install pfy-plugin-bar"
    said = installed.sh(f"pfy narrate 'Papa.' {IN_SLOT} -o gone.mp4", fails=True)
    assert problem["fix"] in said
    assert "Traceback" not in said
    assert not (installed.folder / "gone.mp4").exists()


def test_a_plugin_of_the_index_is_told_by_the_index(world):
    world.sh("pip uninstall --quiet --yes pfy-plugin-portrait")
    try:
        problems = reports(world, "pfy check portrait", fails=True)["problems"]
        assert {problem["fix"] for problem in problems if problem["code"] == "E101"} == {
            "pip install pfy-plugin-portrait"
        }
    finally:
        world.sh("pip install --quiet --no-deps pfy-plugin-portrait")
    assert reports(world, "pfy check portrait")["problems"] == []
