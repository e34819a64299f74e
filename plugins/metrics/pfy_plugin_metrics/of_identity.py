"""``extractor/face-identity`` and ``extractor/photo-identity``, and the metrics of who is seen."""

from __future__ import annotations

import numpy as np

from pfy_core import Extractor, InputError, Metric, Score, Weights
from pfy_plugin_metrics.identity import WIDTH, Identity, cosines, distances, growth, pairs
from pfy_plugin_metrics.ports import Clip, DlibFaces, Face, Faces, Landmarks, OtherFaces, Photo, PhotoFace
from pfy_plugin_metrics.unscored import Unscored, scored

FEWEST = 3
"""Compared frames that a change over time is told from."""


class FaceIdentity(Extractor, name="face-identity"):
    """Who is seen: the embedding of dlib's ResNet for every ``every``-th frame, from the first on.

    A frame without a face has a row of NaN. A face takes a core .15 to .5 s. Raises InputError for
    landmarks outside of the picture, and without dlib (pip install 'pfy-plugin-metrics[faces]').
    """

    def __init__(self, *, every: int = 25, network: Weights = "measure/identity") -> None:
        if every < 1:
            raise InputError(f"every {every}", "1 or more: one frame in so many is looked at")
        self._every, self._net = every, Identity(network)

    def __call__(self, frames: Clip, face: Face) -> DlibFaces:
        """frames (t h w 3), face (t 478 3) -> (t / every, rounded up, 128)."""
        looked = range(0, min(len(frames), len(face)), self._every)
        found = np.full((len(looked), WIDTH), np.nan, np.float32)
        for row, k in zip(found, looked, strict=True):
            if np.isfinite(face[k]).all():
                row[:] = self._net(frames[k], face[k])
        return found


class PhotoIdentity(Extractor, name="photo-identity"):
    """Who is seen in a photo: the embedding of dlib's ResNet, one row.

    Landmarks are those of ``encoder/face-mesh``. Raises InputError for landmarks that are not finite or
    outside of the picture, and without dlib (pip install 'pfy-plugin-metrics[faces]').
    """

    def __init__(self, *, network: Weights = "measure/identity") -> None:
        self._net = Identity(network)

    def __call__(self, photo: Photo, landmarks: Landmarks) -> PhotoFace:
        """photo (h w 3), landmarks (478 3) -> (1 128)."""
        return self._net(photo, landmarks)[None].astype(np.float32)


class IdentitySimilarity(Metric, name="identity-similarity"):
    """Mean cosine of the embeddings of two faces, -1 to 1: 1 is the same.

    As embeddings of networks trained on angles are compared (ArcFace). dlib's is not: 16 people have .74 to
    .92 with each other there, so take ``metric/identity-distance``. Unscored: a side without a face. Raises
    InputError for embeddings of two networks.
    """

    def __call__(self, made: Faces, reference: OtherFaces) -> Score:
        """made (n d), reference (m d), a photo's or a video's -> cosine."""
        return scored(lambda: float(cosines(*pairs(made, reference)).mean()))


class IdentityDistance(Metric, name="identity-distance"):
    """Mean Euclidean distance of the embeddings of two faces: 0 is the same picture.

    With dlib's network one person's pictures are less than .6 apart as a rule; 16 people are .61 to 1.01
    apart from each other. Unscored: a side without a face. Raises InputError for embeddings of two
    networks. D. King, 2017.
    """

    def __call__(self, made: Faces, reference: OtherFaces) -> Score:
        """made (n d), reference (m d), a photo's or a video's -> distance."""
        return scored(lambda: float(distances(*pairs(made, reference)).mean()))


class IdentityDrift(Metric, name="identity-drift"):
    """By how much a face moves away from who it is meant to be, from the first to the last compared frame.

    The rise of the straight line through the distances of ``metric/identity-distance``; 0 is none, less
    than 0 comes nearer. Unscored: a side without a face, fewer than 3 compared frames. Raises InputError
    for embeddings of two networks.
    """

    def __call__(self, made: Faces, reference: OtherFaces) -> Score:
        """made (n d) in order, reference (m d) -> change of the distance."""

        def measured() -> float:
            one, other = pairs(made, reference)
            if len(one) < FEWEST:
                raise Unscored(f"{len(one)} compared frames with a face, {FEWEST} wanted")
            return growth(distances(one, other))

        return scored(measured)
