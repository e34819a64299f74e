"""Isolation: other environments are read without running them, and their plugins run in the same graph."""

import json
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest
from installing import ROOT, environment, install, pfy

from pfy_core import Graph, GraphError, Runner, check
from pfy_core import catalogue as catalogues
from pfy_core.errors import PluginError, ProcessError
from pfy_core.isolation import Isolated
from pfy_core.isolation.environment import Environment

PACKAGE = "pfy_plugin_scaled"
CODE = '''
from dataclasses import dataclass
from typing import Annotated
import numpy as np
import toylib
from pfy_core import Encoder, InputError, Port

Row = Annotated[np.ndarray, Port("toy.row", "t", dtype="float32")]


@dataclass
class Pose:
    factor: int
    row: np.ndarray


class Scaled(Encoder, name="scaled"):
    """A row, as often as this toylib says."""

    def __init__(self, *, offset: float = 0.0):
        self.offset = np.float32(offset)

    def __call__(self, row: Row) -> Row:
        return row * np.float32(toylib.FACTOR) + self.offset


class Posed(Encoder, name="posed"):
    """A value of a class of this plugin's."""

    def __call__(self, row: Row) -> Annotated[Pose, Port("toy.pose")]:
        return Pose(toylib.FACTOR, row)


class Unposed(Encoder, name="unposed"):
    """The row of a pose."""

    def __call__(self, pose: Annotated[Pose, Port("toy.pose")]) -> Row:
        assert type(pose) is Pose
        return pose.row * np.float32(pose.factor)
'''


@pytest.fixture(scope="session")
def text(tmp_path_factory):
    """The plugin's manifest."""
    folder = tmp_path_factory.mktemp("scaled")
    put(folder / "site", "1.0", "{}", 1)
    done = pfy("plugins", "manifest", PACKAGE, site=folder / "site", home=folder)
    assert done.returncode == 0, done.stderr
    return (folder / "site" / PACKAGE / "pfy.json").read_text()


def put(site, version, manifest, factor, name="pfy-plugin-scaled"):
    """Install the plugin and its library into a folder of packages."""
    site.mkdir(exist_ok=True)
    install(site, name, PACKAGE, {"__init__.py": CODE, "pfy.json": manifest}, version)
    library(site, factor)


def library(site, factor):
    """toylib in the version of its factor."""
    for old in site.glob("toylib-*.dist-info"):
        (old / "METADATA").unlink()
        old.rmdir()
    (site / "toylib.py").write_text(f"FACTOR = {factor}\n")
    # one digit changed within a second is the same file to Python's cache of bytecode
    for cached in site.glob("__pycache__/toylib.*"):
        cached.unlink()
    info = site / f"toylib-{factor}.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: toylib\nVersion: {factor}.0\n")


def site_of(folder):
    return Path(sysconfig.get_path("purelib", "venv", vars={"base": str(folder), "platbase": str(folder)}))


@pytest.fixture(scope="module")
def second(tmp_path_factory, text):
    """An environment with all of this one, the plugin and toylib 2."""
    folder = tmp_path_factory.mktemp("second") / "venv"
    venv.create(folder, with_pip=False)
    site = site_of(folder)
    # in front of what is shared, as what pip had installed there would be
    (site / "shared.pth").write_text(f"{ROOT}\n{sysconfig.get_path('purelib')}\n")
    put(site, "1.0", text, 2)
    return folder


def graph(folder, use="encoder/scaled", **more):
    return (
        Graph("g")
        .input("row", "toy.row")
        .add("far", use, more, row="$row")
        .output(out="far")
        .set("far.place.executor=process", f"far.place.venv={folder}")
    )


def run(graph, store=None, **inputs):
    import numpy as np

    runner = Runner(graph, store=store)
    with runner({"row": np.arange(3, dtype=np.float32)} | inputs) as made:
        found = {name: made[name] for name in made.plan.outputs}
        made.wait()
    return found, {name: trace.state for name, trace in made.trace.nodes.items()}


# Running -----------------------------------------------------------------------------------------


def test_a_plugin_that_only_the_venv_has_is_checked_and_runs(second):
    assert check.check(graph(second)) == []
    assert PACKAGE not in sys.modules
    found, _ = run(graph(second, offset=1.0))
    assert list(found["out"]) == [1, 3, 5]
    assert PACKAGE not in sys.modules
    assert "encoder/scaled" not in catalogues.installed().components


def test_two_versions_of_a_library_live_in_one_graph(second, site, text):
    put(site, "1.0", text, 1)
    both = graph(second).add("near", "encoder/scaled", row="far").output(near="near")
    both = both.add("nearest", "encoder/scaled", {"offset": 10.0}, row="$row").output(nearest="nearest")
    found, _ = run(both)
    assert list(found["out"]) == [0, 2, 4]
    assert list(found["near"]) == [0, 2, 4]
    assert list(found["nearest"]) == [10, 11, 12]
    assert sys.modules["toylib"].FACTOR == 1


def test_the_hosts_settings_of_python_do_not_leak_into_the_venv(second, tmp_path, monkeypatch):
    (tmp_path / "toylib.py").write_text("FACTOR = 99\n")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    assert list(run(graph(second))[0]["out"]) == [0, 2, 4]


def test_values_of_a_class_that_only_the_venv_has_pass_between_its_nodes(second):
    posed = graph(second, "encoder/posed").add("back", "encoder/unposed", pose="far").output(back="back")
    posed = posed.set("back.place.executor=process", f"back.place.venv={second}")
    found, _ = run(posed)
    assert list(found["back"]) == [0, 2, 4]
    assert found["out"].factor == 2
    with pytest.raises(AttributeError, match="install that plugin here too"):
        found["out"].turn()


def test_the_python_of_a_venv_is_enough_in_python(second):
    import numpy as np

    with Isolated("encoder/scaled", {"offset": 2.0}, python=second / "bin" / "python") as scaled:
        assert list(scaled(row=np.ones(2, np.float32))) == [4, 4]
    with pytest.raises(PluginError, match="component 'encoder/scald' is not installed in venv"):
        Isolated("encoder/scald", python=second / "bin" / "python")


def test_the_record_of_a_run_says_what_ran_elsewhere(second):
    import numpy as np

    from pfy_core import record

    with Runner(graph(second))({"row": np.arange(3, dtype=np.float32)}) as made:
        made.wait()
        kept = record.build(made, {}, {})
    assert kept["environments"]["far"].startswith("pfy-plugin-scaled 1.0 among packages ")
    assert "pfy-plugin-scaled" not in kept["plugins"]


# The store ---------------------------------------------------------------------------------------


def test_a_result_is_reused_until_something_in_the_venv_changes(second, store, text):
    site = site_of(second)
    try:
        assert run(graph(second), store)[1] == {"far": "stored"}
        assert run(graph(second), store)[1] == {"far": "reused"}
        info = next(site.glob("pfy_plugin_scaled-*"))
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pfy-plugin-scaled\nVersion: 1.1\n")
        assert run(graph(second), store)[1] == {"far": "stored"}
        library(site, 3)
        found, states = run(graph(second), store)
        assert states == {"far": "stored"}
        assert list(found["out"]) == [0, 3, 6]
    finally:
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pfy-plugin-scaled\nVersion: 1.0\n")
        library(site, 2)


def test_a_process_of_this_environment_shares_results_with_this_process(site, text, store):
    put(site, "1.0", text, 1)
    here = graph("").set("far.place={}")
    assert run(here.set("far.place.executor=process"), store)[1] == {"far": "stored"}
    assert run(here, store)[1] == {"far": "reused"}


# Problems ----------------------------------------------------------------------------------------


def only(graph):
    (problem,) = check.check(graph)
    with pytest.raises(GraphError):
        Runner(graph)
    return problem


def test_a_venv_that_is_not_there_is_a_problem_with_its_line(tmp_path):
    lines = [
        "pfy: 1",
        "inputs: {row: toy.row}",
        "nodes:",
        "  far:",
        "    use: encoder/scaled",
        "    take: {row: $row}",
        "    place:",
        "      executor: process",
        "      venv: envs/none",
        "outputs: {out: far}",
    ]
    (tmp_path / "g.yaml").write_text("\n".join(lines))
    problem = only(Graph.load(tmp_path / "g.yaml"))
    assert (problem.code, problem.where, problem.line) == ("E601", "nodes.far.place.venv", 9)
    assert problem.sends == "venv 'envs/none' is not there"
    assert "python3 -m venv envs/none" in problem.fix


def test_a_venv_is_looked_for_beside_the_graphs_file(second, tmp_path, monkeypatch):
    (tmp_path / "envs").mkdir()
    (tmp_path / "envs" / "two").symlink_to(second)
    (tmp_path / "g.yaml").write_text(graph("envs/two").to_yaml())
    monkeypatch.chdir("/")
    loaded = Graph.load(tmp_path / "g.yaml")
    assert check.check(loaded) == []
    assert list(run(loaded.set("far.offset=1"))[0]["out"]) == [1, 3, 5]
    assert only(Graph.from_yaml(loaded.to_yaml())).code == "E601"
    monkeypatch.chdir(tmp_path)
    assert check.check(Graph.from_yaml(loaded.to_yaml())) == []


def test_a_venv_without_python_or_without_pfy_core_is_a_problem(tmp_path):
    (tmp_path / "empty").mkdir()
    assert only(graph(tmp_path / "empty")).sends.endswith("has no Python")
    venv.create(tmp_path / "bare", with_pip=False)
    problem = only(graph(tmp_path / "bare"))
    assert (problem.code, problem.sends) == ("E601", f"venv '{tmp_path}/bare' has no pfy-core")
    assert "pip install -U pfy-core" in problem.fix


@pytest.mark.parametrize(("line", "said"), [("PROTOCOL = 999", "(999)"), ("", "(0)")])
def test_a_pfy_core_that_speaks_otherwise_is_a_problem(tmp_path, line, said):
    venv.create(tmp_path / "old", with_pip=False)
    site = site_of(tmp_path / "old")
    (site / "pfy_core" / "isolation").mkdir(parents=True)
    (site / "pfy_core" / "__init__.py").write_text("")
    (site / "pfy_core" / "isolation" / "__init__.py").write_text(f"{line}\n")
    info = site / "pfy_core-0.0.1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pfy-core\nVersion: 0.0.1\n")
    problem = only(graph(tmp_path / "old"))
    assert problem.sends.endswith(f"has pfy-core 0.0.1 of another protocol {said}")


def test_a_component_of_this_environment_that_the_venv_has_not_is_a_problem(second, site, text):
    put(site, "1.0", text.replace("encoder/scaled", "encoder/nearby"), 1)
    problem = only(graph(second, "encoder/nearby"))
    assert (problem.code, problem.where) == ("E101", "nodes.far.use")
    assert problem.sends == f"component 'encoder/nearby' is not installed in venv '{second}'"
    assert only(graph(second, "encoder/scalled")).fix == "did you mean 'encoder/scaled'?"


def test_a_broken_plugin_of_a_venv_is_told_with_its_cause(second):
    manifest = site_of(second) / PACKAGE / "pfy.json"
    kept = manifest.read_text()
    try:
        manifest.write_text(json.dumps(json.loads(kept) | {"schema": 99}))
        assert "pfy-plugin-scaled is set aside: manifest schema 99" in only(graph(second)).fix
    finally:
        manifest.write_text(kept)


@pytest.mark.parametrize(
    ("place", "code", "where"),
    [
        ("{executor: proces}", "E602", "place.executor"),
        ("{executor: 3}", "E602", "place.executor"),
        ("{venv: somewhere}", "E602", "place.venv"),
        ("{executor: process, vent: x}", "E402", "place.vent"),
        ("{executor: process, venv: 3}", "E601", "place.venv"),
    ],
)
def test_a_place_that_is_misspelt_is_a_problem(site, text, place, code, where):
    put(site, "1.0", text, 1)
    problem = only(graph("").set(f"far.place={place}"))
    assert (problem.code, problem.where) == (code, f"nodes.far.{where}")


def test_config_is_checked_against_the_plugin_of_the_venv(second):
    problem = only(graph(second, ofset=1.0))
    assert problem.code == "E401"
    assert "Did you mean: 'offset'" in problem.sends


def test_a_plugin_whose_import_fails_in_the_venv_says_so(second):
    library = site_of(second) / "toylib.py"
    kept = library.read_text()
    try:
        library.write_text("raise OSError('libtoy.so.2 is missing')\n")
        with pytest.raises(PluginError) as caught:
            run(graph(second))
        assert "encoder/scaled of pfy-plugin-scaled cannot be imported in its process" in caught.value.sends
        assert "OSError: libtoy.so.2 is missing" in caught.value.sends
        library.write_text("import os, sys\nprint('no room', file=sys.stderr)\nos._exit(9)\n")
        with pytest.raises(ProcessError, match="exit status 9 while it started") as ended:
            run(graph(second))
        assert ended.value.plugin == "pfy-plugin-scaled"
        assert "no room" in ended.value.words
    finally:
        library.write_text(kept)


# Reading -----------------------------------------------------------------------------------------


def editable(site, name, root, **direct):
    info = site / f"{name.replace('-', '_')}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[pfy.plugins]\nscaled = {PACKAGE}\n")
    (info / "direct_url.json").write_text(json.dumps({"url": root.as_uri(), "dir_info": {"editable": True}}))


@pytest.mark.parametrize("how", ["pth", "direct", "src", "finder", "system"])
def test_editable_and_shared_installations_are_read(tmp_path, text, how):
    folder, source = tmp_path / "venv", tmp_path / "my source"
    venv.create(folder, with_pip=False)
    site, root = site_of(folder), source / "src" if how == "src" else source
    (site / "core.pth").write_text(f"# of pfy\n{ROOT}\nimport nothing\n/not/there\n")
    (root / PACKAGE).mkdir(parents=True)
    (root / PACKAGE / "__init__.py").write_text("raise SystemExit('imported')")
    (root / PACKAGE / "pfy.json").write_text(text)
    if how == "pth":
        (site / "scaled.pth").write_text(f"{root}\n")
    if how == "finder":
        mapping = {PACKAGE: str(root / PACKAGE)}
        (site / "__editable___scaled_1_0_finder.py").write_text(f"MAPPING: dict[str, str] = {mapping}\n")
    if how == "system":
        base = tmp_path / "base"
        (base / "lib" / "python3.11").mkdir(parents=True)
        (base / "lib" / "python3.11" / "site-packages").symlink_to(site)
        (folder / "pyvenv.cfg").write_text(f"home = {base}/bin\ninclude-system-site-packages = true\n")
        (site / "scaled.pth").write_text(f"{root}\n")
    editable(site, "pfy-plugin-scaled", source if how in ("direct", "src") else tmp_path / "gone")
    found = Environment.at(str(folder)).catalogue
    assert set(found.components) >= {"encoder/scaled"}
    assert found.plugins["pfy-plugin-scaled"].root == root / PACKAGE


def test_checking_a_graph_of_another_environment_imports_nothing_and_starts_nothing(second, tmp_path):
    (tmp_path / "g.yaml").write_text(graph(second).to_yaml())
    code = (
        "import subprocess, sys\n"
        "subprocess.Popen = None\n"
        "from pfy_core import Graph, check\n"
        f"assert check.check(Graph.load({str(tmp_path / 'g.yaml')!r})) == []\n"
        "heavy = {'numpy', 'torch', 'toylib', 'pfy_plugin_scaled'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


def test_the_command_line_shows_where_a_node_runs_(second, tmp_path):
    (tmp_path / "g.yaml").write_text(graph(second).to_yaml())
    shown = pfy("graph", "show", str(tmp_path / "g.yaml"))
    assert shown.returncode == 0, shown.stderr
    assert f"in a process of its own  {second}" in shown.stdout
