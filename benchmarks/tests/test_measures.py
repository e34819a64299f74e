"""Extractors and metrics of several plugins, joined: what one gives, the other takes."""

import cv2
import numpy as np
import pytest

from pfy_core import Graph, weights
from pfy_core.check import check
from pfy_core.media import image
from pfy_core.testing import sounds
from pfy_plugin_portrait.encoder import FaceMeshEncoder

NODES = """
pfy: 1
name: measured
inputs: {frames: {kind: video.frames}, wave: {kind: audio.wave}, text: {kind: text}, photo: {kind: image.rgb}}
nodes:
  face: {use: extractor/face-track, take: {frames: $frames}}
  phones: {use: extractor/phones, take: {wave: $wave, text: $text}}
  voice: {use: extractor/speaker, take: {wave: $wave}}
  opinion: {use: extractor/speech-quality, take: {wave: $wave}}
  heard: {use: extractor/words-heard, take: {wave: $wave}}
  mesh: {use: encoder/face-mesh, take: {face: $photo}}
  known: {use: extractor/photo-identity, take: {photo: $photo, landmarks: mesh.landmarks}}
  seen: {use: extractor/face-identity, take: {frames: $frames, face: face}}
  closure: {use: metric/closure, take: {face: face, phones: phones}}
  lip-offset: {use: metric/lip-offset, take: {face: face, phones: phones}}
  energy-offset: {use: metric/energy-offset, take: {face: face, wave: $wave}}
  face-found: {use: metric/face-found, take: {face: face}}
  head-speed: {use: metric/head-speed, take: {face: face}}
  colour-drift: {use: metric/colour-drift, take: {frames: $frames, face: face}}
  lip-motion-error: {use: metric/lip-motion-error, take: {made: face, reference: face}}
  identity: {use: metric/identity-distance, take: {made: seen, reference: known}}
  similarity: {use: metric/speaker-similarity, take: {made: voice, reference: voice}}
  quality: {use: metric/speech-quality, take: {quality: opinion}}
  errors: {use: metric/word-errors, take: {heard: heard, text: $text}}
"""


ALL = (
    "closure",
    "lip-offset",
    "energy-offset",
    "face-found",
    "head-speed",
    "colour-drift",
    "lip-motion-error",
) + ("identity", "similarity", "quality", "errors")
SIDE, FRAMES = 256, 10


def measured(*names):
    outputs = "".join(f"  {name.replace('-', '_')}: {name}.value\n" for name in names)
    return Graph.from_yaml(NODES + "outputs:\n" + outputs, "measured")


def test_every_measure_takes_what_its_extractors_give():
    assert check(measured(*ALL)) == []


def test_embeddings_of_faces_are_not_those_of_voices():
    wrong = NODES.replace("made: voice", "made: seen")
    (problem,) = check(Graph.from_yaml(wrong + "outputs: {x: similarity.value}\n", "wrong"))
    assert "embedding.face" in problem.sends


@pytest.mark.slow
def test_a_face_that_is_carried_is_found_and_as_fast_as_it_is_carried():
    still = image.load(weights.path("demo/astronaut"))[0:330, 60:390]
    still = cv2.resize(still, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    frames = np.stack([np.roll(still, 2 * k, axis=1) for k in range(FRAMES)])
    iod = float(np.linalg.norm(np.subtract(*FaceMeshEncoder()(still).landmarks[[33, 263], :2])))
    graph = measured("face-found", "head-speed", "lip-motion-error")
    with graph.run(frames=frames, wave=sounds.wave(6400, 16_000, 0), text="", photo=still) as run:
        assert run["face_found"] == 1
        assert run["head_speed"] == pytest.approx(100 * 2 / iod, rel=0.1)
        assert run["lip_motion_error"] == 0
