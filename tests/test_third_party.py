"""A plugin by somebody else: what README.md says of it is done here, word for word."""

import itertools
import json
import os
import re
import shlex
import subprocess
import sys
import sysconfig
import venv

import homes
import numpy as np
import pytest
from installing import ROOT, environment

from pfy_core import kinds
from pfy_core.media import image, video

README = (ROOT / "README.md").read_text(encoding="utf-8")
PACKAGE = "pfy_plugin_negative"
PYPROJECT = """\
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "pfy-plugin-negative"
version = "0.3"
dependencies = ["pfy-core", "numpy"]

{entry_point}
"""


def section(title):
    return re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL).group(1)


def blocks(language, text=README):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


PLUGIN = section("A plugin in twenty lines")
JAW = int(re.search(r"rows\[:, (\d+), .*# jawOpen", PLUGIN).group(1))


@pytest.mark.parametrize("code", blocks("python"))
def test_the_python_of_the_readme_compiles(code):
    compile(code, "README.md", "exec")


def test_the_plugin_of_the_readme_is_as_short_as_it_says():
    (code,) = blocks("python", PLUGIN)
    lines = [line for line in code.splitlines() if line.strip() and not line.startswith("#")]
    assert len(lines) <= 20


class Elsewhere:
    """An environment of its own that has all of this one, and what is installed into it."""

    def __init__(self, folder):
        self.folder, self.home = folder / "venv", folder / "home"
        venv.create(self.folder, with_pip=False)
        room = "Scripts" if os.name == "nt" else "bin"
        self.python = str(self.folder / room / "python")
        scheme = {"base": str(self.folder), "platbase": str(self.folder)}
        site = sysconfig.get_path("purelib", "venv", vars=scheme)
        shared = f"import site; site.addsitedir({sysconfig.get_path('purelib')!r})\n"
        with open(os.path.join(site, "shared.pth"), "w") as file:
            file.write(shared)

    def run(self, *argv, **more):
        return subprocess.run(
            argv,
            env=environment(home=self.home),
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            **more,
        )

    def pfy(self, *argv):
        return self.run(self.python, "-m", "pfy_core", *argv, cwd=self.folder)

    def pip(self, *argv):
        done = self.run(
            *(sys.executable, "-m", "pip", "--python", self.python, "--disable-pip-version-check"), *argv
        )
        assert done.returncode == 0, done.stderr


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """The distribution as its author has it: code and entry point from the README, manifest by command."""
    folder = tmp_path_factory.mktemp("negative")
    (code,) = blocks("python", PLUGIN)
    named = re.match(r"# (\S+)/__init__\.py\n", code).group(1)
    assert named == PACKAGE
    (folder / PACKAGE).mkdir()
    (folder / PACKAGE / "__init__.py").write_text(code)
    (entry_point,) = blocks("toml", PLUGIN)
    (folder / "pyproject.toml").write_text(PYPROJECT.format(entry_point=entry_point))
    command = re.search(r"`pfy (plugins manifest [^`]+)`", PLUGIN).group(1)
    done = subprocess.run(
        [sys.executable, "-m", "pfy_core", *command.split()],
        env=environment(folder, folder / "home"),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (folder / PACKAGE / "pfy.json").exists()
    return folder


@pytest.fixture(scope="module")
def made(tmp_path_factory, source):
    """An environment, and the plugin's wheel."""
    folder = tmp_path_factory.mktemp("elsewhere")
    elsewhere = Elsewhere(folder)
    elsewhere.pip("wheel", "--quiet", "--no-deps", "--wheel-dir", str(folder), str(source))
    (wheel,) = folder.glob("*.whl")
    return elsewhere, str(wheel)


@pytest.fixture
def elsewhere(made):
    """An environment with the plugin."""
    elsewhere, wheel = made
    elsewhere.pip("install", "--quiet", "--no-deps", wheel)
    return elsewhere


def assignments():
    """What the README's command sets; in double quotes a shell takes ``\\$`` for ``$``, shlex does not."""
    words = shlex.split(blocks("sh", PLUGIN)[0].replace("\\$", "$"))
    return [word for option, word in itertools.pairwise(words) if option == "--set"]


def of_video(elsewhere):
    """The problems of the graph ``portrait`` with the README's settings that concern its slot."""
    sets = [word for value in assignments() for word in ("--set", value)]
    done = elsewhere.pfy("check", "portrait", *sets, "--json")
    found = json.loads(done.stdout or done.stderr)["problems"]
    assert (done.returncode == 0) == (not found)
    return [problem for problem in found if problem["where"].startswith("nodes.video")]


FRAMES = """
import numpy as np
from pfy_core import Graph, Runner
graph = (
    Graph("g").input("face", "image.rgb").input("motion", "motion.face")
    .add("video", "decoder/negative", face="$face", motion="$motion").output(frames="video")
)
face = np.arange(4 * 6 * 3, dtype=np.uint8).reshape(4, 6, 3)
motion = np.zeros((3, 58), np.float32)
motion[:, JAW] = 0, 0.5, 1
with Runner(graph)({"face": face, "motion": motion}) as run:
    frames = np.concatenate(list(run["frames"]))
assert frames.shape == (3, 4, 6, 3) and frames.dtype == np.uint8
assert (frames[0] == 255 - face).all()
assert (np.abs(frames[1] - (255.0 - face) / 2) <= 1).all()
assert (frames[2] == 0).all()
print("as said")
"""


@pytest.mark.slow
def test_a_plugin_from_outside_is_found_fits_its_slot_and_runs(elsewhere):
    (found,) = [
        plugin
        for name, plugin in json.loads(elsewhere.pfy("plugins", "list", "--json").stdout)["plugins"].items()
        if name == "pfy-plugin-negative"
    ]
    assert (found["version"], found["broken"]) == ("0.3", "")
    assert found["components"] == ["decoder/negative"]
    shown = elsewhere.pfy("plugins", "show", "decoder/negative").stdout
    assert "The photo as a negative; darker the wider the mouth is open." in shown
    assert re.search(r"motion +motion.face \(t 58\) @ fps  stream", shown)
    assert of_video(elsewhere) == []
    done = elsewhere.run(elsewhere.python, "-c", FRAMES.replace("JAW", str(JAW)))
    assert done.stdout == "as said\n", done.stderr


@pytest.mark.slow
def test_the_command_of_the_readme_narrates_with_it(elsewhere):
    if not (elsewhere.home / "weights").exists():
        elsewhere.home.mkdir(exist_ok=True)
        homes.with_weights(elsewhere.home)
    program, *arguments = shlex.split(blocks("sh", PLUGIN)[0].replace("\\$", "$"))
    assert program == "pfy"
    done = elsewhere.pfy(*arguments)
    assert done.returncode == 0, done.stderr
    frames = list(video.read(elsewhere.folder / arguments[arguments.index("-o") + 1]))
    negative = 255 - image.load(elsewhere.home / "weights" / "demo" / "astronaut" / "astronaut.png")
    assert np.abs(frames[0].astype(int) - negative).mean() < 4
    assert min(frame.mean() for frame in frames) < 0.8 * frames[0].mean()


def test_the_channel_that_the_readme_calls_jaw_open_is_that_one():
    assert kinds.MOTION_CHANNELS[JAW] == "jawOpen"


@pytest.mark.slow
def test_a_plugin_that_is_uninstalled_is_missed_by_name(elsewhere):
    elsewhere.pip("uninstall", "--quiet", "--yes", "pfy-plugin-negative")
    assert "pfy-plugin-negative" not in elsewhere.pfy("plugins", "list").stdout
    (problem,) = of_video(elsewhere)
    assert (problem["code"], problem["where"]) == ("E101", "nodes.video.use")
    assert "'decoder/negative' is not installed" in problem["sends"]
    assert problem["fix"]
