"""The README's examples, run as they stand."""

import re
from pathlib import Path

import numpy as np
import pytest
from scipy.io import wavfile
from speech_sounds import noisy, speech

README = Path(__file__).parents[1] / "README.md"


def test_the_examples_run(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    wavfile.write("filmed.wav", 16_000, speech(2).astype(np.float32))
    wavfile.write("made.wav", 16_000, noisy(speech(2), 20).astype(np.float32))
    first, second, reference = np.random.default_rng(0).standard_normal((3, 40, 8))
    names = {"first": first, "second": second, "reference": reference}
    for example in re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL):
        exec(example, names)
    stoi, found, distance = capsys.readouterr().out.splitlines()
    assert found == "Sync(distance=7.0, confidence=5.0, offset=2)"
    assert 0.5 < float(stoi) < 1
    assert float(distance) == pytest.approx(0, abs=3)
