"""Records: what a run was and what it gave, complete enough to repeat it, and nothing that is private."""

import json
import os
import sys
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
import toys
from installing import install_toy
from PIL import Image

from pfy_core import Graph, Runner, Store, digest, paths, record, weights
from pfy_core.catalogue import Catalogue

GRAPH = (
    Graph("shout")
    .input("text", "text")
    .add("up", "encoder/upper", {"times": 2}, text="$text")
    .add("all", "fuser/glue", texts=["up.upper", "$text"])
    .output(all="all")
)


def recorded(graph=None, inputs=None, *, seed=0, store=None, catalogue=None, output=None):
    inputs = inputs or {"text": "a b"}
    runner = Runner(graph or toys.sums(), catalogue=catalogue or toys.catalogue(), store=store)
    with runner(inputs, seed=seed) as run:
        run.wait()
        return record.build(run, inputs, output or {"value": 1})


def test_a_record_repeats_the_run(store):
    graph = toys.sums().set("scale.by=3")
    made = json.loads(json.dumps(recorded(graph, seed=7, store=store)))
    given = {key: value for key, value in made["graph"].items() if key != "digest"}
    again = Graph.from_dict(given)
    assert again.digest() == made["graph"]["digest"] == graph.digest()
    inputs = {name: about["text"] for name, about in made["inputs"].items()}
    assert toys.results(again, inputs, toys.catalogue(), seed=made["seed"]) == toys.results(
        graph, {"text": "a b"}, toys.catalogue(), seed=7
    )


def test_a_record_says_when_how_and_on_what(monkeypatch):
    monkeypatch.setattr(sys, "argv", ["/somewhere/bin/pfy", "narrate", "a b"])
    before = datetime.now(UTC).replace(microsecond=0)
    made = recorded()
    assert made["schema"] == record.SCHEMA
    assert before <= datetime.fromisoformat(made["started"]) <= datetime.now(UTC)
    assert made["argv"] == ["pfy", "narrate", "a b"]
    assert made["machine"]["python"] == ".".join(map(str, sys.version_info[:3]))
    assert made["machine"]["processors"] == os.cpu_count()
    assert made["packages"]["pfy-core"] == version("pfy-core")
    assert made["packages"]["numpy"] == version("numpy")
    assert made["output"] == {"value": 1}
    assert 10 < made["peak_memory_mb"] < 1e6


def test_two_runs_have_two_ids():
    assert recorded()["id"] != recorded()["id"]


def test_every_node_is_on_record_with_whether_it_was_reused(store):
    states = [
        {name: node["state"] for name, node in recorded(store=store)["nodes"].items()} for _ in range(2)
    ]
    assert states == [dict.fromkeys(("embed", "scale", "total"), state) for state in ("stored", "reused")]
    node = recorded()["nodes"]["scale"]
    assert node["component"] == "encoder/scale"
    assert node["seconds"] >= 0


def test_inputs_are_kept_by_digest_and_files_by_name_alone(tmp_path):
    class See(toys.Encoder, name="see"):
        def __call__(self, face: toys.Annotated[np.ndarray, toys.Port("image.rgb", "h w 3")]) -> toys.Number:
            return int(face.sum())

    graph = Graph("g").input("face", "image.rgb").add("see", "encoder/see", face="$face").output(n="see")
    path = tmp_path / "me.png"
    Image.fromarray(np.full((4, 4, 3), 9, np.uint8)).save(path)
    for given in (path, str(path)):
        made = recorded(graph, {"face": given}, catalogue=toys.catalogue(See))
        assert made["inputs"]["face"] == {
            "digest": digest.digest(np.full((4, 4, 3), 9, np.uint8)),
            "sha256": weights.sha256(path),
            "file": "me.png",
        }
        assert str(tmp_path) not in json.dumps(made)


def test_a_long_text_is_cut_and_its_digest_is_of_the_whole():
    text = "word " * 1000
    about = recorded(inputs={"text": text})["inputs"]["text"]
    assert about["text"] == text[:2000] + "…"
    assert about["digest"] == digest.digest(text)


def test_plugins_with_their_versions_are_on_record_and_may_add_to_it(site):
    install_toy(site)
    made = recorded(GRAPH, catalogue=Catalogue.discover())
    assert made["plugins"] == {"pfy-plugin-toy": "1.0"}
    assert made["packages"]["pfy-plugin-toy"] == "1.0"
    assert made["toy"] == "was here"


def test_weights_that_were_used_are_on_record_with_licence(site, tmp_path):
    install_toy(site)
    made = Catalogue.discover()
    graph = (
        Graph("g")
        .input("text", "text")
        .add("look", "adapter/lookup", {"table": "toy/table"}, text="$text")
        .output(x="look")
    )
    item = weights.entry("toy/table", made)
    item.cached.parent.mkdir(parents=True)
    item.cached.write_text("table:")
    found = recorded(graph, catalogue=made)["weights"]
    assert set(found) == {"toy/table"}
    assert (found["toy/table"]["licence"], found["toy/table"]["commercial"]) == ("CC0-1.0", True)


def test_packages_are_those_that_plugins_depend_on_directly(site):
    info = site / "pfy_plugin_needy-2.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: pfy-plugin-needy\nVersion: 2.0\n"
        "Requires-Dist: pluggy>=1\nRequires-Dist: not-installed-anywhere\n"
        'Requires-Dist: pytest; extra == "test"\n'
    )
    found = record.packages({"pfy-plugin-needy": "2.0", "pfy-plugin-gone": "1"})
    assert found["pfy-plugin-needy"] == "2.0"
    assert found["pluggy"] == version("pluggy")
    assert not {"not-installed-anywhere", "pytest", "pfy-plugin-gone"} & set(found)
    assert list(found) == sorted(found)


def test_records_are_appended_one_a_line():
    texts = ["ä\nb", "c"]
    for text in texts:
        file = record.append({"text": text, "path": Path("x")})
    assert file == paths.home() / "records" / "runs.jsonl"
    assert [json.loads(line)["text"] for line in file.read_text(encoding="utf-8").splitlines()] == texts
    assert record.append({}, "bench").name == "bench.jsonl"


def test_a_video_is_tagged_as_generated_and_with_all_that_repeats_it(tmp_path):
    graph = toys.sums().set("scale.by=3")
    with Runner(graph, catalogue=toys.catalogue(), store=Store())({"text": "some words"}, seed=3) as run:
        run.wait()
        tags = record.tag(run, {"text": "some words"}, {"sha256": "ab", "file": "Jane.txt"})
        about = record.made(tags)
        assert about["record"] == record.build(run, {}, {})["id"]
    assert record.is_generated(tags)
    assert tags["digital_source_type"] == "trainedAlgorithmicMedia"
    assert (about["schema"], about["seed"], about["consent"]) == (record.SCHEMA, 3, "ab")
    assert Graph.from_dict(about["graph"]).digest() == about["digest"] == graph.digest()
    assert about["inputs"] == {"text": {"text": "some words"}}
    assert about["packages"]["numpy"] == version("numpy")
    assert "Jane" not in json.dumps(tags)
    assert all(isinstance(value, str) for value in tags.values())


@pytest.mark.parametrize("place", ["/home/jane/x.bin", "~/x.bin", "C:\\jane\\x.bin", "../jane/x.bin"])
def test_of_a_file_in_the_config_only_the_last_part_is_tagged(place):
    class Open(toys.Encoder, name="open"):
        def __init__(self, *, file: str = ""): ...

        def __call__(self, text: toys.Text) -> toys.Number:
            return 1

    graph = Graph("g").input("text", "text").add("open", "encoder/open", {"file": place}, text="$text")
    graph = graph.output(n="open")
    with Runner(graph, catalogue=toys.catalogue(Open))({"text": "a"}) as run:
        run.wait()
        tags = record.tag(run, {"text": "a"})
    assert record.made(tags)["graph"]["nodes"]["open"]["with"] == {"file": "x.bin"}
    assert "jane" not in tags[record.TAG]


@pytest.mark.parametrize("value", [{"path": Path("a")}, {"array": np.float32(1)}, {"text": "ü"}])
def test_a_record_with_any_output_can_be_appended(value):
    made = recorded(output=value)
    line = record.append(made).read_text(encoding="utf-8").splitlines()[-1]
    assert json.loads(line)["id"] == made["id"]


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("/home/me/secret/corpus", "corpus"),
        ("shards=/home/me/secret/corpus", "shards=corpus"),
        ("full=C:\\me\\run\\graph.yaml", "full=graph.yaml"),
        ("motion.mouth=0.5", "motion.mouth=0.5"),
        ("text=a/b", "text=a/b"),
    ],
)
def test_paths_of_this_machine_stay_out_of_records(given, kept):
    assert record.public([given, {"x": given}]) == [kept, {"x": kept}]
