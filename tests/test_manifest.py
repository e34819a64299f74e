"""Manifests: generated from the code, and equal to it."""

import json
from importlib import import_module

import pytest
from installing import ROOT, TOY, install, install_toy, pfy, sources, toy_manifest

from pfy_core import health, manifest
from pfy_core.catalogue import Catalogue
from pfy_core.component import describe
from pfy_core.errors import PluginError


def test_the_manifest_is_what_the_code_says(site):
    root = install_toy(site)
    assert manifest.text(manifest.build(TOY)) == (root / "pfy.json").read_text()
    made = Catalogue.discover()
    for spec in made.components.values():
        if spec.plugin == "pfy-plugin-toy":
            assert describe(made.load(spec.id)) == spec


@pytest.mark.parametrize(
    "package", ["pfy_core", *(path.name for path in ROOT.glob("plugins/*/pfy_plugin_*"))]
)
def test_the_manifests_of_this_repository_are_what_their_code_says(package):
    made = pytest.importorskip(package)
    if missing := list(health.unmet(package.replace("_", "-"))):
        pytest.skip(f"checked in another session: {package} needs {missing[0][0]}")
    file = manifest.Path(made.__file__).parent / manifest.FILE
    assert manifest.text(manifest.build(package)) == file.read_text(encoding="utf-8")


def test_a_manifest_lists_ports_config_weights_hooks_and_commands():
    data = json.loads(toy_manifest())
    by_id = {item["id"]: item for item in data["components"]}
    assert (
        list(by_id) == sorted(by_id) == ["adapter/lookup", "decoder/letters", "encoder/upper", "fuser/glue"]
    )
    upper = by_id["encoder/upper"]
    assert upper["doc"] == "A text in capitals."
    assert [port["name"] for port in upper["outputs"]] == ["upper", "count"]
    assert upper["config"] == [
        {"name": "times", "type": "int", "default": 1},
        {"name": "mark", "type": "Literal['!', '?']", "default": "!"},
        {"name": "sizes", "type": "tuple[int, ...]", "default": [1, 2]},
    ]
    assert by_id["decoder/letters"]["seeded"]
    assert by_id["decoder/letters"]["outputs"][0]["stream"]
    assert by_id["fuser/glue"]["inputs"] == [
        {"name": "texts", "kind": "text", "optional": True, "variadic": True}
    ]
    lookup = by_id["adapter/lookup"]
    assert lookup["config"][0] == {
        "name": "table",
        "type": "str",
        "default": None,
        "required": True,
        "weights": "required",
    }
    assert lookup["config"][1]["weights"] == "optional"
    assert lookup["inputs"][1] == {
        "name": "level",
        "kind": "audio.level",
        "dims": "t",
        "dtype": "float32",
        "rate": 100,
        "range": [0, 1],
        "optional": True,
    }
    assert data["weights"]["toy/table"]["file"] == "table.txt"
    assert data["hooks"] == {"module": f"{TOY}.hooks", "names": ["pfy_cli", "pfy_node", "pfy_record"]}
    assert data["commands"] == {"toy-hello": "Say hello."}


def test_a_class_that_is_only_imported_is_not_listed(site):
    install(site, "pfy-plugin-toy", TOY, sources() | {"more.py": "from pfy_plugin_toy.parts import Upper\n"})
    assert manifest.text(manifest.build(TOY)) == toy_manifest()


def test_the_command_line_says_whether_a_manifest_is_up_to_date(tmp_path):
    root = install_toy(tmp_path)
    assert pfy("plugins", "manifest", TOY, "--check", site=tmp_path).returncode == 0
    with (root / "parts.py").open("a") as file:
        file.write("\n\nclass Lower(Upper, name='lower'):\n    pass\n")
    done = pfy("plugins", "manifest", TOY, "--check", site=tmp_path)
    assert done.returncode == 2
    assert "pfy plugins manifest" in done.stderr
    assert pfy("plugins", "manifest", TOY, site=tmp_path).returncode == 0
    assert '"encoder/lower"' in (root / "pfy.json").read_text()


def test_an_annotation_that_is_not_understood_names_file_and_line(site):
    code = (
        "from pfy_core import Encoder\n\n\n"
        "class Bad(Encoder, name='bad'):\n    def __call__(self, wave: list) -> int: ...\n"
    )
    root = install(site, "pfy-plugin-toy", TOY, {"parts.py": code})
    with pytest.raises(PluginError, match=rf"{root}/parts.py:5: Bad: wave"):
        manifest.build(TOY)


def test_two_components_of_one_name_are_told_with_both_places(site):
    code = (
        "from pfy_core import Encoder, Port\nfrom typing import Annotated\n"
        "Text = Annotated[str, Port('text')]\n"
        "class One(Encoder, name='same'):\n    def __call__(self, a: Text) -> Text: ...\n"
        "class Two(Encoder, name='same'):\n    def __call__(self, a: Text) -> Text: ...\n"
    )
    root = install(site, "pfy-plugin-toy", TOY, {"parts.py": code})
    file = root / "parts.py"
    with pytest.raises(PluginError, match=rf"{file}:6: Two is encoder/same, and so is One in {file}:4"):
        manifest.build(TOY)


@pytest.mark.parametrize(
    ("change", "sends", "wants"),
    [
        (('"kind": "text"', '"kind": 3'), r"components[0].inputs[0].kind is 3", "str"),
        (('"seeded": true', '"seeded": "yes"'), "components[1].seeded is 'yes'", "bool"),
        (('"doc": "A text in capitals."', '"words": ""'), "components[2].doc is nothing", "str"),
        (('"rate": 100', '"rate": []'), "components[0].inputs[1].rate is []", "int or float or str"),
        (('"config": []', '"config": {}'), "components[1].config is {}", "a list"),
        (('"names": [', '"names": {"a": 1}, "more": ['), "hooks.names is {'a': 1}", "a list"),
    ],
)
def test_a_malformed_manifest_is_told_with_file_line_and_what_is_wanted(site, change, sends, wants):
    root = install_toy(site)
    before = toy_manifest()
    text = before.replace(*change, 1)
    assert text != before
    (root / "pfy.json").write_text(text)
    line = next(
        n for n, (a, b) in enumerate(zip(before.split("\n"), text.split("\n"), strict=False), 1) if a != b
    )
    with pytest.raises(PluginError) as caught:
        manifest.read(root / "pfy.json")
    place, _, rest = caught.value.sends.partition(": ")
    assert rest == f"pfy.json is malformed: {sends}"
    assert caught.value.wants == wants
    assert "pfy plugins manifest" in caught.value.fix
    file, _, said = place.rpartition(":")
    assert file == str(root / "pfy.json")
    around = json.dumps(json.loads(text)["components"][2], indent=1).splitlines()[0]
    assert int(said) == line or (
        sends.endswith("nothing") and text.split("\n")[int(said) - 1].strip() == around
    )


def test_a_manifest_that_is_no_json_is_told_with_its_line(site):
    root = install(site, "pfy-plugin-toy", TOY, {"pfy.json": '{\n"schema": 1,\n"components": [}\n'})
    with pytest.raises(PluginError, match=rf"^{root}/pfy.json:3: "):
        manifest.read(root / "pfy.json")


@pytest.mark.parametrize("code", ["import nothing_like_this", "def broken(:", "1 / 0"])
def test_a_package_that_cannot_be_imported_is_a_plugin_error_with_file_and_line(site, code):
    root = install(site, "pfy-plugin-toy", TOY, {"parts.py": f"ok = 1\n{code}"})
    with pytest.raises(PluginError, match=rf"^{root}/parts.py:2: {TOY} cannot be imported") as caught:
        manifest.build(TOY)
    assert caught.value.__cause__ is not None


def test_a_name_that_is_no_package_is_a_plugin_error():
    for name in ("nothing_like_this", "json.decoder"):
        with pytest.raises(PluginError):
            manifest.build(name)


def test_weights_that_are_not_yaml_are_a_plugin_error(site):
    install(site, "pfy-plugin-toy", TOY, {"weights.yaml": "a: ["})
    with pytest.raises(PluginError, match=r"weights\.yaml"):
        manifest.build(TOY)


def test_a_target_points_at_its_class(site):
    install_toy(site)
    for item in json.loads(toy_manifest())["components"]:
        module, _, name = item["target"].partition(":")
        assert getattr(import_module(module), name).id == item["id"]
