"""``extractor/face-motion``: the motion of a filmed face, from its landmarks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pfy_core import Extractor, note
from pfy_core.kinds import HEAD_CHANNELS, MOTION_CHANNELS, MOTION_INDEX
from pfy_plugin_portrait.eye_channels import EyeChannels
from pfy_plugin_portrait.head_pose import HeadPose
from pfy_plugin_portrait.neutral import filled, require_eyes
from pfy_plugin_portrait.neutral import neutral as at_rest
from pfy_plugin_portrait.ports import Landmarks, MotionOfFilm, Track, require_finite
from pfy_plugin_portrait.skin_channels import SkinChannels

if TYPE_CHECKING:
    from numpy.typing import NDArray

SMOOTHING = np.array([-3, 12, 17, 12, -3]) / 35
"""A parabola fitted to five frames, .2 s (Savitzky & Golay 1964)."""
HEAD = [MOTION_INDEX[name] for name in HEAD_CHANNELS]


class FaceMotion(Extractor, name="face-motion"):
    """Landmarks of a filmed face over time to motion: ARKit channels and the head's pose.

    Everything is counted from the face at rest: ``neutral``, landmarks of this face in the film's pixels, or,
    without it, what the film itself shows of it (mouth closed, eyes open, head and gaze at their median).

    Gaps of up to .2 s are filled in; longer ones are motion 0, and a note says how many frames. Of channels
    that look alike one is used (mouthPucker, not mouthFunnel); what landmarks hardly show stays 0 (tongueOut,
    cheekPuff, cheekSquint, dimples, shrugs, sneers, jawForward). Raises InputError for a track of no face,
    and for a ``neutral`` that is not finite.
    """

    def __call__(self, track: Track, neutral: Landmarks | None = None) -> MotionOfFilm:
        """track (t 478 3) at 25 a second, NaN where there is no face, neutral (478 3) -> (t 58)."""
        points, found = filled(track)
        if neutral is not None:
            require_finite("neutral", neutral)
            require_eyes("neutral", neutral)
        rest = at_rest(points[found]) if neutral is None else neutral.astype(np.float64)
        poses, still = HeadPose(rest).find(points)
        motion = np.zeros((len(points), len(MOTION_CHANNELS)), np.float32)
        SkinChannels(rest)(still, motion)
        EyeChannels(rest)(still, motion)
        motion[:, HEAD] = poses
        motion = smoothed(motion)
        motion[~found] = 0
        if not found.all():
            note(f"no face in {int((~found).sum())} of {len(found)} frames: no motion there")
        return motion


def smoothed(motion: NDArray[np.float32]) -> NDArray[np.float32]:
    """Motion (t 58) without the mesh's trembling; lips that are closed stay so, and lids move as they did."""
    padded = np.pad(motion, ((2, 2), (0, 0)), mode="edge")
    soft = sum(share * padded[k : k + len(motion)] for k, share in enumerate(SMOOTHING))
    opened, behind = MOTION_INDEX["jawOpen"], MOTION_INDEX["mouthClose"]
    closed = motion[:, opened] <= motion[:, behind]
    kept = np.asarray(soft, np.float32)
    channels = np.ones(len(MOTION_CHANNELS), bool)
    channels[HEAD] = False
    kept[:, channels] = np.clip(kept[:, channels], 0, 1)
    kept[closed, behind] = kept[closed, opened]
    blinks = [MOTION_INDEX["eyeBlinkLeft"], MOTION_INDEX["eyeBlinkRight"]]
    kept[:, blinks] = motion[:, blinks]
    return kept
