"""How many parameters a graph's nodes hold."""

import toys

from pfy_core import Encoder, Graph, holdings
from pfy_core.catalogue import Catalogue
from pfy_core.check import resolve


class Heavy(Encoder, name="heavy"):
    def __init__(self, *, width: int = 3): ...

    @classmethod
    def parameters(cls, *, width):
        return {"in": width * width, "out": width}

    def __call__(self, text: toys.Text) -> toys.Text:
        return text


class Light(Encoder, name="light"):
    def __call__(self, text: toys.Text) -> toys.Text:
        return text


def test_components_say_what_they_hold_for_their_options_and_others_say_nothing():
    known = Catalogue()
    known.add(Heavy)
    known.add(Light)
    graph = Graph("g").input("text", "text").add("a", "encoder/heavy", {"width": 5}, text="$text")
    graph = graph.add("b", "encoder/light", text="a").output(x="b")
    heavy, light = holdings.holdings(resolve(graph, known), known)
    assert (heavy.node, heavy.layers, heavy.total) == ("a", {"in": 25, "out": 5}, 30)
    assert (light.layers, light.total) == (None, 0)
