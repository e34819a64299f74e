"""The command line through its entry point: what it prints, where, and with which exit status."""

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from importlib.metadata import version

import pytest
import toys
from installing import TOY, component, environment, install, install_toy, manifest, pfy, python

from pfy_core import Runner, Store, paths, registry, weights
from pfy_core.catalogue import Catalogue

GRAPH = """\
pfy: 1
name: shout
doc: For the tests.
inputs: {text: text}
nodes:
  up: {use: encoder/upper, take: {text: $text}}
  all: {use: fuser/glue, take: {texts: [up.upper, $text]}}
outputs: {all: all, count: up.count}
"""
FAULTY = GRAPH.replace("up.upper, $text", "up.uper, $txt").replace("fuser/glue", "fuser/glu")


@pytest.fixture
def toy(tmp_path):
    """A site with the toy plugin."""
    site = tmp_path / "site"
    install_toy(site)
    return site


@pytest.fixture
def shout(tmp_path):
    file = tmp_path / "shout.yaml"
    file.write_text(GRAPH)
    return str(file)


@pytest.fixture
def faulty(tmp_path):
    file = tmp_path / "faulty.yaml"
    file.write_text(FAULTY)
    return str(file)


def told(*argv, **more):
    """What a command that succeeds prints."""
    done = pfy(*argv, **more)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


def told_json(*argv, **more):
    return json.loads(told(*argv, "--json", **more))


def refused(*argv, **more):
    """The message of a command that is refused: on standard error, with exit status 2."""
    done = pfy(*argv, **more)
    assert (done.returncode, done.stdout) == (2, ""), done.stdout
    assert "Traceback" not in done.stderr
    return done.stderr


# Itself -------------------------------------------------------------------------------------------


def test_the_version_is_that_of_the_distribution():
    assert told("--version") == f"pfy {version('pfy-core')}\n"


def test_help_lists_every_command():
    text = told("--help", COLUMNS="100")
    for command in ("narrate", "check", "why", "doctor", "graph", "plugins", "store", "weights"):
        assert f"│ {command} " in text
    assert "Usage: pfy " in text


def test_without_arguments_the_help_is_shown_and_the_status_says_that_nothing_was_done():
    done = pfy()
    assert done.returncode == 2
    assert "Usage: pfy " in done.stdout
    assert done.stderr == ""
    assert "Usage: pfy graph " in pfy("graph").stdout


@pytest.mark.parametrize(
    ("argv", "message", "help_of"),
    [
        (["nothing"], "No such command 'nothing'", "pfy"),
        (["graph", "nothing"], "No such command 'nothing'", "pfy graph"),
        (["check", "portrait", "--nothing"], "No such option: --nothing", "pfy check"),
        (["check"], "Missing argument 'name'", "pfy check"),
        (["check", "portrait", "more"], "unexpected extra argument", "pfy check"),
        (["store", "gc", "--keep", "much"], "Invalid value for '--keep'", "pfy store gc"),
        (["check", "portrait", "--set"], "Option '--set' requires an argument", "pfy"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else None,
)
def test_a_command_line_that_makes_no_sense_is_refused_with_the_help_to_read(argv, message, help_of):
    error = refused(*argv)
    assert message in error
    assert f"see '{help_of} --help'" in error


def test_with_json_errors_are_json_too(faulty, toy):
    error = json.loads(refused("check", "protrait", "--json"))
    assert (error["error"], error["fix"]) == ("InputError", "did you mean 'portrait'?")
    error = json.loads(refused("check", faulty, "--json", site=toy))
    assert error["error"] == "GraphError"
    error = json.loads(refused("check", "--nothing", "--json"))
    assert "--nothing" in error["sends"]


def test_debug_shows_the_traceback_wherever_it_stands():
    for argv in (["--debug", "check", "protrait"], ["check", "protrait", "--debug"]):
        done = pfy(*argv)
        assert done.returncode == 1
        assert "Traceback" in done.stderr
        assert "InputError: no graph is named 'protrait'" in done.stderr


UNEXPECTED = """
import sys
from pfy_core.cli import graphs, main
from pfy_core.graph import Graph
def load(name):
    raise {error}
Graph.load = load
sys.argv = ["pfy", "check", "portrait"{more}]
main()
"""


def test_what_nobody_expected_is_one_message_that_asks_for_a_report():
    done = python("-c", UNEXPECTED.format(error="ZeroDivisionError('oh')", more=""))
    assert (done.returncode, done.stdout) == (1, "")
    assert "something unexpected happened: ZeroDivisionError: oh" in done.stderr
    assert "--debug" in done.stderr
    assert "Traceback" not in done.stderr
    done = python("-c", UNEXPECTED.format(error="ZeroDivisionError('oh')", more=", '--json'"))
    assert "ZeroDivisionError" in json.loads(done.stderr)["sends"]
    assert "Traceback" in python("-c", UNEXPECTED.format(error="OSError('oh')", more=", '--debug'")).stderr


def test_an_interrupted_command_says_so_and_exits_as_shells_expect():
    done = python("-c", UNEXPECTED.format(error="KeyboardInterrupt", more=""))
    assert done.returncode == 130
    assert done.stderr == "pfy: cancelled; nothing was written\n"


@pytest.mark.parametrize("argv", ["graph list", "graph show portrait --json", "--version"])
def test_a_reader_that_goes_away_is_no_error(argv):
    gone, end = os.pipe()
    os.close(gone)
    with os.fdopen(end, "w") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "pfy_core", *argv.split()],
            env=environment(),
            stdout=closed,
            stderr=subprocess.PIPE,
            check=False,
        )
    assert done.stderr == b""


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_gets_a_completion_script_for_pfy(shell):
    code = (
        "import shellingham, sys; shellingham.detect_shell = lambda *_: (sys.argv[1], '')\n"
        "sys.argv = ['pfy', '--show-completion']\nfrom pfy_core.cli import main\nmain()"
    ).replace("sys.argv[1]", repr(shell))
    done = python("-c", code)
    assert done.returncode == 0, done.stderr
    assert f"_PFY_COMPLETE=complete_{shell}" in done.stdout


def test_completion_offers_commands_and_options():
    asked = {"_PFY_COMPLETE": "complete_bash", "COMP_CWORD": "1", "COMP_WORDS": "pfy gr"}
    assert pfy(**asked).stdout.split() == ["graph"]
    asked = {"_PFY_COMPLETE": "complete_bash", "COMP_CWORD": "2", "COMP_WORDS": "pfy check --j"}
    assert pfy(**asked).stdout.split() == ["--json"]


# Graphs -------------------------------------------------------------------------------------------


def test_graph_list_names_every_graph_and_edit():
    text = told("graph", "list")
    found = told_json("graph", "list")
    assert sorted(found["graphs"]) == registry.names("graphs")
    assert sorted(found["edits"]) == registry.names("ablations")
    for name, about in found["graphs"].items():
        assert name in text
        assert about["doc"] in text
        assert all(port in text for port in about["inputs"])
    assert all(f"+{name} " in text for name in found["edits"])


def test_graph_show_tells_components_and_what_travels_between_them(shout, toy):
    text = told("graph", "show", shout, site=toy)
    for part in ("shout", "encoder/upper", "pfy-plugin-toy 1.0", "up.upper", "fuser/glue", "count", "number"):
        assert part in text


def test_graph_show_draws_in_every_format(shout, toy):
    drawn = ET.fromstring(told("graph", "show", shout, "--format", "svg", site=toy))
    assert drawn.tag == "{http://www.w3.org/2000/svg}svg"
    assert told("graph", "show", shout, "-F", "mermaid", site=toy).startswith("flowchart LR\n")
    assert "use: encoder/upper" in told("graph", "show", shout, "-F", "yaml", site=toy)
    found = told_json("graph", "show", shout, site=toy)
    assert {"source": "up", "target": ">count", "port": "", "what": "number"} in found["edges"]
    assert found["problems"] == []
    assert found["nodes"]["up"]["use"] == "encoder/upper"


def test_graph_show_writes_to_a_file(shout, toy, tmp_path):
    out = tmp_path / "out.svg"
    assert told("graph", "show", shout, "-F", "svg", "-o", str(out), site=toy) == ""
    assert ET.parse(out).getroot().tag.endswith("svg")
    assert "cannot be written" in refused(
        "graph", "show", shout, "-o", str(tmp_path / "nothing" / "out"), site=toy
    )


def test_graph_show_of_a_graph_that_cannot_run_shows_it_with_its_problems(faulty, toy):
    text = told("graph", "show", faulty, site=toy)
    assert "not installed" in text
    assert "E101" in text


def test_graph_show_names_the_weights_with_licence_and_whether_they_are_here(tmp_path, toy):
    file = tmp_path / "g.yaml"
    file.write_text(
        GRAPH.replace("fuser/glue, take: {texts: [up.upper, $text]}", "adapter/lookup, take: {text: $text}")
        .replace("adapter/lookup,", "adapter/lookup, with: {table: toy/table},")
    )  # fmt: skip
    line = next(line for line in told("graph", "show", str(file), site=toy).splitlines() if "CC0" in line)
    assert "toy/table" in line
    assert "to be fetched" in line
    assert "commercial use allowed" in line


def test_an_unknown_format_is_refused_with_the_nearest(shout):
    assert "did you mean 'mermaid'" in refused("graph", "show", shout, "-F", "mermayd")


def test_check_says_that_a_graph_can_run(shout, toy):
    assert told("check", shout, site=toy) == "shout: no problems, 2 nodes\n"
    found = told_json("check", shout, site=toy)
    assert found["problems"] == []
    assert found["graph"] == "shout"


def test_check_reports_all_problems_at_once_by_line(faulty, toy):
    error = refused("check", faulty, site=toy)
    assert "graph faulty has" in error or "graph shout has" in error
    assert "E101  line 7, nodes.all.use" in error
    assert "did you mean 'fuser/glue'" in error
    found = json.loads(refused("check", faulty, "--json", site=toy))["problems"]
    assert [(item["code"], item["line"]) for item in found] == [("E101", 7)]
    found = json.loads(refused("check", faulty, "-s", "all=fuser/glue", "--json", site=toy))["problems"]
    assert sorted(item["sends"] for item in found) == ["graph input '$txt'", "output 'uper' of up"]


def test_check_takes_assignments(shout, toy):
    assert told("check", shout, "--set", "up.times=3", site=toy)
    assert "E401" in refused("check", shout, "--set", "up.times=x", site=toy)


# Plugins ------------------------------------------------------------------------------------------


def test_plugins_list_names_each_component_and_sets_a_broken_plugin_aside(toy):
    install(toy, "pfy-plugin-bad", "pfy_plugin_bad", {"pfy.json": "{"})
    text = told("plugins", "list", site=toy)
    assert "encoder/upper" in text
    assert "A text in capitals" in text
    assert any("pfy-plugin-bad" in line and "set aside" in line for line in text.splitlines())
    found = told_json("plugins", "list", site=toy)["plugins"]
    assert "encoder/upper" in found["pfy-plugin-toy"]["components"]
    assert "not JSON" in found["pfy-plugin-bad"]["broken"]


def test_plugins_show_describes_ports_and_options(toy):
    text = told("plugins", "show", "encoder/upper", site=toy)
    for part in (
        "pfy-plugin-toy 1.0",
        "upper",
        "count",
        "number",
        "times",
        "Literal['!', '?']",
    ):
        assert part in text
    (found,) = told_json("plugins", "show", "encoder/upper", site=toy)["components"]
    assert [port["name"] for port in found["outputs"]] == ["upper", "count"]
    found = told_json("plugins", "show", "pfy-plugin-toy", site=toy)["components"]
    assert {item["id"] for item in found} == {
        *("encoder/upper", "decoder/letters", "fuser/glue", "adapter/lookup")
    }
    assert "did you mean 'encoder/upper'" in refused("plugins", "show", "encoder/uper", site=toy)


def test_plugins_manifest_writes_checks_and_refuses(toy):
    file = toy / TOY / "pfy.json"
    before = file.read_text()
    assert "is up to date" in told("plugins", "manifest", TOY, site=toy)
    file.unlink()
    assert "is not what the code says" in refused("plugins", "manifest", TOY, "--check", site=toy)
    assert not file.exists()
    assert "written" in told("plugins", "manifest", TOY, site=toy)
    assert file.read_text() == before
    assert "cannot be imported" in refused("plugins", "manifest", "nothing_like_this")


def test_a_plugins_command_is_listed_called_and_shields_the_others(toy):
    assert "Say hello." in told("--help", site=toy)
    assert told("toy-hello", "--name", "you all", site=toy) == "hello you all\n"
    (toy / TOY / "hooks.py").write_text("raise RuntimeError('broken')")
    assert "Say hello." in told("--help", site=toy)
    assert "hooks of pfy-plugin-toy cannot be used: broken" in refused("toy-hello", site=toy)


def test_strict_turns_a_broken_plugin_into_an_error(toy):
    broken = manifest(component("encoder/x", "nowhere:X")).replace('"schema": 1', '"schema": 99')
    install(toy, "pfy-plugin-bad", "pfy_plugin_bad", {"pfy.json": broken})
    assert "schema 99" in refused("plugins", "list", site=toy, PFY_STRICT="1")


# Kept results -------------------------------------------------------------------------------------


def run(*assignments):
    with Runner(toys.sums().set(*assignments), catalogue=toys.catalogue(), store=Store())(
        {"text": "a b"}
    ) as going:
        going.wait()


def test_why_prints_which_part_of_the_key_changed():
    assert "no run is on record" in refused("why", "scale")
    run()
    assert "there is no earlier run" in told("why", "scale")
    run("scale.by=3")
    text = told("why", "scale")
    assert text.startswith("scale of sums: stored, ")
    assert "config.by: 2.0 -> 3.0" in text
    assert "nothing it depends on has changed" in told("why", "embed")
    found = told_json("why", "scale")
    assert found["changed"] == {"config.by": [2.0, 3.0]}
    assert "did you mean 'scale'" in refused("why", "scal")


def test_store_lists_verifies_and_collects():
    assert told_json("store", "ls") == []
    run()
    found = told_json("store", "ls")
    assert {item["component"] for item in found} == {"encoder/embed", "encoder/scale", "encoder/total"}
    assert all(item["bytes"] > 0 for item in found)
    text = told("store", "ls")
    assert "encoder/scale" in text
    assert "3 results" in text
    assert told_json("store", "verify") == {"checked": 3, "damaged": []}
    entry = next(entry for entry in Store().entries() if entry.meta["fields"]["component"] == "encoder/scale")
    (entry.folder / "0.json").write_text("{}")
    assert told_json("store", "verify") == {"checked": 3, "damaged": [entry.folder.name]}
    assert "2 results checked, 0 damaged" in told("store", "verify")
    assert told_json("store", "gc") == {"removed": 0, "bytes": 0}
    assert told("store", "gc", "--keep", "0").startswith("2 results removed")
    assert told_json("store", "ls") == []


def test_a_store_limit_that_is_no_number_is_refused():
    assert "megabytes" in refused("store", "gc", PFY_STORE_LIMIT="much")


# Weights ------------------------------------------------------------------------------------------


def test_weights_list_says_licence_and_presence_and_path_where_a_file_belongs():
    known = weights.entries(Catalogue())
    name, item = next(iter(known.items()))
    found = told_json("weights", "list")
    assert set(known) <= set(found)
    assert found[name]["licence"] == item.licence
    assert found[name]["present"] is False
    text = told("weights", "list")
    assert all(key in text for key in known)
    assert told("weights", "path", name).strip() == found[name]["path"]
    assert told_json("weights", "path", name) == {"path": found[name]["path"], "present": False}
    assert found[name]["path"].startswith(str(paths.home()))
    assert f"did you mean '{name}'" in refused("weights", "path", name[:-1])
    assert f"did you mean '{name}'" in refused("weights", "pull", name[:-1])


def test_weights_that_may_not_be_fetched_say_where_to_put_them():
    name = next(iter(weights.entries(Catalogue())))
    error = refused("weights", "pull", name, PFY_OFFLINE="1")
    assert name in error
    assert "PFY_OFFLINE" in error


def test_weights_that_cannot_be_fetched_are_told_together():
    one, other = list(weights.entries(Catalogue()))[:2]
    error = refused("weights", "pull", one, other, PFY_OFFLINE="1")
    assert "2 of 2 could not be fetched" in error
    assert one in error
    assert other in error


def test_weights_verify_finds_a_file_that_is_not_what_its_name_promises():
    assert told_json("weights", "verify") == {"checked": [], "wrong": [], "recorded": []}
    name, item = next(iter(weights.entries(Catalogue()).items()))
    item.cached.parent.mkdir(parents=True)
    item.cached.write_bytes(bytes(item.size))
    done = pfy("weights", "verify")
    assert done.returncode == 2
    assert name in done.stderr
    assert str(item.cached) in done.stderr


def test_weights_verify_records_a_sha256_that_nobody_knew_and_holds_the_file_to_it():
    item = weights.entry("p4y/released", Catalogue())
    item.cached.parent.mkdir(parents=True)
    item.cached.write_bytes(b"one")
    assert told_json("weights", "verify")["recorded"] == ["p4y/released"]
    assert told_json("weights", "verify") == {"checked": ["p4y/released"], "wrong": [], "recorded": []}
    item.cached.write_bytes(b"two")
    assert pfy("weights", "verify").returncode == 2


def test_weights_import_refuses_what_is_none_of_the_known_and_writes_nothing(tmp_path):
    (tmp_path / "other.bin").write_bytes(b"something else")
    assert "is no checkpoint" in refused("weights", "import", str(tmp_path / "other.bin"))
    (tmp_path / "eight.tflite").write_bytes(bytes(8))
    error = refused("weights", "import", str(tmp_path / "eight.tflite"), "--as", "face-mesh/person")
    assert "8 bytes are not" in error
    assert not (paths.home() / "weights").exists()
