"""Equalities between numbers and variables."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pfy_core.unify import Clash, Terms

terms = st.one_of(st.none(), st.integers(1, 3), st.tuples(st.just("n"), st.sampled_from("abcdef")))


def test_a_variable_takes_the_number_it_meets():
    made = Terms()
    made.edge(("a", "t"), 25)
    assert made.value(("a", "t")) == 25


def test_a_number_travels_through_a_chain_of_variables():
    made = Terms()
    made.edge(("a", "t"), ("b", "t"))
    made.edge(("b", "t"), ("c", "t"))
    made.edge(("c", "t"), 30)
    assert {made.value((node, "t")) for node in "abc"} == {30}


def test_two_numbers_clash_even_through_variables():
    made = Terms()
    made.edge(("a", "t"), ("b", "t"))
    made.edge(25, ("a", "t"))
    with pytest.raises(Clash):
        made.edge(("b", "t"), 30)


def test_a_clock_and_none_clash():
    with pytest.raises(Clash):
        Terms().edge(None, 25)


def test_an_integer_and_an_equal_float_agree():
    Terms().edge(25, 25.0)


@given(st.lists(st.tuples(terms, terms), max_size=12))
def test_accepted_equalities_hold_and_refused_ones_could_not(edges):
    made, accepted = Terms(), []
    for one, other in edges:
        try:
            made.edge(one, other)
            accepted.append((one, other))
        except Clash:
            assert _classes(accepted, one) != _classes(accepted, other)
            assert not any(isinstance(made.value(term), tuple) for term in (one, other))
    for one, other in accepted:
        assert made.value(one) == made.value(other)


def _classes(accepted, term):
    """All terms that the accepted equalities make equal to ``term``: the slow, obvious way."""
    found, size = {term}, 0
    while size != len(found):
        size = len(found)
        found |= {term for edge in accepted if found & set(edge) for term in edge}
    return found
