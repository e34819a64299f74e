import numpy as np
import pytest
import safetensors.torch
import torch

from pfy_core import InputError
from pfy_core.errors import WeightsError
from pfy_core.events import watching
from pfy_plugin_referencenet import drift, widths
from pfy_plugin_referencenet.decoder import ReferenceNet

SMALL = {"size": "tiny", "window": 3, "layers": 2, "width": 16, "clip": 4, "steps": 1}
SPEECH = 3 * 2 * 16
"""A network in a second, for features that are quickly made."""


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


@pytest.fixture(scope="module")
def decoder():
    return ReferenceNet(**SMALL)


@pytest.fixture(scope="module")
def alike(decoder):
    """Decoders with the network of ``decoder`` and other options."""

    def made(**options):
        twin = ReferenceNet(**SMALL | options)
        twin.model.load_state_dict(decoder.model.state_dict())
        return twin

    return made


@pytest.fixture(scope="module")
def face():
    masks = np.random.RandomState(0).uniform(0, 1, (3, 70, 70)).astype(np.float32)
    region = np.zeros((70, 70), np.float32)
    region[20:60, 15:55] = 1
    image, identity = 0.2 * normal(4, 8, 8, seed=1), normal(512, seed=2)
    return {"image": image, "masks": masks, "region": region, "identity": identity}


@pytest.fixture(scope="module")
def speech():
    return normal(6, 3, 2, 16, seed=3)


@pytest.fixture(scope="module")
def whole(decoder, face, speech):
    return run(decoder, face, [speech])


def run(decoder, face, chunks, seed=7):
    return torch.cat(list(decoder(features=iter(chunks), seed=seed, **face)))


def test_there_is_a_latent_for_each_frame_of_speech_clip_by_clip(decoder, face, speech):
    made = list(decoder(features=iter([speech]), seed=7, **face))
    assert [tuple(clip.shape) for clip in made] == [(4, 4, 8, 8), (2, 4, 8, 8)]
    assert all(clip.dtype == torch.float32 and clip.isfinite().all() for clip in made)


@pytest.mark.parametrize("sizes", [[1] * 6, [3, 2, 1], [0, 5, 1], [4, 2]])
def test_the_video_is_the_same_however_the_speech_is_cut(decoder, face, speech, whole, sizes):
    assert torch.equal(run(decoder, face, speech.split(sizes)), whole)


def test_a_clip_is_given_out_before_the_next_speech_is_asked_for(decoder, face, speech):
    asked = []

    def chunks():
        for chunk in speech.split(2):
            asked.append(len(chunk))
            yield chunk

    next(decoder(features=chunks(), seed=7, **face))
    assert asked == [2, 2]


def test_the_same_seed_gives_the_same_video_and_leaves_the_global_one_alone(decoder, face, speech, whole):
    before = torch.random.get_rng_state()
    assert torch.equal(run(decoder, face, [speech]), whole)
    assert not torch.equal(run(decoder, face, [speech], seed=8), whole)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_last_clip_is_filled_with_its_last_frame(decoder, face, speech, whole):
    filled = torch.cat([speech, speech[-1:].expand(2, -1, -1, -1)])
    longer = run(decoder, face, [filled])
    assert len(longer) == 8
    assert torch.equal(longer[:6], whole)


def test_neither_the_inputs_nor_the_network_are_changed(decoder, face, speech):
    before = {key: torch.as_tensor(value).clone() for key, value in face.items()}, speech.clone()
    parameters = {key: value.clone() for key, value in decoder.model.state_dict().items()}
    run(decoder, face, [speech[:4]])
    assert all(torch.equal(before[0][key], torch.as_tensor(value)) for key, value in face.items())
    assert torch.equal(before[1], speech)
    assert all(torch.equal(value, parameters[key]) for key, value in decoder.model.state_dict().items())


def test_the_mode_of_the_modules_does_not_matter(decoder, face, speech, whole):
    """In Hallo's code it decides which network runs."""
    try:
        decoder.model.train()
        assert torch.equal(run(decoder, face, [speech]), whole)
    finally:
        decoder.model.eval()


@pytest.mark.parametrize("name", ["image", "identity", "region", "masks"])
def test_every_input_matters(decoder, face, speech, whole, name):
    changed = face | {name: 1 - face[name]}
    assert not torch.allclose(run(decoder, changed, [speech[:4]]), whole[:4])


def test_speech_matters_where_its_regions_are_weighted(decoder, alike, face, speech, whole):
    silent = torch.zeros_like(speech[:4])
    assert not torch.allclose(run(decoder, face, [silent]), whole[:4])
    # With no weight the speech has no way in: conv biases are weighted too, as in Hallo.
    deaf = alike(pose_weight=0, face_weight=0, lip_weight=0)
    unheard = run(deaf, face, [silent])
    assert torch.equal(unheard, run(deaf, face, [speech[:4]]))
    assert torch.equal(unheard, run(alike(diffusion_cross_attention=False), face, [speech[:4]]))


def test_speech_can_be_kept_out_of_the_evaluation_branch_too(alike, face, speech):
    deaf = alike(branch="evaluation", diffusion_cross_attention=False)
    assert torch.equal(run(deaf, face, [torch.zeros_like(speech[:4])]), run(deaf, face, [speech[:4]]))


@pytest.mark.parametrize("tiling", [True, False])
def test_the_photo_itself_is_no_strange_face(alike, face, tiling):
    decoder = alike(tiling=tiling)
    video = decoder._video(decoder._face(**face, fused=None), 7)
    motion = video.motion(video.face.image.expand(2, -1, -1, -1))
    assert drift.strangeness(motion, video.source(2), video.face.regions) < 1e-4


@pytest.mark.parametrize("option", ["pose_weight", "face_weight", "lip_weight"])
def test_each_region_has_a_weight(alike, face, speech, whole, option):
    assert not torch.allclose(run(alike(**{option: 0.0}), face, [speech[:4]]), whole[:4])


@pytest.mark.parametrize(
    "options",
    [{"guidance": 1.0}, {"branch": "evaluation"}, {"tiling": False}, {"guidance": 2.0}, {"steps": 2}],
)
def test_each_option_of_sampling_makes_another_video(alike, face, speech, whole, options):
    made = run(alike(**options), face, [speech[:4]])
    assert made.isfinite().all()
    assert not torch.allclose(made, whole[:4])


def test_without_guidance_half_of_the_work_is_left_out(alike, face, speech, monkeypatch):
    decoder, seen = alike(guidance=1.0), []
    convolution = decoder.model.denoising_unet.conv_in
    convolution.register_forward_hook(lambda _module, given, _made: seen.append(len(given[0])))
    run(decoder, face, [speech[:4]])
    assert seen == [4]


def test_the_source_image_is_read_once_and_the_motion_frames_with_each_clip(alike, face, speech):
    decoder, seen = alike(drift_guard=False), []
    convolution = decoder.model.reference_unet.conv_in
    convolution.register_forward_hook(lambda _module, given, _made: seen.append(len(given[0])))
    run(decoder, face, [speech])
    assert seen == [2, 4, 4]  # Hallo: 6 and 6


def test_fused_tokens_take_the_place_of_image_region_and_identity(decoder, face, speech):
    image, small = 0.2 * normal(4, 16, 16, seed=4), torch.zeros(64, 64)
    small[20:40, 10:50] = 1
    identity = normal(512, seed=5)
    fused = torch.cat([image.reshape(-1, 512), small.reshape(-1, 512), identity[None]])
    region = small.repeat_interleave(2, 0).repeat_interleave(2, 1)
    other = face | {"image": normal(4, 16, 16), "fused": fused}
    wanted = face | {"image": image, "region": region, "identity": identity}
    torch.testing.assert_close(
        run(decoder, other, [speech[:1]]), run(decoder, wanted, [speech[:1]]), rtol=1e-4, atol=1e-4
    )


def test_offloading_gives_the_same_video(alike, face, speech, whole):
    assert torch.equal(run(alike(offload=True), face, [speech]), whole)


@pytest.mark.parametrize("dtype", ["bfloat16", "float16"])
def test_half_precision_is_near_and_keeps_its_dtype_in_the_banks(alike, face, speech, decoder, dtype):
    half = alike(dtype=dtype, drift_guard=False)
    made = run(half, face, [speech[:4]])
    assert made.dtype == torch.float32
    assert made.isfinite().all()
    video = half._video(half._face(**face, fused=None), 7)
    wanted = decoder._video(decoder._face(**face, fused=None), 7)
    for name, features in video.reference.items():
        assert features.dtype == getattr(torch, dtype)
        assert (features.float() - wanted.reference[name]).std() < 0.1


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_a_checkpoint_is_loaded_and_its_widths_are_read_from_it(
    decoder, face, speech, whole, tmp_path, suffix
):
    state, file = decoder.model.state_dict(), tmp_path / f"net{suffix}"
    if suffix == ".safetensors":
        safetensors.torch.save_file({key: value.contiguous() for key, value in state.items()}, file)
    else:
        torch.save(state, file)
    loaded = ReferenceNet(weights=str(file), steps=1, clip=4)
    assert loaded.model.widths == widths.tiny(SPEECH)
    assert torch.equal(run(loaded, face, [speech[:4]]), whole[:4])


@pytest.mark.parametrize("prefix", ["module.", "state_dict.module."])
def test_what_a_trainer_puts_before_the_names_does_not_matter(decoder, tmp_path, prefix):
    state = decoder.model.state_dict()
    torch.save({prefix + key: value for key, value in state.items()}, tmp_path / "net.pth")
    loaded = ReferenceNet(weights=str(tmp_path / "net.pth")).model.state_dict()
    assert all(torch.equal(loaded[key], value) for key, value in state.items())


def test_a_training_checkpoint_without_audio_projection_takes_it_from_another_file(decoder, tmp_path):
    """The released code of Playing For You saves its network so."""
    state = decoder.model.state_dict()
    silent = {key: value for key, value in state.items() if not key.startswith("audioproj.")}
    torch.save({"epoch": 3, "net_state_dict": silent}, tmp_path / "p4y.pth")
    torch.save(state, tmp_path / "net.pth")
    given = {"weights": str(tmp_path / "p4y.pth"), "audio_weights": str(tmp_path / "net.pth")}
    loaded = ReferenceNet(**given).model.state_dict()
    assert all(torch.equal(loaded[key], value) for key, value in state.items())
    with pytest.raises(WeightsError, match=r"missing: audioproj\.proj1\.weight"):
        ReferenceNet(weights=given["weights"])


def test_every_fault_of_a_checkpoint_is_named(decoder, tmp_path):
    state = decoder.model.state_dict()
    del state["denoising_unet.conv_out.bias"]
    state["denoising_unet.extra"] = torch.zeros(1)
    quirk = "denoising_unet.down_blocks.1.audio_modules.0.proj_in.weight"
    state[quirk] = torch.zeros(64, 64, 1, 1)
    torch.save(state, tmp_path / "net.pth")
    with pytest.raises(WeightsError) as caught:
        ReferenceNet(weights=str(tmp_path / "net.pth"))
    text = str(caught.value)
    assert "missing: denoising_unet.conv_out.bias (4)\n" in text
    assert "unexpected: denoising_unet.extra (1)\n" in text
    assert f"shape: {quirk} is (64 64 1 1), not (32 64 1 1)" in text


@pytest.mark.parametrize("content", [{}, {"weight": torch.zeros(1)}, [1], {"epoch": 2}])
def test_a_checkpoint_of_something_else_is_said_so(tmp_path, content):
    torch.save(content, tmp_path / "net.pth")
    with pytest.raises(WeightsError, match=r"missing|holds"):
        ReferenceNet(weights=str(tmp_path / "net.pth"))


def test_a_torn_checkpoint_and_a_name_that_nobody_registered_are_said_so(decoder, tmp_path):
    torch.save(decoder.model.imageproj.state_dict(), tmp_path / "net.pth")
    whole = (tmp_path / "net.pth").read_bytes()
    (tmp_path / "net.pth").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(WeightsError, match="cannot be read"):
        ReferenceNet(weights=str(tmp_path / "net.pth"))
    with pytest.raises(WeightsError, match="no weights are named"):
        ReferenceNet(weights="hallo/nets")


def test_weights_that_are_not_here_say_where_they_come_from_and_go():
    with pytest.raises(WeightsError) as caught:
        ReferenceNet(weights="hallo/net")
    assert "hub fudan-generative-ai/hallo" in str(caught.value)
    assert "net.pth" in caught.value.fix


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("image", torch.zeros(3, 8, 8), "image: shape"),
        ("image", torch.zeros(4, 8, 12), "multiples of 8"),
        ("image", torch.full((4, 8, 8), torch.nan), "image: values that are no numbers"),
        ("masks", np.zeros((2, 8, 8), np.float32), "full, face and lip"),
        ("masks", np.zeros((3, 0, 8), np.float32), "masks: shape"),
        ("masks", np.zeros((3, 80, 100), np.float32), "masks: 100x80, of a picture whose latents are 64x64"),
        ("region", np.zeros((3, 8, 8), np.float32), "region: shape"),
        ("region", np.zeros((100, 80), np.float32), "adapter/square"),
        ("identity", torch.zeros(128), "identity: 128 numbers"),
        ("identity", "Ada", "identity: a str"),
        ("fused", torch.zeros(5, 512), "latents of 8 by 8"),
    ],
)
def test_inputs_that_do_not_fit_are_named(decoder, face, speech, name, value, says):
    with pytest.raises(InputError) as caught:
        run(decoder, face | {name: value}, [speech])
    assert says in str(caught.value)


def test_fused_tokens_of_another_number_are_counted(decoder, face, speech):
    with pytest.raises(InputError, match=r"shape \(12 512\)\n  wants  \(11 512\)"):
        run(decoder, face | {"image": torch.zeros(4, 16, 16), "fused": torch.zeros(12, 512)}, [speech])


@pytest.mark.parametrize(
    ("chunk", "says"),
    [
        (torch.zeros(4, 5, 12, 768), "46080 numbers a frame"),
        (torch.zeros(4, 96), "features: shape"),
        (torch.full((4, 3, 2, 16), torch.inf), "no numbers"),
        (torch.zeros(0, 3, 2, 16), "no frames"),
    ],
)
def test_speech_that_does_not_fit_is_said_so(decoder, face, chunk, says):
    with pytest.raises(InputError) as caught:
        run(decoder, face, [chunk])
    assert says in str(caught.value)


@pytest.mark.parametrize(
    "options",
    [
        {"steps": 0},
        {"steps": 1001},
        {"size": "huge"},
        {"branch": "train"},
        {"layout": "rows"},
        {"layout": "released"},
        {"init_seed": -1},
        {"window": 0},
        {"window": 2**62},
        {"clip": 1},
        {"clip": 31},
        {"dtype": "int8"},
        {"device": "nowhere"},
    ],
)
def test_options_out_of_range_are_said_so(options):
    with pytest.raises(InputError):
        ReferenceNet(**SMALL | options)


def test_a_face_that_is_lost_is_taken_from_the_photo_again_with_a_note(alike, face, speech, monkeypatch):
    decoder, said = alike(), []
    with watching(said.append):
        monkeypatch.setattr(drift, "STRANGE", 1e-6)
        fresh = run(decoder, face, [speech])
    assert [event.text for event in said] == [
        "after frame 4 the face was no longer that of the photo; the video goes on from the photo"
    ]
    said.clear()
    with watching(said.append):
        monkeypatch.setattr(drift, "STRANGE", 1e6)
        chained = run(decoder, face, [speech])
    assert not said
    assert torch.equal(fresh[:4], chained[:4])
    assert not torch.allclose(fresh[4:], chained[4:])


def test_random_parameters_are_told_of():
    said = []
    with watching(said.append):
        ReferenceNet(**SMALL)
    assert "random" in said[0].text
