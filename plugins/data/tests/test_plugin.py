"""The plugin as others see it."""

import re
import subprocess
import sys
from pathlib import Path

from corpora import shard

import pfy_plugin_data
from pfy_core import manifest, registry
from pfy_plugin_data.layout import SPLITS
from pfy_plugin_data.synth import faces, plan, texts, voices

FOLDER = Path(pfy_plugin_data.__file__).parent
README = FOLDER.parent / "README.md"


def test_the_manifest_is_what_the_code_says():
    file = FOLDER / manifest.FILE
    assert file.read_text(encoding="utf-8") == manifest.text(manifest.build("pfy_plugin_data"))


def test_the_index_names_the_same_components():
    (listed,) = [item for item in registry.plugins() if item["name"] == "pfy-plugin-data"]
    built = manifest.build("pfy_plugin_data")["components"]
    assert sorted(listed["components"]) == sorted(item["id"] for item in built)


def test_its_commands_are_listed_without_anything_heavy():
    code = (
        "import sys; from pfy_plugin_data import hooks, cli; "
        "print([m for m in ('numpy', 'soundfile', 'PIL', 'torch') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_the_example_runs(tmp_path, monkeypatch, capsys):
    shard(tmp_path / "corpus" / "test")
    monkeypatch.chdir(tmp_path)
    for example in re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL):
        exec(example, {})
    assert capsys.readouterr().out.startswith("3 Tone 0. (10, 58) ")


def test_the_table_of_what_is_held_out_is_true():
    rows = {
        "sentences": [len(texts.sentences(split)) for split in SPLITS],
        "light voices": [len(voices.of(split, slow=False)) for split in SPLITS],
        "Kokoro": [len(voices.of(split, slow=True)) for split in SPLITS],
        "faces": [len(faces.of(split)) for split in SPLITS],
        "share": [f"{100 * plan.counts(1000)[split] / 1000:g} %" for split in SPLITS],
    }
    table = [line for line in README.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    for name, values in rows.items():
        assert any(
            line.startswith(f"| {name}") and line.endswith(f"| {' | '.join(map(str, values))} |")
            for line in table
        ), (name, values)
