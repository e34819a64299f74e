from typing import Annotated

import pytest
import torch

from pfy_core import Encoder, Graph, GraphError, InputError, Port, Runner, Store
from pfy_core.catalogue import Catalogue
from pfy_core.check import check, resolve
from pfy_core.events import watching
from pfy_plugin_fusers.fusers import ETE, STE, Unfused

GRAPH = {
    "name": "fusion",
    "inputs": {
        "image": "latent.visual",
        "landmarks": {"kind": "latent.visual", "optional": True},
        "voice": "latent.audio",
        "text": {"kind": "latent.text", "optional": True},
    },
    "nodes": {
        "fusion": {
            "use": "fuser/ete",
            "take": {"visual": ["$image", "$landmarks"], "voice": "$voice", "text": "$text"},
        }
    },
    "outputs": {"audio": "fusion.audio", "visual": "fusion.visual"},
}


@pytest.fixture
def graph():
    return Graph.from_dict(GRAPH)


@pytest.fixture
def inputs(tokens):
    names = ("image", "landmarks", "voice", "text")
    return {name: tokens(t, seed=t) for t, name in enumerate(names, start=2)}


def ran(graph, inputs, **options):
    runner = Runner(graph, **options)
    with runner(inputs) as run:
        return run["audio"], run["visual"], run.trace


def encoder(dims, kind, rate=None):
    """A toy encoder's class with an output of these dims; it is never called."""

    class Toy(Encoder, name="toy"):
        def __call__(
            self, voice: Annotated[object, Port("latent.audio")]
        ) -> Annotated[object, Port(kind, dims, rate=rate)]: ...

    return Toy


def problems(dims, kind, into, rate=None, reference="toy"):
    """What check says of a graph whose fuser takes one source from a toy encoder."""
    catalogue = Catalogue.discover()
    catalogue.add(encoder(dims, kind, rate))
    graph = Graph.from_dict(GRAPH).add("toy", "encoder/toy", voice="$voice")
    return check(graph.set(f"nodes.fusion.take.{into}={reference}"), catalogue)


@pytest.mark.parametrize(("id", "cls"), [("fuser/ete", ETE), ("fuser/ste", STE), ("fuser/none", Unfused)])
def test_every_fuser_fills_the_same_slot(graph, inputs, id, cls):
    audio, visual, _ = ran(graph.set(f"fusion={id}"), inputs)
    expected = cls()(inputs["image"], inputs["landmarks"], voice=inputs["voice"], text=inputs["text"])
    assert torch.equal(audio, expected.audio)
    assert torch.equal(visual, expected.visual)


def test_swapping_ete_for_ste_keeps_the_options(graph, stir, inputs, tmp_path):
    changed = graph.set("fusion.init_seed=3", "fusion.audio_attends_to=text")
    swapped = changed.set("fusion=fuser/ste")
    node = resolve(swapped).require()
    assert node.specs["fusion"].id == "fuser/ste"
    assert node.config["fusion"]["audio_attends_to"] == "text"
    assert isinstance(Runner(swapped).instance("fusion"), STE)
    shared = STE(init_seed=3).encoders["shared"].linear1.weight
    assert torch.equal(Runner(swapped).instance("fusion").encoders["shared"].linear1.weight, shared)


def test_weights_in_the_graph_decide_the_result(graph, inputs, stir, tmp_path):
    trained = STE()
    stir(trained.encoders)
    trained.save(tmp_path / "ste.safetensors")
    with_weights = graph.set("fusion=fuser/ste", f"fusion.weights={tmp_path / 'ste.safetensors'}")
    audio, _, _ = ran(with_weights, inputs)
    expected = trained(inputs["image"], inputs["landmarks"], voice=inputs["voice"], text=inputs["text"])
    assert torch.equal(audio, expected.audio)
    assert not torch.equal(audio, inputs["voice"])


def test_a_graph_as_yaml_reads_back_and_runs(graph, inputs):
    again = Graph.from_yaml(graph.to_yaml())
    assert again == graph
    assert torch.equal(ran(again, inputs)[1], torch.cat([inputs["image"], inputs["landmarks"]]))


def test_the_order_of_the_list_is_that_of_the_tokens(graph, inputs):
    turned = graph.set("nodes.fusion.take.visual=[$landmarks, $image]")
    assert torch.equal(ran(turned, inputs)[1], torch.cat([inputs["landmarks"], inputs["image"]]))


def test_an_absent_optional_source_is_left_out(graph, inputs):
    del inputs["landmarks"], inputs["text"]
    assert torch.equal(ran(graph, inputs)[1], inputs["image"])


def test_dtype_comes_from_the_place_of_the_node(inputs):
    place = {"place": {"dtype": "bfloat16", "device": "cpu"}}
    data = GRAPH | {"nodes": {"fusion": GRAPH["nodes"]["fusion"] | place}}
    assert ran(Graph.from_dict(data), inputs)[0].dtype == torch.bfloat16


def test_fused_tokens_come_back_from_the_store(graph, inputs, tmp_path):
    first = ran(graph, inputs, store=Store(tmp_path))
    second = ran(graph, inputs, store=Store(tmp_path))
    assert (first[2].nodes["fusion"].state, second[2].nodes["fusion"].state) == ("stored", "reused")
    assert torch.equal(first[0], second[0])
    other = ran(graph.set("fusion.init_seed=1"), inputs, store=Store(tmp_path))
    assert other[2].nodes["fusion"].state == "stored"


def test_two_views_of_one_tensor_are_stored_and_read_back(tmp_path):
    store, whole = Store(tmp_path), torch.arange(24.0)
    writer = store.begin()
    writer.add({"latent": whole.reshape(2, 3, 4), "tokens": whole.reshape(6, 4), "half": whole[:12]})
    writer.commit({"component": "encoder/views"})
    (entry,) = store.entries()
    assert {name: tuple(value.shape) for name, value in entry.value().items()} == {
        "latent": (2, 3, 4),
        "tokens": (6, 4),
        "half": (12,),
    }
    assert all((value.ravel() == whole[: value.numel()]).all() for value in entry.value().values())


def test_other_weights_behind_the_same_path_are_another_result(graph, inputs, stir, tmp_path):
    file, states = tmp_path / "ete.safetensors", []
    fuser = ETE()
    for seed in (0, 0, 1):
        stir(fuser.encoders, seed=seed)
        fuser.save(file)
        *_, trace = ran(graph.set(f"fusion.weights={file}"), inputs, store=Store(tmp_path / "store"))
        states.append(trace.nodes["fusion"].state)
    assert states == ["stored", "reused", "stored"]


def test_a_sweep_of_six_fusers_computes_the_encoders_once(inputs, tmp_path):
    calls = []

    class Visual(Encoder, name="visual"):
        def __call__(
            self, tokens: Annotated[torch.Tensor, Port("latent.visual", "t 512")]
        ) -> Annotated[torch.Tensor, Port("latent.visual", "t 512")]:
            calls.append("visual")
            return tokens * 2

    class Voice(Encoder, name="voice"):
        def __call__(
            self, tokens: Annotated[torch.Tensor, Port("latent.audio", "t 512")]
        ) -> Annotated[torch.Tensor, Port("latent.audio", "t 512")]:
            calls.append("voice")
            return tokens + 1

    catalogue = Catalogue.discover()
    for cls in (Visual, Voice):
        catalogue.add(cls)
    encoded = (
        Graph.from_dict(GRAPH)
        .add("seen", "encoder/visual", tokens="$image")
        .add("heard", "encoder/voice", tokens="$voice")
        .set("nodes.fusion.take={visual: [seen, $landmarks], voice: heard, text: $text}")
    )
    swept = encoded.sweep({"fusion": ["fuser/ete", "fuser/ste"], "fusion.init_seed": [0, 1, 2]})
    traces = [ran(made, inputs, catalogue=catalogue, store=Store(tmp_path))[2] for _, made in swept]
    assert sorted(calls) == ["visual", "voice"]
    assert [trace.nodes["fusion"].state for trace in traces] == ["stored"] * 6
    assert [trace.nodes["seen"].state for trace in traces] == ["stored"] + ["reused"] * 5


def test_an_unknown_option_value_is_found_before_the_run(graph):
    faulty = graph.set("fusion.audio_attends_to=everything", "fusion.dtype=float8", "fusion.heads=4")
    assert [problem.code for problem in check(faulty)] == ["E401"] * 3


def test_tokens_of_another_width_are_found_before_the_run():
    assert not problems("t 512", "latent.visual.vae", "visual", reference="[$image, toy]")
    (problem,) = problems("t 128", "latent.visual.vae", "visual", reference="[$image, toy]")
    assert problem.code == "E205"
    assert "(t 128)" in problem.sends
    assert "512" in problem.wants


@pytest.mark.parametrize("into", ["visual", "voice", "speaker", "speech", "text"])
def test_every_source_may_have_a_length_of_its_own(into):
    """Each port's length, a fixed one too, is free of the other ports' and of the outputs'."""
    catalogue = Catalogue.discover()
    kinds = {"visual": "latent.visual", "text": "latent.text"}
    graph = Graph.from_dict(GRAPH)
    for length, port in enumerate(("visual", "voice", "speaker", "speech", "text"), start=1):
        toy = encoder(f"{length if port == into else 9} 512", kinds.get(port, "latent.audio"))
        toy.id = f"encoder/{port}"
        catalogue.add(toy)
        graph = graph.add(port, toy.id, voice="$voice").set(f"nodes.fusion.take.{port}={port}")
    again = graph.add("again", "fuser/ste", visual="fusion.visual", voice="fusion.audio")
    assert check(again, catalogue) == []


def test_tokens_of_another_modality_are_found_before_the_run():
    (problem,) = problems("t 512", "latent.audio", "text")
    assert problem.code == "E204"


@pytest.mark.parametrize("rate", [None, 50.0, 25.0])
def test_speech_features_may_have_any_clock(rate):
    assert problems("t 512", "latent.audio.wav2vec", "speech", rate) == []


def test_the_fused_tokens_of_the_wrong_modality_do_not_enter_another_fuser(graph):
    twice = graph.add("again", "fuser/ste", visual=["fusion.audio"], voice="fusion.visual")
    assert [problem.code for problem in check(twice)] == ["E204", "E204"]
    twice = graph.add("again", "fuser/ste", visual=["fusion.visual"], voice="fusion.audio")
    assert check(twice) == []


def test_a_list_into_a_port_for_one_source_is_an_error(graph):
    (problem,) = check(graph.set("nodes.fusion.take.voice=[$voice, $voice]"))
    assert problem.code == "E208"


def test_options_that_fuser_none_does_not_know_are_dropped_when_it_is_swapped_in(graph):
    heard = []
    with watching(heard.append):
        swapped = graph.set("fusion.init_seed=3", "fusion=fuser/none")
    assert check(swapped) == []
    assert [event.text for event in heard] == ["fusion: fuser/none has no init_seed; it is used without"]
    with pytest.raises(GraphError):
        resolve(swapped.set("fusion.init_seed=3")).require()


def test_bad_tokens_stop_the_run_with_the_plugins_own_words(graph, inputs):
    with pytest.raises(InputError, match="voice: shape"):
        ran(graph, inputs | {"voice": torch.zeros(4, 8)})
