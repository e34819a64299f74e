"""What looks at plugins imports none of them, and neither numpy nor torch: starting stays quick."""

import pytest
from installing import component, install, install_toy, manifest, python

HEAVY = ("numpy", "torch", "scipy", "PIL", "av", "cv2", "pfy_plugin_")
"""What no look at the catalogue may import, by the beginning of its name."""

REPORT = """
import atexit, sys

@atexit.register
def report():
    names = sorted({name.partition(".")[0] for name in sys.modules if name.startswith(HEAVY)})
    print("\\nimported:", *names)

"""
COMMAND = """
sys.argv = ["pfy", *ARGV]
from pfy_core.cli import main
main()
"""
EXPLODES = "raise SystemError('this plugin cannot be imported')\n"


def imported(code, **more):
    """Which heavy packages are imported when a program ends, and the program."""
    done = python("-c", f"HEAVY = {HEAVY!r}\n{REPORT}{code}", **more)
    assert "Traceback" not in done.stderr, done.stderr
    return done.stdout.rpartition("imported:")[2].split(), done


def by_command(*argv, **more):
    return imported(f"ARGV = {argv!r}{COMMAND}", **more)


@pytest.fixture(params=["as installed", "with a plugin that cannot be imported"])
def site(request, tmp_path):
    if request.param == "as installed":
        return None
    for file in install_toy(tmp_path).glob("*.py"):
        file.write_text(EXPLODES)
    return tmp_path


@pytest.mark.parametrize(
    ("argv", "shown"),
    [
        ("--help", "narrate"),
        ("narrate --help", "--face"),
        ("check portrait", "portrait"),
        ("graph show portrait", "decoder/visemes"),
        ("graph show portrait --format svg", "</svg>"),
        ("graph list", "portrait"),
        ("plugins list", "adapter/resample"),
        ("plugins show adapter/resample", "audio.wave"),
        ("weights list", "demo/astronaut"),
        ("doctor", "machine"),
        ("store ls", "0 results"),
    ],
)
def test_a_command_that_only_looks_imports_no_plugin_and_nothing_heavy(site, argv, shown):
    found, done = by_command(*argv.split(), site=site)
    assert found == []
    assert shown in done.stdout + done.stderr


SLOW = 20
"""Plugins that take a second each to import, so that importing them would show in the time as well."""
GRAPH = """
pfy: 1
inputs: {text: text}
nodes:
  one: {use: encoder/slow-0, take: {text: $text}}
  two: {use: encoder/slow-19, take: {text: one}}
outputs: {text: two}
"""


@pytest.fixture(scope="module")
def slow(tmp_path_factory):
    """A site with slow plugins, and a graph of two of them beside it."""
    folder = tmp_path_factory.mktemp("slow")
    (folder / "slow.yaml").write_text(GRAPH)
    port = {"name": "text", "kind": "text"}
    for number in range(SLOW):
        package = f"pfy_plugin_slow_{number}"
        ports = {"inputs": [port], "outputs": [port | {"name": "out"}]}
        listed = manifest(component(f"encoder/slow-{number}", f"{package}:Slow", **ports))
        code = "import time, numpy\ntime.sleep(1)\n"
        install(
            folder / "site", f"pfy-plugin-slow-{number}", package, {"__init__.py": code, "pfy.json": listed}
        )
    return folder


@pytest.mark.parametrize(
    ("argv", "shown"),
    [
        ("--help", "narrate"),
        ("plugins list", "encoder/slow-7"),
        ("check slow.yaml", "2 nodes"),
        ("graph show slow.yaml", "encoder/slow-19"),
    ],
)
def test_twenty_slow_plugins_are_looked_at_without_importing_one(slow, argv, shown):
    found, done = by_command(*argv.split(), site=slow / "site", cwd=slow)
    assert found == []
    assert shown in done.stdout
    assert done.stderr == ""


def test_importing_the_core_imports_nothing_heavy(site):
    assert imported("import pfy_core, pfy_core.cli; dir(pfy_core)", site=site)[0] == []


def test_checking_a_graph_in_python_imports_nothing_heavy(site):
    code = "from pfy_core import Graph\nfrom pfy_core.check import check\ncheck(Graph.load('portrait'))"
    assert imported(code, site=site)[0] == []


def test_every_public_name_loads_without_torch():
    code = "import pfy_core\nfor name in pfy_core.__all__: getattr(pfy_core, name)"
    found, _ = imported(code)
    assert "torch" not in found
    assert not [name for name in found if name.startswith("pfy_plugin_")]


def test_a_name_that_the_core_has_not_is_an_attribute_error():
    import pfy_core

    with pytest.raises(AttributeError, match=r"pfy_core.*nothing"):
        _ = pfy_core.nothing
    assert set(pfy_core.__all__) <= set(dir(pfy_core))


def test_these_tests_notice_a_heavy_import(tmp_path):
    install_toy(tmp_path)
    found, _ = imported("import pfy_plugin_toy.parts", site=tmp_path)
    assert {"numpy", "pfy_plugin_toy"} <= set(found)
