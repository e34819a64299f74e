"""Bytes that nobody has checked are decoded, or are Broken: nothing else is raised."""

import io
import json
from contextlib import suppress

import numpy as np
import pytest
import soundfile
from corpora import tone
from hypothesis import given, settings
from hypothesis import strategies as st

from pfy_plugin_data import decode, write

PARTS = write.parts(tone())
DECODERS = {
    "flac": decode.sound,
    "motion.npy": lambda data: decode.array(data, np.float16, (None, 58)),
    "landmarks.npy": lambda data: decode.array(data, np.float32, (478, 3)),
    "jpg": decode.picture,
    "json": decode.about,
}


@settings(max_examples=60, deadline=None)
@given(
    part=st.sampled_from(sorted(DECODERS)),
    place=st.floats(0, 1, exclude_max=True),
    change=st.binary(min_size=1, max_size=6),
    length=st.floats(0, 1),
)
def test_damaged_bytes_are_decoded_or_broken(part, place, change, length):
    data = bytearray(PARTS[part])
    at = int(place * len(data))
    data[at : at + len(change)] = change
    with suppress(decode.Broken):
        DECODERS[part](bytes(data[: int(length * len(data)) + 1]))


@settings(max_examples=60, deadline=None)
@given(part=st.sampled_from(sorted(DECODERS)), data=st.binary(max_size=200))
def test_any_bytes_are_broken(part, data):
    with pytest.raises(decode.Broken):
        DECODERS[part](data)


@settings(max_examples=100, deadline=None)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["text", "phones"]), inner)
        ),
    )
)
def test_phones_are_rows_or_nothing(phones):
    base = dict.fromkeys(("text", "language", "voice", "face", "split"), "x")
    try:
        found = decode.about(json.dumps(base | {"phones": phones}).encode())
    except decode.Broken:
        return
    assert found["phones"] is None or all(len(row) == 4 for row in found["phones"])


def test_a_sound_of_another_rate_is_broken():
    file = io.BytesIO()
    soundfile.write(file, np.zeros(640, np.float32), 24_000, format="FLAC")
    with pytest.raises(decode.Broken, match="24000 Hz"):
        decode.sound(file.getvalue())
