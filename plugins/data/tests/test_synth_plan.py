"""The plan of a made corpus: the same for the same seed, and nothing held out is ever learnt from."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pfy_plugin_data.layout import PER_SHARD, SPLITS
from pfy_plugin_data.synth import faces, plan, texts, voices


def lines(clips, seed, bank):
    return [line for part in plan.parts(clips, seed, bank) for line in part.lines]


@settings(max_examples=10, deadline=None)
@given(clips=st.integers(20, 400), seed=st.integers(0, 99), bank=st.sampled_from(["light", "all"]))
def test_every_clip_is_planned_once_and_the_same_each_time(clips, seed, bank):
    parts = plan.parts(clips, seed, bank)
    assert sum(len(part.lines) for part in parts) == clips
    assert len({line.key for part in parts for line in part.lines}) == clips
    assert len({part.name for part in parts}) == len(parts)
    assert all(len(part.lines) <= PER_SHARD for part in parts)
    assert {part.split for part in parts} == set(SPLITS)
    assert parts == plan.parts(clips, seed, bank)


def test_held_out_texts_voices_and_faces_are_in_no_other_split_whatever_the_seed():
    every = [line for seed in range(3) for line in lines(600, seed, "all")]
    for one, other in itertools.combinations(SPLITS, 2):
        for what in (said, lambda line: {line.voice.name}, lambda line: {line.face.name}):
            there = [
                set().union(*(what(line) for line in every if line.split == part)) for part in (one, other)
            ]
            assert not there[0] & there[1]
    speakers = [
        {line.voice.speaker for line in every if line.voice.slow and line.split == part} for part in SPLITS
    ]
    assert not speakers[0] & (speakers[1] | speakers[2])
    assert len(speakers[1]) >= 4
    assert len(speakers[2]) >= 4


def said(line):
    """The sentences of a line."""
    known = texts.sentences(line.split)
    return {one for one in known if line.text.startswith(one) or line.text.endswith(one)}


def test_more_clips_begin_with_the_same_ones():
    few, many = ([line for line in lines(clips, 0, "light") if line.split == "train"] for clips in (60, 200))
    assert many[: len(few)] == few


def test_another_seed_is_another_corpus():
    assert lines(60, 0, "light") != lines(60, 1, "light")


def test_light_voices_need_no_slow_one():
    assert not any(line.voice.slow for line in lines(400, 0, "light"))
    share = np.mean([line.voice.slow for line in lines(800, 0, "all") if line.split == "train"])
    assert share == pytest.approx(voices.SHARE["train"], abs=0.05)


def test_there_are_enough_natural_sentences():
    known = [one for split in SPLITS for one in texts.sentences(split)]
    assert len(set(known)) == len(known) >= 350
    words = [len(one.split()) for one in known]
    assert min(words) >= 4
    assert max(words) <= 16
    assert all(one[0].isupper() and one[-1] in ".!?" and "  " not in one for one in known)
    assert not any(character.isdigit() for one in known for character in one)


def test_every_sentence_comes_before_one_comes_again():
    rng = np.random.default_rng(0)
    known = texts.sentences("test")
    firsts = [texts.said("test", number, rng) for number in range(len(known))]
    assert len({one for one in known if any(text.startswith(one) for text in firsts)}) == len(known)


def test_every_split_has_faces_of_both_pictures():
    for split in SPLITS:
        assert {face.picture for face in faces.of(split)} == {"astronaut", "drawing"}
