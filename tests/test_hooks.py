"""Every hook, tried by a plugin that is really installed."""

import pytest
import toys
from installing import TOY, install, install_toy, manifest, pfy, python, sources

from pfy_core import Encoder, Graph, Runner, hookimpl, hooks
from pfy_core import catalogue as catalogues
from pfy_core.catalogue import Catalogue
from pfy_core.errors import PluginError

GRAPH = Graph("g").input("text", "text").add("up", "encoder/upper", text="$text").output(x="up.upper")


def with_hooks(site, code, names):
    """The toy plugin with another hooks module."""
    import json

    from installing import toy_manifest

    root = install(site, "pfy-plugin-toy", TOY, sources() | {"hooks.py": code})
    data = json.loads(toy_manifest()) | {"hooks": {"module": f"{TOY}.hooks", "names": names}, "commands": {}}
    (root / "pfy.json").write_text(json.dumps(data))
    return root


def test_pfy_cli_adds_a_command_that_help_lists_and_that_runs(tmp_path):
    install_toy(tmp_path)
    listed = pfy("--help", site=tmp_path)
    assert "toy-hello" in listed.stdout
    assert "Say hello." in listed.stdout
    ran = pfy("toy-hello", "--name", "Ada", site=tmp_path)
    assert (ran.returncode, ran.stdout) == (0, "hello Ada\n"), ran.stderr


def test_help_imports_no_hooks(tmp_path):
    (install_toy(tmp_path) / "hooks.py").write_text("raise SystemError('imported')")
    assert "toy-hello" in pfy("--help", site=tmp_path).stdout
    called = pfy("toy-hello", site=tmp_path)
    assert called.returncode == 2
    assert "hooks of pfy-plugin-toy cannot be used" in called.stderr
    assert "Traceback" not in called.stderr


def test_pfy_node_wraps_every_node(site, tmp_path, monkeypatch):
    install_toy(site)
    log = tmp_path / "log"
    monkeypatch.setenv("TOY_LOG", str(log))
    graph = GRAPH.add("glue", "fuser/glue", texts=["up.upper", "$text"]).output(y="glue")
    with Runner(graph)({"text": "a"}) as run:
        assert run["y"] == "A!a"
    assert log.read_text() == "up encoder/upper Pair\nglue fuser/glue str\n"


def test_pfy_node_sees_an_error_and_lets_it_pass(site, monkeypatch):
    code = (
        "from pfy_core import hookimpl\nSEEN = []\n"
        "@hookimpl(wrapper=True)\ndef pfy_node(node, spec, call):\n"
        "    try:\n        return (yield)\n"
        "    except Exception as error:\n        SEEN.append(error)\n        raise\n"
    )
    with_hooks(site, code, ["pfy_node"])
    made = Catalogue.discover()

    class Broken(Encoder, name="broken"):
        def __call__(self, text: toys.Text) -> toys.Text:
            raise ValueError("it broke")

    made.add(Broken)
    graph = GRAPH.add("b", "encoder/broken", text="up.upper").output(b="b")
    with Runner(graph, catalogue=made)({"text": "a"}) as run, pytest.raises(Exception, match="it broke"):
        run["b"]
    import pfy_plugin_toy.hooks

    assert [str(error) for error in pfy_plugin_toy.hooks.SEEN] == ["it broke"]


def test_hooks_of_plugins_that_the_graph_does_not_use_stay_out(site):
    (install_toy(site) / "hooks.py").write_text("raise SystemError('imported')")
    found, _ = toys.results(toys.sums(), {"text": "a"}, toys.catalogue())
    assert found == {"total": 12}
    with pytest.raises(PluginError, match="hooks of pfy-plugin-toy"):
        Runner(GRAPH)


def test_pfy_record_adds_to_a_record(site):
    install_toy(site)
    made = hooks.manager(Catalogue.discover(), [Catalogue.discover().spec("encoder/upper")])
    record = {"id": "x"}
    made.hook.pfy_record(record=record)
    assert record == {"id": "x", "toy": "was here"}


def test_pfy_executor_stands_for_a_component_where_the_place_says(site):
    code = (
        "from pfy_core import hookimpl\n@hookimpl\ndef pfy_executor(component, config, place):\n"
        "    if place['executor'] == 'far':\n        made = component(**config)\n"
        "        return lambda **given: made(given['text'] + ' from far')\n"
    )
    with_hooks(site, code, ["pfy_executor"])
    with Runner(GRAPH.set("up.place.executor=far"))({"text": "a"}) as run:
        assert run["x"] == "A FROM FAR!"
    with (
        Runner(GRAPH.set("up.place.executor=farther"))({"text": "a"}) as run,
        pytest.raises(PluginError, match="no executor 'farther'"),
    ):
        run["x"]


@pytest.mark.parametrize(
    "code",
    [
        "import nothing_like_this",
        "1 / 0",
        "def broken(:",
        "from pfy_core import hookimpl\n@hookimpl\ndef pfy_nothing(): ...",
        "from pfy_core import hookimpl\n@hookimpl\ndef pfy_node(node, colour): ...",
    ],
)
def test_hooks_that_cannot_be_used_are_an_error_that_names_the_plugin(site, code):
    with_hooks(site, code, [])
    with pytest.raises(PluginError, match="hooks of pfy-plugin-toy cannot be used") as caught:
        Runner(GRAPH)
    assert caught.value.__cause__ is not None


def test_a_graph_without_hooks_calls_its_components_directly():
    assert not Runner(toys.sums(), catalogue=toys.catalogue()).traced


def test_the_hooks_of_a_module_are_listed():
    import types

    module = types.ModuleType("mine")

    @hookimpl
    def pfy_record(record): ...

    module.pfy_record = pfy_record
    assert hooks.implemented(module) == ["pfy_record"]
    assert hooks.commands(module) == {}


def test_every_hook_is_documented():
    names = [name for name in vars(hooks.Specs) if name.startswith("pfy_")]
    assert names == ["pfy_cli", "pfy_node", "pfy_executor", "pfy_record"]
    assert all(getattr(hooks.Specs, name).__doc__ for name in names)


def test_a_command_may_not_take_the_name_of_one_of_pfys_own(tmp_path):
    install(
        tmp_path,
        "pfy-plugin-toy",
        TOY,
        {"pfy.json": manifest(hooks={"module": f"{TOY}.hooks", "names": []}, commands={"check": "x"})},
    )
    done = pfy("check", "portrait", "--json", site=tmp_path)
    assert done.returncode in (0, 2)
    assert "no problems" in done.stdout or "problems" in done.stdout + done.stderr


def test_importing_the_hooks_module_loads_no_numpy():
    assert python("-c", "import pfy_core.hooks, sys; assert 'numpy' not in sys.modules").returncode == 0
    assert catalogues.GROUP == "pfy.plugins"
