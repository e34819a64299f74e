import gc
import weakref

from pfy_bench import heap


class Network:
    """A part of a cycle, as a runner and its components are."""

    def __init__(self):
        self.itself = self


def test_what_nobody_needs_is_collected():
    gc.disable()
    try:
        seen = weakref.ref(Network())
        assert seen() is not None
        heap.few_arenas()
        heap.give_back()
        assert seen() is None
    finally:
        gc.enable()
