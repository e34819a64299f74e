import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from tokenizers import Tokenizer

from pfy_core import InputError
from pfy_core.errors import WeightsError
from pfy_core.events import watching
from pfy_plugin_bpe.encoder import BpeEncoder
from pfy_plugin_bpe.languages import LANGUAGES
from pfy_plugin_bpe.vocabulary import SPECIAL, Vocabulary

HELLO = "Hello, I am glad you came."


@pytest.fixture(scope="module")
def encoder():
    return BpeEncoder()


@pytest.fixture(scope="module")
def own(tmp_path_factory):
    """A vocabulary file, as XTTS-v2 has one."""
    file = tmp_path_factory.mktemp("vocabulary") / "vocab.json"
    Vocabulary.small()._tokenizer.save(str(file))
    return file


def notes(call):
    heard = []
    with watching(heard.append):
        call()
    return " ".join(event.text for event in heard if event.kind == "note")


# Ids --------------------------------------------------------------------------------------------


def test_a_text_begins_with_its_language_and_spaces_are_tokens(encoder):
    (ids,) = encoder.ids(HELLO)
    assert ids.dtype == np.int64
    assert ids[0] == SPECIAL["[en]"]
    assert (ids == SPECIAL["[SPACE]"]).sum() == 5
    assert SPECIAL["[START]"] not in ids
    assert SPECIAL["[STOP]"] not in ids


def test_the_small_vocabulary_gives_golden_ids(encoder):
    """It is learnt when it is made: always the same, or a checkpoint made with it would be void."""
    golden = [259, 19, 153, 394, 6, 2, 20, 2, 213, 2, 18, 170, 15, 2, 223, 2, 174, 171, 8]
    assert encoder.ids(HELLO)[0].tolist() == golden
    assert encoder._vocabulary.size <= 512


def test_the_special_tokens_lie_where_xtts_has_them():
    vocabulary = Vocabulary.small()._tokenizer.get_vocab()
    assert {token: vocabulary[token] for token in SPECIAL} == SPECIAL
    assert len(set(vocabulary.values())) == len(vocabulary)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_that_is_read_can_be_encoded_without_gaps(code):
    text = {"ar": "كيف حالك 3", "ru": "как дела 3"}.get(code, "tag oder nacht 3")
    found = BpeEncoder(language=code)
    assert not notes(lambda: found.ids(text))


def test_ids_spell_the_cleaned_text(encoder):
    tokenizer = encoder._vocabulary._tokenizer
    spelt = "".join(tokenizer.id_to_token(index) for index in encoder.ids(HELLO)[0])
    assert spelt.replace("[SPACE]", " ") == "[en]hello, i am glad you came."


def test_a_long_text_is_split_and_every_part_fits(encoder):
    text = "This is the sentence that is said again, and again, and again. " * 40
    parts = encoder.ids(text)
    assert len(parts) > 8
    assert all(len(ids) <= 400 for ids in parts)
    joined = [index for ids in parts for index in ids[1:]]
    assert joined.count(SPECIAL["[SPACE]"]) == 40 * 12 - len(parts)


def test_numbers_that_grow_when_they_are_read_are_split_too(encoder):
    parts = encoder.ids("123456789 " * 60)
    assert len(parts) > 10
    assert all(len(ids) <= 400 for ids in parts)


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=400), st.sampled_from(["en", "de", "ru", "ar"]))
def test_any_text_is_encoded_or_refused(text, code):
    encoder = MADE.setdefault(code, BpeEncoder(language=code))
    try:
        parts = encoder.ids(text)
    except InputError:
        return
    assert parts
    assert all(0 < len(ids) <= 400 for ids in parts)


MADE = {}


@pytest.mark.parametrize("text", ["", "  \n", "...", '"', "?!"])
def test_a_text_in_which_nothing_is_spoken_is_refused(encoder, text):
    with pytest.raises(InputError, match=r"the text (is empty|has no words)"):
        encoder(text)


@pytest.mark.parametrize(
    ("text", "language", "words"),
    [
        ("Привет, как дела?", "en", ["Cyrillic script", "--language ru"]),
        ("مرحبا كيف حالك", "fr", ["Arabic script", "--language ar"]),
        ("你好吗", "en", ["Chinese script", "spelt in pinyin"]),
        ("こんにちは", "ru", ["Japanese script", "spelt in Latin letters"]),
        ("Γειά σου", "en", ["Greek script", "translate it"]),
        ("Привет, как дела?", "ar", ["written in Arabic"]),
    ],
)
def test_a_text_in_another_script_than_its_language_is_refused(text, language, words):
    with pytest.raises(InputError) as caught:
        BpeEncoder(language=language).ids(text)
    assert all(word in str(caught.value) for word in words)


@pytest.mark.parametrize(
    ("text", "language"), [("OK, Привет!", "ru"), ("OK.", "ar"), ("Say Привет to all", "en")]
)
def test_a_few_words_in_another_script_and_latin_anywhere_are_read(text, language):
    assert BpeEncoder(language=language).ids(text)


def test_what_is_no_text_is_refused(encoder):
    with pytest.raises(InputError, match="a bytes"):
        encoder(b"hello")


def test_characters_that_are_not_known_are_counted_aloud(encoder):
    assert "2 characters" in notes(lambda: encoder.ids("hello 你 there 好"))


def test_a_vocabulary_of_a_file_gives_the_same(encoder, own):
    loaded = BpeEncoder(vocabulary=str(own))
    assert np.array_equal(loaded.ids(HELLO)[0], encoder.ids(HELLO)[0])


def test_a_file_that_is_no_such_vocabulary_is_refused(tmp_path, own):
    (tmp_path / "a.json").write_text("{}")
    with pytest.raises(WeightsError, match="cannot be read"):
        BpeEncoder(vocabulary=str(tmp_path / "a.json"))
    (tmp_path / "b.json").write_text(own.read_text().replace("[SPACE]", "[GAP]"))
    with pytest.raises(WeightsError, match=r"no token \[SPACE\]"):
        BpeEncoder(vocabulary=str(tmp_path / "b.json"))
    (tmp_path / "c.json").write_text(own.read_text().replace("[hu]", "[xx]"))
    with pytest.raises(InputError, match=r"no token \[hu\]"):
        BpeEncoder(vocabulary=str(tmp_path / "c.json"), language="hu")
    (tmp_path / "d.json").write_bytes(own.read_bytes()[:500])
    with pytest.raises(WeightsError, match="cannot be read"):
        BpeEncoder(vocabulary=str(tmp_path / "d.json"))


def test_ids_need_no_torch():
    code = "import sys; from pfy_plugin_bpe.encoder import BpeEncoder; BpeEncoder().ids('hello')\n"
    code += "print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# Tokens -----------------------------------------------------------------------------------------


def test_embedded_tokens_are_one_row_for_each_id_and_seeded(encoder):
    found = encoder(HELLO)
    assert found.tokens.shape == (len(found.ids[0]), 512)
    same = found.ids[0] == SPECIAL["[SPACE]"]
    assert torch.equal(found.tokens[same], found.tokens[same][:1].expand(same.sum(), -1))
    assert torch.equal(BpeEncoder()(HELLO).tokens, found.tokens)
    assert not torch.equal(BpeEncoder(init_seed=1)(HELLO).tokens, found.tokens)
    assert "no embedding is named" in notes(lambda: BpeEncoder()(HELLO))


def test_global_random_numbers_are_left_alone():
    before = torch.get_rng_state()
    BpeEncoder()(HELLO)
    assert torch.equal(torch.get_rng_state(), before)


@pytest.mark.parametrize("prefix", ["", "xtts."])
def test_xtts_embeddings_become_two_tokens_for_each_id(encoder, tmp_path, prefix):
    vectors = torch.randn(600, 1024, generator=torch.Generator().manual_seed(0))
    file = tmp_path / "model.safetensors"
    save_file({f"{prefix}gpt.text_embedding.weight": vectors, "other": torch.zeros(2)}, file)
    found = BpeEncoder(embedding=str(file))(HELLO)
    (ids,) = found.ids
    assert torch.equal(found.tokens.reshape(-1, 1024), vectors[torch.from_numpy(ids)])


class Config:
    """Stands for a class that only the trainer's program has."""

    def __init__(self):
        self.sizes = [1, 2]


def test_a_released_checkpoint_with_a_foreign_config_is_read_and_nothing_in_it_runs(tmp_path):
    vectors = torch.randn(600, 512, generator=torch.Generator().manual_seed(0))
    state = {"config": Config(), "model": {"gpt.text_embedding.weight": vectors}, "step": 3}
    torch.save(state, tmp_path / "model.pth")
    found = BpeEncoder(embedding=str(tmp_path / "model.pth"))(HELLO)
    assert torch.equal(found.tokens, vectors[torch.from_numpy(found.ids[0])])


@pytest.mark.parametrize(
    ("state", "word"),
    [
        ({"x": torch.zeros(2)}, "no tensor"),
        ({"gpt.text_embedding.weight": torch.zeros(100, 1024)}, "at least 51"),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused(tmp_path, state, word):
    save_file(state, tmp_path / "a.safetensors")
    with pytest.raises(WeightsError) as caught:
        BpeEncoder(embedding=str(tmp_path / "a.safetensors"))(HELLO)
    assert word in str(caught.value)


def test_the_released_layout_is_the_ids_in_one_row(encoder):
    found = BpeEncoder(layout="released")(HELLO)
    assert found.tokens.shape == (1, 512)
    assert found.tokens[0, : len(found.ids[0])].tolist() == found.ids[0].tolist()
    assert not found.tokens[0, len(found.ids[0]) :].any()


def test_the_released_layout_holds_no_more_than_512():
    with pytest.raises(InputError, match="512"):
        BpeEncoder(layout="released")("a sentence that is said. " * 60)


def test_dtype_of_the_tokens():
    assert BpeEncoder(dtype="bfloat16")(HELLO).tokens.dtype == torch.bfloat16


@pytest.mark.parametrize(
    "option",
    [
        {"layout": "raw"},
        {"dtype": "int8"},
        {"characters": 5},
        {"language": "zh"},
        {"device": "tpu:9"},
        {"init_seed": -1},
    ],
)
def test_an_option_out_of_range_is_refused(option):
    with pytest.raises(InputError):
        BpeEncoder(**option)(HELLO)


def test_the_vocabulary_file_of_tokenizers_round_trips(own):
    assert Tokenizer.from_file(str(own)).encode("[en]hello").ids[0] == SPECIAL["[en]"]
