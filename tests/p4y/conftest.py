"""A folder with what a user may give: photos, recordings and checkpoints, good ones and others."""

from __future__ import annotations

import os
import pickle
import zipfile

import homes
import numpy as np
import pytest
import torch
from PIL import Image
from scipy.io import wavfile
from turned_faces import turned

from pfy_core import Store, checkpoint, weights
from pfy_core.media import image
from pfy_plugin_fusers.fusers import ETE
from pfy_plugin_gpt2_hifi import model as gpt2_hifi
from pfy_plugin_hifigan import model as hifigan
from pfy_plugin_portrait.encoder import FaceMeshEncoder
from pfy_plugin_referencenet.decoder import ReferenceNet
from pfy_plugin_vae.vae import VAEDecoder
from pfy_plugin_wav2vec2 import network as wav2vec2

RATE = 24_000
STOP = 1025
"""The code that ends a sentence (XTTS-v2)."""


@pytest.fixture(autouse=True, scope="session")
def home(tmp_path_factory):
    """A home of its own with the user's weights, and one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        made = homes.with_weights(tmp_path_factory.mktemp("home"))
        patch.setenv("PFY_HOME", str(made))
        for name in ("PFY_PLUGINS", "PFY_STRICT", "PFY_OFFLINE"):
            patch.delenv(name, raising=False)
        yield made
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True)
def _alone():
    """These tests share a home."""


@pytest.fixture(scope="session")
def store(home):
    return Store(home / "store")


@pytest.fixture(scope="session")
def photo(home):
    return image.load(weights.path("demo/astronaut"))


@pytest.fixture(scope="session")
def recording():
    """Three seconds of a tone whose pitch and loudness change, at 22,050 Hz."""
    time = np.arange(3 * 22_050) / 22_050
    tone = np.sin(2 * np.pi * 140 * time + 3 * np.sin(2 * np.pi * 5 * time))
    return (0.3 * tone * (1.2 + np.sin(2 * np.pi * 3 * time)) / 2.2).astype(np.float32)


@pytest.fixture(scope="session")
def given(tmp_path_factory):
    folder = tmp_path_factory.mktemp("given")
    _photos(folder)
    _recordings(folder)
    _checkpoints(folder)
    return folder


def _photos(folder):
    photo = image.load(weights.path("demo/astronaut"))
    face = Image.fromarray(photo).crop((100, 0, 356, 256))
    face.save(folder / "face.png")
    face.convert("L").save(folder / "grey.png")
    face.convert("CMYK").save(folder / "cmyk.jpg")
    clear = face.copy()
    clear.putalpha(Image.linear_gradient("L"))
    clear.save(folder / "alpha.png")
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees to be upright
    face.transpose(Image.Transpose.ROTATE_90).save(folder / "turned.jpg", exif=exif)
    Image.fromarray(photo).resize((8000, 6000)).save(folder / "huge.jpg")
    Image.fromarray(photo).crop((80, 0, 330, 512)).save(folder / "tall.png")
    face.resize((20, 20)).save(folder / "tiny.png")
    Image.new("RGB", (400, 300), "navy").save(folder / "empty.png")
    Image.new("L", (20_000, 20_000)).save(folder / "vast.png")
    two = Image.new("RGB", (640, 320), (90, 90, 110))
    two.paste(face.resize((300, 300)), (10, 10))
    two.paste(face.resize((240, 240)), (380, 60))
    two.save(folder / "two.png")
    profile = turned(photo, FaceMeshEncoder()(photo).landmarks, 80)
    Image.fromarray(profile).crop((100, 0, 356, 256)).save(folder / "profile.png")


def _recordings(folder):
    def write(name, wave, rate=RATE):
        wavfile.write(folder / name, rate, wave.astype(np.float32))

    def voice(rate, seconds=2.0):
        """A buzz of 120 Hz that comes and goes as syllables do."""
        t = np.arange(round(rate * seconds)) / rate
        tones = sum(np.sin(2 * np.pi * 120 * k * t) / k for k in range(1, 20))
        return 0.1 * tones * (1.1 + np.sin(2 * np.pi * 3 * t))

    write("voice.wav", voice(RATE))
    write("8k.wav", voice(8_000), 8_000)
    write("192k.wav", voice(192_000), 192_000)
    write("six.wav", np.stack([voice(RATE)] * 6, axis=1))
    write("silent.wav", np.zeros(2 * RATE))
    write("short.wav", voice(RATE, 0.1))
    write("nan.wav", np.where(np.arange(2 * RATE) % 999 == 7, np.nan, voice(RATE)))
    (folder / "words.wav").write_text("not a sound")


class _Hostile:
    def __reduce__(self):
        return os.mkdir, ("executed",)


def _checkpoints(folder):
    parts = {
        "vae": VAEDecoder(size="tiny").autoencoder,
        "hallo": ReferenceNet(size="tiny", width=64).model,
        "wide": ReferenceNet(size="tiny", width=48).model,
        "wav2vec2": wav2vec2.initialised("tiny", 0),
    }
    for name, part in parts.items():
        checkpoint.save(folder / f"{name}.safetensors", part.state_dict())
    ETE().save(folder / "ete.safetensors")
    xtts = folder / "xtts.safetensors"
    hifigan.write_seeded(xtts)
    gpt2_hifi.write_seeded(xtts)
    hifigan.write_seeded(folder / "hifigan.safetensors")
    state = checkpoint.read(str(xtts))
    state["gpt.mel_head.bias"][STOP] = 1e4
    checkpoint.save(folder / "terse.safetensors", state)

    whole = checkpoint.read(str(folder / "vae.safetensors"))
    torch.save(whole, folder / "vae.pth")
    torch.save(dict(list(whole.items())[:-3]), folder / "less.pth")
    for name in ("vae.safetensors", "vae.pth"):
        data = (folder / name).read_bytes()
        (folder / f"cut-{name}").write_bytes(data[: len(data) // 2])
    with zipfile.ZipFile(folder / "zip.pth", "w") as archive:
        archive.writestr("hello.txt", "hello")
    torch.save({"weight": torch.zeros(2), "config": _Hostile()}, folder / "hostile.pth")
    (folder / "plain.pth").write_bytes(pickle.dumps(_Hostile()))
    (folder / "text.pth").write_text("hello")
    (folder / "nothing.pth").write_bytes(b"")
    (folder / "text.tflite").write_text("hello")
