"""A broken plugin gets one line with its cause, and stops nothing that does not use it."""

import json
import os
import py_compile
import shutil
import sys

import pytest
from installing import TOY, component, install, install_toy, manifest, pfy

from pfy_core import Graph, health
from pfy_core.catalogue import Catalogue, installed
from pfy_core.check import check
from pfy_core.errors import PluginError

BAD = "pfy_plugin_bad"
GOOD = manifest(component("encoder/bad", f"{BAD}:Bad"))


def info(site, name="pfy-plugin-bad", version="1.0"):
    return site / f"{name.replace('-', '_')}-{version}.dist-info"


def bad(site, files=None, requires=(), points=None):
    """Install a plugin with something wrong; returns the folder of its package."""
    root = install(site, "pfy-plugin-bad", BAD, {"pfy.json": GOOD} | (files or {}))
    with (info(site) / "METADATA").open("a") as file:
        file.writelines(f"Requires-Dist: {line}\n" for line in requires)
    if points is not None:
        (info(site) / "entry_points.txt").write_text(points)
    return root


def twice(site):
    bad(site)
    install(site / "later", "pfy-plugin-bad", BAD, {"pfy.json": GOOD}, version="0.9")
    (site / "sitecustomize.py").write_text(f"import sys; sys.path.append({str(site / 'later')!r})")


def gone(site):
    shutil.rmtree(bad(site))


def newer(site):
    bad(site, {"pfy.json": '{"schema": 7, "components": []}'})


def clash(site):
    install_toy(site)
    bad(site, {"pfy.json": manifest(component("adapter/resample", f"{BAD}:Bad"))})


FAULTS = {
    "syntax error": (lambda site: bad(site, {"part.py": "ok = 1\ndef broken(:\n"}), "part.py:2: SyntaxError"),
    "missing requirement": (
        lambda site: bad(site, requires=["nothing-like-this>=2"]),
        "it needs nothing-like-this>=2, which is not installed (pip install 'nothing-like-this>=2')",
    ),
    "requirement too old": (
        lambda site: bad(site, requires=["pfy-core>=99"]),
        "it needs pfy-core>=99, and 0.1",
    ),
    "requirement that is none": (lambda site: bad(site, requires=["??"]), "??, which is no requirement"),
    "newer manifest": (newer, "manifest schema 7 (pip install -U pfy-core)"),
    "malformed manifest": (
        lambda site: bad(site, {"pfy.json": '{\n"schema": 1,\n"components": 3}'}),
        "pfy.json:3: ",
    ),
    "no manifest": (lambda site: (bad(site) / "pfy.json").unlink(), "pfy.json is missing"),
    "package gone": (gone, "package pfy_plugin_bad cannot be found"),
    "name taken": (clash, "adapter/resample is already brought by pfy-core"),
    "entry point with a colon": (
        lambda site: bad(site, points=f"[pfy.plugins]\nx = {BAD}:Bad\n"),
        f"'{BAD}:Bad'",
    ),
    "entry point of nothing": (
        lambda site: bad(site, points="[pfy.plugins]\nx =\n"),
        "its entry point is ''",
    ),
    "entry point of no form": (
        lambda site: bad(site, points="[pfy.plugins]\nwhat\n"),
        "its metadata cannot be read",
    ),
    "two entry points": (
        lambda site: bad(site, points=f"[pfy.plugins]\nx = {BAD}\ny = {TOY}\n"),
        "it has 2 entry points",
    ),
    "nameless": (lambda site: (bad(site), (info(site) / "METADATA").unlink()), "its metadata cannot be read"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_broken_plugin_has_one_line_with_the_cause_and_the_others_are_there(site, fault):
    breaks, cause = FAULTS[fault]
    breaks(site)
    made = Catalogue.discover()
    made.examine()
    (plugin,) = [plugin for plugin in made.broken() if "bad" in plugin.name or "a plugin in" in plugin.name]
    assert cause in plugin.broken
    assert "\n" not in plugin.broken
    assert isinstance(plugin.cause, PluginError)
    assert not [spec for spec in made.components.values() if spec.plugin == plugin.name]
    assert made.spec("adapter/resample").plugin == "pfy-core"
    assert BAD not in sys.modules


@pytest.mark.parametrize("fault", FAULTS)
def test_strict_raises_what_would_be_set_aside(site, fault):
    breaks, cause = FAULTS[fault]
    breaks(site)
    shutil.rmtree(info(site, "pfy-plugin-toy"), ignore_errors=True)
    with pytest.raises(PluginError) as caught:  # noqa: PT012
        made = Catalogue.discover(strict=True)
        made.examine(["pfy-plugin-bad"])
    assert cause.partition(" (")[0] in caught.value.sends


def everything(site):
    """One site with a plugin for each of several faults."""
    install_toy(site)
    for name, files in {
        "syntax": {"pfy.json": manifest(), "part.py": "def broken(:\n"},
        "newer": {"pfy.json": '{"schema": 7, "components": []}'},
        "malformed": {"pfy.json": "{"},
        "claims": {"pfy.json": manifest(component("adapter/resample", "x:Y"))},
        "needs": {"pfy.json": manifest()},
        "hooks": {
            "pfy.json": manifest(
                hooks={"module": "pfy_plugin_hooks.hooks", "names": ["pfy_cli"]}, commands={"hi": ""}
            ),
            "hooks.py": "1 / 0",
        },
    }.items():
        install(site, f"pfy-plugin-{name}", f"pfy_plugin_{name}", files)
    with (info(site, "pfy-plugin-needs") / "METADATA").open("a") as file:
        file.write("Requires-Dist: nothing-like-this\n")
    install(site, "pfy-plugin-points", "pfy_plugin_points", {})
    (info(site, "pfy-plugin-points") / "entry_points.txt").write_text("[pfy.plugins]\nwhat\n")
    (site / "text-1.0.dist-info").mkdir()
    (site / "text-1.0.dist-info" / "entry_points.txt").write_bytes(b"\xff pfy.plugins")


@pytest.mark.parametrize(
    "argv", ["--help", "check portrait", "graph show portrait", "doctor", "plugins list"]
)
def test_no_command_is_stopped_by_plugins_that_it_does_not_use(tmp_path, argv):
    everything(tmp_path)
    done = pfy(*argv.split(), site=tmp_path)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    if argv == "plugins list":
        aside = [line for line in done.stdout.splitlines() if "set aside" in line]
        for name in ("syntax", "newer", "malformed", "claims", "needs"):
            assert len([line for line in aside if line.startswith(f"pfy-plugin-{name} ")]) == 1
        assert sum("its metadata cannot be read" in line for line in aside) == 1


def test_a_graph_runs_beside_plugins_that_are_broken(site):
    everything(site)
    graph = Graph("g").input("text", "text").add("up", "encoder/upper", text="$text").output(x="up.upper")
    with graph.run(text="ab") as run:
        assert run["x"] == "AB!"


def test_a_command_of_a_plugin_whose_hooks_fail_is_an_error_and_no_other_is(tmp_path):
    everything(tmp_path)
    done = pfy("hi", site=tmp_path)
    assert done.returncode == 2
    assert "hooks of pfy-plugin-hooks cannot be used: division by zero" in done.stderr
    assert pfy("graph", "list", site=tmp_path).returncode == 0


def test_a_plugins_command_does_not_stand_in_for_one_of_pfys(tmp_path):
    more = {"hooks": {"module": f"{BAD}.hooks", "names": ["pfy_cli"]}, "commands": {"check": "Stolen."}}
    bad(tmp_path, {"pfy.json": manifest(**more)})
    done = pfy("--help", site=tmp_path)
    assert "Stolen" not in done.stdout
    assert "check" in done.stdout


# What uses a broken plugin ------------------------------------------------------------------------


def uses(component):
    return Graph("g").input("text", "text").add("x", component, text="$text").output(y="x")


@pytest.mark.parametrize("fault", ["syntax error", "missing requirement", "requirement too old"])
def test_a_graph_that_uses_it_is_told_which_plugin_why_and_what_helps(site, fault):
    breaks, cause = FAULTS[fault]
    breaks(site)
    (problem,) = check(uses("encoder/bad"), Catalogue.discover())
    assert problem.code == "E101"
    assert "pfy-plugin-bad brings it but is set aside" in problem.sends
    assert cause.partition(" (")[0] in problem.sends
    assert problem.fix.startswith("pip install") == ("requirement" in fault)


def test_a_plugin_that_broke_is_known_by_what_it_brought_before(site):
    root = bad(site)
    assert "encoder/bad" in installed().components
    (root / "pfy.json").write_text("{")
    (problem,) = check(uses("encoder/bad"), installed(refresh=True))
    assert "pfy-plugin-bad brings it but is set aside" in problem.sends
    assert "not JSON" in problem.sends


def test_the_errors_chain_is_kept(site):
    bad(site, {"part.py": "def broken(:\n"})
    made = Catalogue.discover()
    made.examine()
    assert isinstance(made.plugins["pfy-plugin-bad"].cause.__cause__, SyntaxError)
    with pytest.raises(PluginError) as caught:
        made.spec("encoder/bad")
    assert caught.value.__cause__ is made.plugins["pfy-plugin-bad"].cause


# What is not wrong --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        'nothing-like-this; extra == "gpu"',
        'nothing-like-this; sys_platform == "plan9"',
        "pfy_core >= 0.0.1",
        "Pytest",
    ],
)
def test_a_requirement_that_does_not_count_here_is_none(site, line):
    bad(site, requires=[line])
    assert list(health.unmet("pfy-plugin-bad")) == []


def test_an_extra_that_is_asked_for_counts(site):
    install(site, "other", "other", {})
    with (info(site, "other") / "METADATA").open("a") as file:
        file.write(
            'Provides-Extra: gpu\nRequires-Dist: nothing-like-this; extra == "gpu"\nRequires-Dist: nor-this\n'
        )
    bad(site, requires=["other[gpu]"])
    assert [need for need, _ in health.unmet("pfy-plugin-bad")] == ["nothing-like-this"]


def test_a_source_with_its_own_bytecode_is_not_read_again(site):
    root = bad(site, {"part.py": "fine = 1\n"})
    py_compile.compile(str(root / "part.py"))
    state = (root / "part.py").stat()
    (root / "part.py").write_text("fine ) 1\n")
    os.utime(root / "part.py", ns=(state.st_atime_ns, state.st_mtime_ns))
    assert health.fault("pfy-plugin-bad", root) is None
    os.utime(root / "part.py")
    os.utime(root / "part.py", ns=(0, 0))
    assert "part.py:1: SyntaxError" in health.fault("pfy-plugin-bad", root).sends


def test_a_distribution_that_is_installed_twice_works_and_is_told(tmp_path):
    twice(tmp_path)
    done = pfy("plugins", "list", site=tmp_path)
    (line,) = [line for line in done.stdout.splitlines() if "installed again" in line]
    assert str(tmp_path / "later") in line
    assert "encoder/bad" in done.stdout
    listed = json.loads(pfy("plugins", "list", "--json", site=tmp_path).stdout)["plugins"]
    assert (listed["pfy-plugin-bad"]["version"], listed["pfy-plugin-bad"]["broken"]) == ("1.0", "")


# Settings -----------------------------------------------------------------------------------------


def test_names_in_the_allow_list_that_nobody_has_are_told(tmp_path):
    install_toy(tmp_path)
    done = pfy("graph", "list", site=tmp_path, PFY_PLUGINS="core,toi")
    assert done.returncode == 0
    assert "PFY_PLUGINS names 'toi', which is not installed: did you mean 'toy'?" in done.stderr
    assert "core" not in done.stderr
    done = pfy("graph", "list", "--strict", site=tmp_path, PFY_PLUGINS="core,toi")
    assert done.returncode == 2


def test_a_component_that_the_allow_list_leaves_out_says_so(site, monkeypatch):
    bad(site)
    installed()
    monkeypatch.setenv("PFY_PLUGINS", "core")
    (problem,) = check(uses("encoder/bad"), installed(refresh=True))
    assert problem.fix == "pfy-plugin-bad brings it, and PFY_PLUGINS leaves that out"


@pytest.mark.parametrize("argv", ["--strict plugins list", "plugins --strict list", "plugins list --strict"])
def test_strict_may_stand_anywhere(tmp_path, argv):
    bad(tmp_path, {"part.py": "def broken(:\n"})
    assert pfy("plugins", "list", site=tmp_path).returncode == 0
    done = pfy(*argv.split(), site=tmp_path)
    assert done.returncode == 2
    assert "SyntaxError" in done.stderr
    assert pfy("plugins", "list", site=tmp_path, PFY_STRICT="1").returncode == 2
    assert pfy("plugins", "list", site=tmp_path, PFY_STRICT="0").returncode == 0


def test_a_plugin_in_order_stays_in_order(site):
    install_toy(site)
    made = Catalogue.discover(strict=True)
    made.examine(["pfy-plugin-toy"])
    assert "encoder/upper" in made.components
