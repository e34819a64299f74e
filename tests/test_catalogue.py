"""Discovery without imports, plugins set aside, and loading."""

import json
import sys

import pytest
import toys
from hypothesis import given
from hypothesis import strategies as st
from installing import TOY, component, install, install_toy, manifest, pfy, python, toy_manifest

from pfy_core import Graph, Runner, weights
from pfy_core import check as checks
from pfy_core.catalogue import Catalogue, installed
from pfy_core.errors import PluginError

EXPLODES = "raise SystemError('imported')\n"


def found(only="toy"):
    return Catalogue.discover().plugins[f"pfy-plugin-{only}"]


def test_installed_components_are_found_with_plugin_and_version(site):
    install_toy(site)
    made = Catalogue.discover()
    assert made.plugins["pfy-plugin-toy"].broken == ""
    spec = made.spec("encoder/upper")
    assert (spec.plugin, spec.version, spec.target) == ("pfy-plugin-toy", "1.0", f"{TOY}.parts:Upper")
    assert {id for id, item in made.components.items() if item.plugin == "pfy-plugin-toy"} == {
        *("encoder/upper", "decoder/letters", "fuser/glue", "adapter/lookup")
    }


def test_the_core_brings_components_like_any_plugin():
    assert Catalogue.discover().spec("adapter/resample").plugin == "pfy-core"


def test_a_component_is_imported_when_it_is_loaded_and_not_before(site):
    install_toy(site)
    made = Catalogue.discover()
    assert not [name for name in sys.modules if name.startswith(TOY)]
    assert made.load("encoder/upper").__name__ == "Upper"
    assert f"{TOY}.parts" in sys.modules
    assert made.load("encoder/upper") is made.load("encoder/upper")


def test_an_installed_plugin_runs(site):
    install_toy(site)
    graph = (
        Graph("g")
        .input("text", "text")
        .add("up", "encoder/upper", {"times": 2}, text="$text")
        .output(x="up.upper", n="up.count")
    )
    with Runner(graph)({"text": "ab"}) as run:
        assert (run["x"], run["n"]) == ("ABAB!", 2)


LOOK = """
import sys
from pfy_core.catalogue import installed
from pfy_core import Graph
from pfy_core.check import check
made = installed()
graph = Graph("g").input("text", "text").add("up", "encoder/upper", {"times": "x"}, text="$text")
graph = graph.output(x="up.upper")
print([problem.code for problem in check(graph)])
print(sorted(name for name in sys.modules if name.startswith(("pfy_plugin", "numpy", "torch"))))
"""


def test_discovery_and_check_import_no_plugin_and_no_numpy(tmp_path):
    root = install_toy(tmp_path)
    for file in root.glob("*.py"):
        file.write_text(EXPLODES)
    done = python("-c", LOOK, site=tmp_path)
    assert done.stdout == "['E401']\n[]\n", done.stderr


# Quarantine ---------------------------------------------------------------------------------------


def test_a_plugin_with_a_syntax_error_is_listed_and_fails_when_loaded(site):
    root = install_toy(site)
    (root / "parts.py").write_text("def broken(:\n")
    made = Catalogue.discover()
    assert not made.plugins["pfy-plugin-toy"].broken
    with pytest.raises(
        PluginError, match="encoder/upper of pfy-plugin-toy cannot be imported: SyntaxError"
    ) as caught:
        made.load("encoder/upper")
    assert isinstance(caught.value.__cause__, SyntaxError)
    assert "pfy-plugin-toy" in caught.value.fix


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("import nothing_like_this", "ModuleNotFoundError"),
        ("1 / 0", "ZeroDivisionError"),
        ("", "AttributeError"),
        (EXPLODES, "SystemError"),
    ],
)
def test_a_plugin_that_fails_when_imported_is_an_error_with_its_cause(site, code, name):
    (install_toy(site) / "parts.py").write_text(code)
    with pytest.raises(PluginError, match=name) as caught:
        Catalogue.discover().load("encoder/upper")
    assert type(caught.value.__cause__).__name__ == name


def test_a_plugin_that_fails_to_import_fails_the_run_with_that_error(site):
    (install_toy(site) / "parts.py").write_text("1 / 0")
    graph = Graph("g").input("text", "text").add("up", "encoder/upper", text="$text").output(x="up.upper")
    with Runner(graph)({"text": "a"}) as run, pytest.raises(PluginError, match="ZeroDivisionError"):
        run["x"]


def test_a_plugin_without_manifest_is_set_aside(site):
    install(site, "pfy-plugin-toy", TOY, {})
    assert "pfy.json is missing" in found().broken
    assert "pfy plugins manifest" in found().broken


OPTION = {"name": "size", "type": "int", "default": 1}


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ('{"schema": 1, "components": [}', "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "no JSON object"),
        ("3", "no JSON object"),
        ("{}", "no schema number"),
        ('{"schema": "1", "components": []}', "no schema number"),
        ('{"schema": 2, "components": []}', "schema 2"),
        ('{"schema": 1}', "malformed"),
        ('{"schema": 1, "components": 3}', "malformed"),
        ('{"schema": 1, "components": null}', "malformed"),
        ('{"schema": 1, "components": ["a"]}', "malformed"),
        ('{"schema": 1, "components": [{}]}', "malformed"),
        (manifest(component("encoder/x", "m:C", inputs=[{"name": "a"}])), "malformed"),
        (
            manifest(component("encoder/x", "m:C", config=[{"name": "a", "type": "int", "colour": "red"}])),
            "malformed",
        ),
        *(
            (manifest(component("encoder/x", "m:C", config=[OPTION | {"name": name}])), "malformed")
            for name in ("", "two words", "class", "3d")
        ),
        (manifest(component("encoder/x", "m:C", config=[OPTION, OPTION])), "malformed"),
        (manifest(component("encoder/x", "m:C", inputs=[{"name": "", "kind": "text"}])), "malformed"),
        (manifest(component(3, "m:C")), "malformed"),
        (manifest(component("encoder/x", None)), "malformed"),
        (manifest(component("encoder/x", "m:C", inputs=[{"name": "a", "kind": 3}])), "malformed"),
        (
            manifest(component("encoder/x", "m:C", outputs=[{"name": "a", "kind": "a", "dims": 3}])),
            "malformed",
        ),
        (manifest(component("encoder/x", "m:C"), weights=[]), "malformed"),
        (manifest(component("encoder/x", "m:C"), weights={"a": 3}), "malformed"),
        (manifest(component("encoder/x", "m:C"), weights={"a": {}}), "malformed"),
        (manifest(component("encoder/x", "m:C"), weights={"a": {"file": "a", "sources": [3]}}), "malformed"),
        (manifest(component("encoder/x", "m:C"), weights={"a": {"file": "a", "size": "big"}}), "malformed"),
        (manifest(component("encoder/x", "m:C"), hooks={}), "malformed"),
        (manifest(component("encoder/x", "m:C"), hooks=3), "malformed"),
        (manifest(component("encoder/x", "m:C"), commands=["a"]), "malformed"),
        (manifest(component("encoder/x", "m:C"), commands={"hello": "x"}), "malformed"),
    ],
)
def test_a_plugin_with_a_manifest_that_cannot_be_used_is_set_aside(site, text, reason):
    install(site, "pfy-plugin-toy", TOY, {"pfy.json": text})
    made = Catalogue.discover()
    plugin = made.plugins["pfy-plugin-toy"]
    assert reason in plugin.broken
    assert isinstance(plugin.cause, PluginError)
    assert made.broken() == [plugin]
    assert "encoder/x" not in made.components
    assert checks.check(toys.speech(), made)
    assert weights.entries(made)


def test_a_newer_manifest_says_what_to_upgrade(site):
    install(site, "pfy-plugin-toy", TOY, {"pfy.json": '{"schema": 7, "components": []}'})
    assert "pip install -U pfy-core" in found().broken


@pytest.mark.parametrize("what", ["folder", "bytes"])
def test_a_manifest_that_cannot_be_read_is_set_aside(site, what):
    root = install(site, "pfy-plugin-toy", TOY, {})
    if what == "folder":
        (root / "pfy.json").mkdir()
    else:
        (root / "pfy.json").write_bytes(b"\xff\xfe\x00")
    assert found().broken


def test_a_plugin_whose_package_is_gone_is_set_aside(site):
    root = install_toy(site)
    for file in root.iterdir():
        file.unlink()
    root.rmdir()
    assert "cannot be found" in found().broken


def test_a_plugin_that_is_a_single_module_is_set_aside(site):
    install_toy(site)
    for file in (site / TOY).iterdir():
        file.unlink()
    (site / TOY).rmdir()
    (site / f"{TOY}.py").write_text(EXPLODES)
    assert "cannot be found" in found().broken


def test_a_package_inside_another_is_set_aside_and_that_not_imported(site):
    install(site, "pfy-plugin-toy", TOY, {"__init__.py": EXPLODES})
    (site / TOY / "inner").mkdir()
    (site / "pfy_plugin_toy-1.0.dist-info" / "entry_points.txt").write_text(
        f"[pfy.plugins]\ntoy = {TOY}.inner\n"
    )
    assert "names a top-level package" in found().broken
    assert TOY not in sys.modules


def test_two_plugins_that_claim_one_component_leave_it_to_the_first(site):
    install_toy(site)
    install(
        site,
        "pfy-plugin-zoo",
        "pfy_plugin_zoo",
        {
            "pfy.json": manifest(
                component("encoder/upper", "pfy_plugin_zoo:Z"), component("encoder/zebra", "z:Z")
            )
        },
    )
    made = Catalogue.discover()
    assert made.spec("encoder/upper").plugin == "pfy-plugin-toy"
    assert "encoder/upper is already brought by pfy-plugin-toy" in made.plugins["pfy-plugin-zoo"].broken
    assert "encoder/zebra" not in made.components
    with pytest.raises(
        PluginError, match=r"pfy-plugin-zoo brings it but is set aside: encoder/upper is already"
    ):
        made.spec("encoder/zebra")


def test_one_broken_plugin_leaves_the_others_alone(site):
    install_toy(site)
    install(site, "pfy-plugin-bad", "pfy_plugin_bad", {})
    made = Catalogue.discover()
    assert [plugin.name for plugin in made.broken()] == ["pfy-plugin-bad"]
    assert "encoder/upper" in made.components


data = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda i: st.lists(i, max_size=2) | st.dictionaries(st.text(max_size=5), i, max_size=2),
    max_leaves=4,
)


def places(value, path=()):
    yield path
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in pairs:
        yield from places(item, (*path, key))


@given(data_=st.data())
def test_a_manifest_with_any_part_replaced_never_stops_the_host(data_, tmp_path_factory):
    text = json.loads(toy_manifest())
    path = data_.draw(st.sampled_from([path for path in places(text) if path]))
    part = text
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = data_.draw(data)
    site = tmp_path_factory.mktemp("site")
    install(site, "pfy-plugin-toy", TOY, {"pfy.json": json.dumps(text)})
    sys.path.insert(0, str(site))
    try:
        made = Catalogue.discover()
    finally:
        sys.path.remove(str(site))
    weights.entries(made)
    made.advice("encoder/upper")
    graph = (
        Graph("g")
        .input("text", "text")
        .add("up", "encoder/upper", text="$text")
        .add("l", "adapter/lookup", text="up.upper")
        .output(x="l")
    )
    checks.check(graph, made)


# Settings -----------------------------------------------------------------------------------------


def test_an_allow_list_names_plugins_by_either_name(site, monkeypatch):
    install_toy(site)
    install(site, "pfy-plugin-bad", "pfy_plugin_bad", {})
    for allowed in ("pfy-plugin-toy", "toy", "nothing, toy"):
        monkeypatch.setenv("PFY_PLUGINS", allowed)
        assert set(Catalogue.discover().plugins) == {"pfy-plugin-toy"}
    monkeypatch.setenv("PFY_PLUGINS", "")
    assert not Catalogue.discover().components


def test_strict_raises_instead_of_setting_aside(site, monkeypatch):
    install(site, "pfy-plugin-bad", "pfy_plugin_bad", {})
    assert installed().broken()
    monkeypatch.setenv("PFY_STRICT", "1")
    with pytest.raises(PluginError, match=r"pfy.json is missing"):
        installed(refresh=True)
    done = pfy("plugins", "list", site=site, PFY_STRICT="1")
    assert done.returncode == 2
    assert "pfy.json is missing" in done.stderr


def test_the_catalogue_of_a_process_is_read_once(site):
    first = installed()
    install_toy(site)
    assert installed() is first
    assert "encoder/upper" in installed(refresh=True).components


# A session's own classes --------------------------------------------------------------------------


def test_a_class_of_the_session_replaces_an_installed_one(site):
    install_toy(site)
    made = Catalogue.discover()

    class Upper(toys.Embed, name="upper"): ...

    made.add(Upper)
    assert made.load("encoder/upper") is Upper
    assert made.spec("encoder/upper").plugin == ""


def test_an_unknown_component_gets_the_nearest():
    with pytest.raises(PluginError, match="did you mean 'encoder/scale'"):
        toys.catalogue().spec("encoder/scal")
    with pytest.raises(PluginError, match="pfy plugins list"):
        toys.catalogue().spec("zzz")


# Code ---------------------------------------------------------------------------------------------


def test_the_code_digest_is_of_every_module_of_the_package(tmp_path, monkeypatch):
    digests = []
    for index, change in enumerate([None, None, "parts.py", "hooks.py", "new.py"]):
        site = tmp_path / str(index)
        root = install_toy(site)
        if change:
            with (root / change).open("a") as file:
                file.write("# changed\n")
        monkeypatch.syspath_prepend(str(site))
        digests.append(Catalogue.discover().code_digest("encoder/upper"))
    assert digests[0] == digests[1]
    assert len(set(digests)) == 4
    assert all(len(digest) == 64 for digest in digests)


def test_a_class_of_the_session_has_the_digest_of_its_file():
    made = toys.catalogue()
    assert made.code_digest("encoder/scale") == made.code_digest("encoder/embed") != ""
