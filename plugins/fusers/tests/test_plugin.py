import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from pfy_core import Graph
from pfy_core.check import check

README = Path(__file__).parents[1] / "README.md"


def fenced(language):
    return re.findall(rf"```{language}\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip()


@pytest.mark.parametrize("arguments", [["plugins", "list"], ["check", "GRAPH"], ["graph", "show", "GRAPH"]])
def test_looking_at_a_fuser_imports_no_torch(arguments, tmp_path):
    (tmp_path / "fusion.yaml").write_text(fenced("yaml")[0])
    given = [argument.replace("GRAPH", str(tmp_path / "fusion.yaml")) for argument in arguments]
    code = (
        f"import sys\nfrom pfy_core.cli import main\nsys.argv[1:] = {given}\n"
        "try:\n main()\nexcept SystemExit as end:\n assert not end.code, end.code\n"
        "print([m for m in ('torch', 'pfy_plugin_fusers') if m in sys.modules])"
    )
    assert python(code).endswith("[]")


def test_the_graph_of_the_readme_runs_as_its_python_says(capsys):
    exec(fenced("python")[0], {"text": fenced("yaml")[0]})
    assert capsys.readouterr().out == "torch.Size([82, 512]) torch.Size([67, 512])\n"


def test_the_training_step_of_the_readme_saves_a_fuser_that_a_graph_takes(tokens, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(fenced("python")[1], {})
    graph = Graph.from_yaml(fenced("yaml")[0]).set("fusion.weights=./fusion.safetensors")
    names = ("image", "landmarks", "voice", "speech", "text")
    with graph.run(**{name: tokens(2) for name in names}) as run:
        assert not torch.equal(run["audio"], torch.cat([tokens(2)] * 2))  # one step from the identity
        assert torch.equal(run["visual"], torch.cat([tokens(2)] * 2))  # it had no part in the loss


def test_every_edit_in_the_readmes_table_of_ablations_can_be_made():
    graph = Graph.from_yaml(fenced("yaml")[0])
    edits = re.findall(r"`(fusion[.=]\w+(?:=|/)\w+)`", README.read_text(encoding="utf-8"))
    assert len(edits) == 5
    for edit in edits:
        assert check(graph.set(edit)) == []


@pytest.mark.parametrize(("component", "total"), [("ete", 3_151_872), ("ste", 1_575_936), ("none", 0)])
def test_the_command_shows_table_1(component, total, tmp_path):
    (tmp_path / "fusion.yaml").write_text(fenced("yaml")[0])
    given = ["graph", "show", str(tmp_path / "fusion.yaml"), "--params", "--set", f"fusion=fuser/{component}"]
    code = f"import sys\nfrom pfy_core.cli import main\nsys.argv[1:] = {given}\nmain()"
    shown = python(code)
    assert f"all of them  {total:,}".split() == shown.splitlines()[-1].split()
    assert ("attention" in shown) is (component != "none")
    (found,) = json.loads(python(code.replace("--params", "--params', '--json")))
    assert found["total"] == total
