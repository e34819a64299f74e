import numpy as np
import pytest
import torch
from PIL import Image

from pfy_core import InputError
from pfy_core.errors import WeightsError
from pfy_plugin_vae import autoencoder
from pfy_plugin_vae.vae import VAEDecoder, VAEEncoder


def test_the_latent_is_the_mean_of_the_posterior_scaled(encoder, image):
    pixels = torch.from_numpy(image).permute(2, 0, 1)[None] / 255
    posterior = encoder.autoencoder.encode((pixels - 0.5) / 0.5).latent_dist
    made = encoder(image).latent
    assert made.shape == (4, 16, 16)
    assert made.dtype == torch.float32
    torch.testing.assert_close(made, posterior.mean[0] * 0.18215, rtol=1e-4, atol=1e-6)


def test_tokens_are_a_plain_reshape_of_the_latents(encoder, image):
    made = encoder(image)
    assert made.tokens.shape == (2, 512)
    assert torch.equal(made.tokens.reshape(4, 16, 16), made.latent)


def test_released_tokens_are_the_rows_of_the_pixels(encoder, image):
    """At 512 pixels as in the released code: one token for each row of each channel."""
    made = VAEEncoder(size="tiny", image_size=128, layout="released")(image)
    assert made.tokens.shape == (96, 512)
    pixels = torch.from_numpy(image).permute(2, 0, 1) / 127.5 - 1
    assert torch.equal(made.tokens.reshape(3, 128, 128), pixels)
    assert torch.equal(made.latent, encoder(image).latent)


def test_frames_are_the_decoded_latents_in_bytes(decoder, latents):
    (made,) = decoder(iter([latents]))
    decoded = decoder.autoencoder.decode(latents / 0.18215).sample
    wanted = ((decoded / 2 + 0.5).clamp(0, 1) * 255).round().permute(0, 2, 3, 1)
    assert made.shape == (5, 64, 64, 3)
    assert made.dtype == np.uint8
    assert np.abs(made.astype(int) - wanted.numpy()).max() <= 1


@pytest.mark.parametrize("batch", [1, 2, 8])
def test_frames_do_not_depend_on_how_the_latents_are_cut(latents, decoder, batch):
    (whole,) = decoder(iter([latents]))
    cut = list(VAEDecoder(size="tiny", batch=batch)(iter(latents.split([1, 3, 1]))))
    assert [len(part) for part in cut] == [1, 3, 1]
    assert np.abs(np.concatenate(cut).astype(int) - whole).max() <= 1  # sums in another order


def test_an_image_that_is_not_square_is_referred_to_what_makes_it_so(encoder):
    with pytest.raises(InputError) as caught:
        encoder(np.zeros((90, 120, 3), np.uint8))
    assert caught.value.sends == "image: 120x90 pixels"
    assert "adapter/square" in caught.value.fix


def test_a_photo_is_brought_to_size_as_pillow_does():
    from pfy_plugin_vae.pixels import pixels

    image = np.random.RandomState(0).randint(0, 256, (90, 90, 3)).astype(np.uint8)
    wanted = np.asarray(Image.fromarray(image).resize((64, 64), Image.Resampling.BILINEAR))
    assert np.array_equal(((pixels(image, 64) + 1) * 127.5).round().permute(1, 2, 0), wanted)


def test_the_same_seed_gives_the_same_autoencoder_and_leaves_the_global_one_alone(image, encoder):
    before = torch.random.get_rng_state()
    again, other = (VAEEncoder(size="tiny", image_size=128, init_seed=seed) for seed in (0, 1))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert torch.equal(again(image).latent, encoder(image).latent)
    assert not torch.equal(other(image).latent, encoder(image).latent)


def test_large_images_are_tiled_and_small_ones_are_not(decoder, monkeypatch):
    tiles = VAEDecoder(size="tiny")
    seen = []
    original = tiles.autoencoder.decoder.forward
    monkeypatch.setattr(
        tiles.autoencoder.decoder, "forward", lambda z: seen.append(z.shape[-1]) or original(z)
    )
    (frames,) = tiles(iter([torch.zeros(1, 4, 72, 72)]))
    assert frames.shape == (1, 576, 576, 3)
    assert len(seen) > 1
    assert max(seen) <= 64


def test_bfloat16_is_near_float32(encoder, decoder, image, latents):
    half = VAEEncoder(size="tiny", image_size=128, dtype="bfloat16")(image).latent
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, encoder(image).latent, rtol=0.1, atol=0.02)
    (frames,) = VAEDecoder(size="tiny", dtype="bfloat16")(iter([latents]))
    (wanted,) = decoder(iter([latents]))
    assert np.abs(frames.astype(int) - wanted).mean() < 4


def test_full_size_has_the_parameters_of_stable_diffusions_autoencoder():
    full = autoencoder._outline(autoencoder.FULL, autoencoder.FULL_LAYERS)
    assert sum(value.numel() for value in full.parameters()) == 83_653_863
    assert len(full.state_dict()) == 248


@pytest.mark.parametrize("names", ["new", "old"])
@pytest.mark.parametrize("suffix", [".safetensors", ".bin"])
def test_a_checkpoint_of_any_width_is_loaded_under_new_and_old_names(
    encoder, decoder, image, latents, tmp_path, suffix, names
):
    import safetensors.torch

    state = encoder.autoencoder.state_dict()
    if names == "old":  # those of sd-vae-ft-mse
        for new, old in (("to_q", "query"), ("to_k", "key"), ("to_v", "value"), ("to_out.0", "proj_attn")):
            state = {key.replace(f".{new}.", f".{old}."): value for key, value in state.items()}
        assert "decoder.mid_block.attentions.0.proj_attn.weight" in state
    file = tmp_path / f"vae{suffix}"
    safetensors.torch.save_file(state, file) if suffix == ".safetensors" else torch.save(state, file)
    loaded = VAEEncoder(weights=str(file), image_size=128)
    assert torch.equal(loaded(image).latent, encoder(image).latent)
    assert np.array_equal(*(next(made(iter([latents]))) for made in (VAEDecoder(weights=str(file)), decoder)))


def test_what_a_checkpoint_lacks_is_named(encoder, tmp_path):
    state = encoder.autoencoder.state_dict()
    del state["decoder.conv_in.bias"]
    state["decoder.conv_out.bias"] = torch.zeros(4)
    torch.save(state, tmp_path / "vae.pt")
    with pytest.raises(WeightsError) as caught:
        VAEDecoder(weights=str(tmp_path / "vae.pt"))
    assert "missing: decoder.conv_in.bias" in str(caught.value)
    assert "shape: decoder.conv_out.bias is (4), not (3)" in str(caught.value)


def test_a_checkpoint_of_something_else_and_a_damaged_one_are_said_so(tmp_path):
    torch.save({"weight": torch.zeros(2)}, tmp_path / "other.pt")
    with pytest.raises(WeightsError, match="unexpected: weight"):
        VAEDecoder(weights=str(tmp_path / "other.pt"))
    (tmp_path / "torn.safetensors").write_bytes(b"\x08")
    with pytest.raises(WeightsError, match="cannot be read"):
        VAEDecoder(weights=str(tmp_path / "torn.safetensors"))


@pytest.mark.parametrize(
    "bad",
    [
        np.zeros((4, 4), np.uint8),
        np.zeros((4, 4, 4), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 3), np.float32),
        [[1]],
    ],
)
def test_what_is_no_image_is_said_so(encoder, bad):
    with pytest.raises(InputError, match="image"):
        encoder(bad)


@pytest.mark.parametrize(
    "bad",
    [
        torch.zeros(4, 8, 8),
        torch.zeros(1, 3, 8, 8),
        torch.zeros(1, 4, 0, 8),
        torch.full((1, 4, 8, 8), torch.nan),
    ],
)
def test_what_are_no_latents_is_said_so(decoder, bad):
    with pytest.raises(InputError, match="latents"):
        list(decoder(iter([bad])))


def test_a_piece_without_frames_is_passed_over(decoder, latents):
    cut = list(decoder(iter([latents[:0], latents[:2], latents[2:2], latents[2:]])))
    assert [len(frames) for frames in cut] == [2, 3]
    assert np.array_equal(np.concatenate(cut), *decoder(iter([latents])))


@pytest.mark.parametrize("side", [1, 3, 999])
def test_squares_of_any_size_are_encoded(encoder, side):
    made = encoder(np.full((side, side, 3), 7, np.uint8)).latent
    assert made.shape == (4, 16, 16)
    assert made.isfinite().all()


@pytest.mark.parametrize(
    "options",
    [
        {"image_size": 100},
        {"image_size": 0},
        {"image_size": 192},
        {"layout": "rows"},
        {"init_seed": -1},
        {"dtype": "int8"},
        {"device": "nowhere"},
    ],
)
def test_options_out_of_range_are_said_so(options):
    with pytest.raises(InputError):
        VAEEncoder(**{"size": "tiny", "image_size": 128} | options)
