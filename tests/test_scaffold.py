"""What ``pfy plugins new`` writes works as it is, and what it refuses leaves nothing behind."""

import json
import os
import re
import shutil
import wave

import numpy as np
import pytest
from installing import install, pfy, python

from pfy_core import manifest, scaffold
from pfy_core.catalogue import Catalogue
from pfy_core.errors import InputError, OutputError

ADVICE = "pfy plugins new"


@pytest.fixture
def made(tmp_path):
    """Write a plugin; returns its folder."""

    def make(role, name="my-own"):
        plan = scaffold.plan(name, role, tmp_path, Catalogue.discover())
        scaffold.write(plan)
        return plan.folder

    return make


def installed(folder):
    """The site that ``pip install`` of a written plugin leaves, in short."""
    site = folder.parent / "site"
    (package,) = folder.glob("pfy_plugin_*")
    root = install(site, folder.name, package.name, {})
    shutil.copytree(package, root, dirs_exist_ok=True)
    return site


def recording(path, hertz):
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes((9000 * np.sin(np.arange(16_000) * hertz / 2546)).astype("<i2").tobytes())


@pytest.mark.parametrize("role", scaffold.ROLES)
def test_a_written_plugin_is_found_fits_its_graph_and_does_what_its_readme_says(made, role):
    folder = made(role)
    site = installed(folder)
    shown = pfy("plugins", "show", f"{role}/my-own", site=site)
    assert "out" in shown.stdout, shown.stderr
    assert pfy("plugins", "manifest", "pfy_plugin_my_own", "--check", site=site).returncode == 0
    assert pfy("check", "graph.yaml", site=site, cwd=folder).returncode == 0
    for name, hertz in {"speech": 200, "made": 200, "filmed": 300}.items():
        recording(folder / f"{name}.wav", hertz)
    if role == "dataset":
        shutil.copytree(folder / "pfy_plugin_my_own" / "examples", folder / "clips")
    (code,) = re.findall(r"```python\n(.*?)```", (folder / "README.md").read_text(), re.DOTALL)
    done = python("-c", code, site=site, cwd=folder)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip()


def test_a_written_decoder_fits_the_slot_that_its_readme_names(made):
    folder = made("decoder")
    readme = (folder / "README.md").read_text()
    sets = re.search(r'--set (video=\S+) --set "(.*?)"', readme).groups()
    edits = [part for edit in sets for part in ("--set", edit.replace("\\$", "$"))]
    done = pfy("check", "portrait", *edits, site=installed(folder))
    assert done.returncode == 0, done.stderr


def test_the_entry_point_names_the_package_and_the_contract_test_the_component(made):
    folder = made("metric")
    assert '\nmy-own = "pfy_plugin_my_own"\n' in (folder / "pyproject.toml").read_text()
    assert 'conforms("metric/my-own")' in (folder / "tests" / "test_contract.py").read_text()
    assert "class MyOwn(Metric" in (folder / "pfy_plugin_my_own" / "metric.py").read_text()


def test_no_placeholder_is_left_in_what_is_written(made):
    for role in scaffold.ROLES:
        folder = made(role, f"a-{role}")
        texts = [file for file in folder.rglob("*") if file.suffix in (".py", ".toml", ".yml", ".md", ".in")]
        assert len(texts) >= 6
        for file in texts:
            assert not re.search(r"\$[a-z]+_?|PACKAGE", file.read_text().replace("\\$face", "")), file


def test_the_manifest_is_made_of_the_code_and_not_of_a_template(made):
    folder = made("encoder")
    (component,) = manifest.read(folder / "pfy_plugin_my_own" / manifest.FILE)["components"]
    assert component["target"] == "pfy_plugin_my_own.encoder:MyOwn"
    assert not list(scaffold.TEMPLATES.rglob(manifest.FILE))
    assert not list(folder.rglob("__pycache__"))


@pytest.mark.parametrize(
    ("name", "role", "sends", "fix"),
    [
        ("My Own", "encoder", "name 'My Own'", "new my-own --role encoder"),
        ("3d_face", "encoder", "name '3d_face'", "new d-face"),
        ("../up", "encoder", "name '../up'", "new up"),
        ("???", "encoder", "name '???'", ""),
        ("ключ", "encoder", "name 'ключ'", ""),
        ("pfy-plugin-x", "encoder", "name 'pfy-plugin-x'", "new x"),
        ("none", "encoder", "name 'none'", "new my-none"),
        ("decoder", "decoder", "name 'decoder'", "new my-decoder"),
        ("ete", "fuser", "fuser/ete", "new my-ete"),
        ("fusers", "encoder", "pfy-plugin-fusers", "new my-fusers"),
        ("resample", "adapter", "role 'adapter'", ""),
    ],
)
def test_a_name_that_cannot_be_is_refused_with_one_that_can(tmp_path, name, role, sends, fix):
    with pytest.raises(InputError) as caught:
        scaffold.plan(name, role, tmp_path, Catalogue.discover())
    assert sends in caught.value.sends
    assert fix in caught.value.fix
    assert bool(fix) == (ADVICE in caught.value.fix)


def test_a_name_that_is_installed_is_refused(site, tmp_path):
    installed_by = "pfy-plugin-taken"
    install(site, installed_by, "pfy_plugin_taken", {})
    (site / "pfy_plugin_lying_about").mkdir()
    for name, reason in {
        "taken": r"pfy-plugin-taken 1\.0 is installed",
        "lying-about": "on the path",
    }.items():
        with pytest.raises(InputError, match=reason):
            scaffold.plan(name, "encoder", tmp_path, Catalogue.discover())


def test_nothing_is_written_over_and_an_empty_folder_is_used(made, tmp_path):
    folder = tmp_path / "pfy-plugin-my-own"
    folder.mkdir()
    made("encoder")
    before = sorted(folder.rglob("*"))
    with pytest.raises(InputError, match="is not empty"):
        made("fuser")
    assert sorted(folder.rglob("*")) == before
    (tmp_path / "pfy-plugin-file").touch()
    with pytest.raises(InputError, match="is there already"):
        made("fuser", "file")


def test_what_cannot_be_finished_leaves_nothing(tmp_path, monkeypatch):
    plan = scaffold.plan("my-own", "encoder", tmp_path, Catalogue())

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(scaffold, "_write_manifest", full)
    with pytest.raises(OutputError, match="No space left"):
        scaffold.write(plan)
    assert not os.listdir(tmp_path)


def test_the_command_prints_the_next_three_steps_or_json(tmp_path):
    done = pfy("plugins", "new", "my-own", "--role", "encoder", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    steps = [line.strip() for line in done.stdout.splitlines()[1:]]
    assert steps == ["cd pfy-plugin-my-own", "pip install -e '.[test]'", "pytest"]
    done = pfy("plugins", "new", "two", "--role", "metric", "--into", str(tmp_path), "--json")
    data = json.loads(done.stdout)
    assert data["component"] == "metric/two"
    assert sorted(data["files"]) == sorted(
        str(file.relative_to(data["folder"]))
        for file in (tmp_path / "pfy-plugin-two").rglob("*")
        if file.is_file()
    )
    done = pfy("plugins", "new", "two", "--role", "metric", "--into", str(tmp_path), "--json")
    assert done.returncode == 2
    assert json.loads(done.stderr)["sends"].endswith("is not empty")


@pytest.mark.parametrize("role", scaffold.ROLES)
def test_a_written_plugin_conforms(made, role):
    folder = made(role)
    code = "import sys, pytest; sys.exit(pytest.main(['-q', '-p', 'no:cacheprovider', 'tests']))"
    done = python("-c", code, site=installed(folder), cwd=folder)
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(re.search(r"(\d+) passed", done.stdout).group(1)) >= 17
