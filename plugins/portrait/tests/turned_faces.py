"""A photo whose face is turned aside, made from a photo of one that looks ahead."""

from __future__ import annotations

import cv2
import numpy as np
from scipy.spatial import Delaunay

BACKGROUND = 110
"""Grey that stands where the photo shows nothing of the turned face."""
MESH = 468
"""Landmarks of the face; those behind are the irises'."""


def turned(photo, landmarks, degrees):
    """The face of a photo (h w 3) by its landmarks (478 3), turned about its middle, on plain grey."""
    points = np.asarray(landmarks[:MESH], float)
    middle, angle = points.mean(axis=0), np.radians(degrees)
    turn = np.array([[np.cos(angle), 0, np.sin(angle)], [0, 1, 0], [-np.sin(angle), 0, np.cos(angle)]])
    moved = (points - middle) @ turn.T + middle
    picture = np.full_like(photo, BACKGROUND)
    triangles = Delaunay(points[:, :2]).simplices
    for triangle in sorted(triangles, key=lambda corners: -moved[corners, 2].mean()):  # the farthest first
        source, target = (where[triangle, :2].astype(np.float32) for where in (points, moved))
        shown = cv2.warpAffine(photo, cv2.getAffineTransform(source, target), photo.shape[1::-1])
        mask = np.zeros(photo.shape[:2], np.uint8)
        cv2.fillConvexPoly(mask, np.round(target).astype(int), 1)
        picture[mask > 0] = shown[mask > 0]
    return picture
