"""Random graphs of toy components, and what they compute said in plain numpy."""

import numpy as np
from hypothesis import strategies as st

from pfy_core import Graph
from pfy_core.run import node_seed

TEXT = "a face that speaks"
"""Four words: every latent below has four rows, as those of decoder/noise."""
WIDTH = 3


@st.composite
def latent_graphs(draw):
    """A graph whose nodes all pass latents on, as values or as streams, and a few numbers at the end."""
    graph = Graph("random").input("text", "text")
    made = []
    for index in range(draw(st.integers(1, 8))):
        name = f"n{index}"
        use = draw(st.sampled_from([*SOURCES, *STEPS] if made else [*SOURCES]))
        if use in SOURCES:
            graph = graph.add(name, use, text="$text")
        elif use == "fuser/mix":
            graph = graph.add(
                name, use, latents=draw(st.lists(st.sampled_from(made), min_size=1, max_size=3))
            )
        elif use == "fuser/pair":
            graph = graph.add(name, use, one=draw(st.sampled_from(made)), two=draw(st.sampled_from(made)))
        else:
            config = {
                "encoder/scale": {"by": draw(st.sampled_from([-1.0, 0.5, 2.0]))},
                "decoder/chop": {"size": draw(st.integers(1, 5))},
                "decoder/ahead": {"by": draw(st.integers(0, 3))},
            }.get(use, {})
            graph = graph.add(name, use, config, latent=draw(st.sampled_from(made)))
        made.append(name)
    for index, name in enumerate(draw(st.lists(st.sampled_from(made), max_size=2, unique=True))):
        graph = graph.add(f"total{index}", "encoder/total", latent=name).output(
            **{f"sum{index}": f"total{index}"}
        )
    wanted = draw(st.lists(st.sampled_from(made), min_size=1, max_size=4, unique=True))
    return graph.output(**{f"out_{name}": name for name in wanted})


SOURCES = ("encoder/embed", "decoder/noise")
STEPS = ("encoder/scale", "encoder/whole", "fuser/mix", "fuser/pair", "decoder/chop", "decoder/ahead")


def expected(graph, text, seed=0):
    """What each output of a latent graph is."""
    values = {}
    for name, node in graph.nodes.items():
        taken = [values[reference] for _, reference in node.sources() if not reference.startswith("$")]
        values[name] = _value(name, node, taken, text, seed)
    return {name: values[reference] for name, reference in graph.outputs.items()}


def _value(name, node, taken, text, seed):
    match node.use:
        case "encoder/embed":
            return np.array(
                [[len(word) + column for column in range(WIDTH)] for word in text.split()], np.float32
            )
        case "decoder/noise":
            return np.random.default_rng(node_seed(seed, name)).random((4, WIDTH), np.float32)
        case "encoder/scale":
            return taken[0] * np.float32(node.config["by"])
        case "fuser/mix" | "fuser/pair":
            return np.sum(taken, axis=0, dtype=np.float32)
        case "decoder/ahead":
            later = np.zeros_like(taken[0])
            by = node.config["by"]
            later[: len(later) - by] = taken[0][by:]
            return taken[0] + later
        case "encoder/total":
            return int(taken[0].sum())
    return taken[0]


def same(one, other):
    if isinstance(one, np.ndarray):
        return one.dtype == other.dtype and np.allclose(one, other)
    return one == other
