"""How a corpus lies on disk: what its shards hold, at which rates, and the words of errors about it."""

from __future__ import annotations

from typing import Literal, get_args

SCHEMA = 1
"""Of corpus.json and of the samples; it changes when a reader of the old ones would misunderstand."""
RATE = 16_000
"""Hz of the sound: what speech encoders take."""
FPS = 25
"""Frames a second of the motion, as in this field's corpora (HDTF, VoxCeleb2)."""
PER_FRAME = RATE // FPS
"""Samples of sound that belong to a frame."""
SIDE = 192
"""Pixels a side of a reference image; trackers want 22 between the eyes, a crop around a face has 60."""
CHANNELS, POINTS = 58, 478
"""Columns of motion (``pfy_core.kinds.MOTION_CHANNELS``) and landmarks of a face (MediaPipe topology)."""
PER_SHARD = 20
"""Clips of a shard: what a run that was killed makes again at most, for each of its processes."""

Split = Literal["train", "validation", "test"]
SPLITS: tuple[Split, ...] = get_args(Split)

CORPUS, FILMS = "corpus.json", "films"
"""What a corpus is; and, where it is of films, the folder of what became of those of each shard."""
SOUND, MOTION, LANDMARKS, IMAGE, ABOUT = "flac", "motion.npy", "landmarks.npy", "jpg", "json"
PARTS = (SOUND, MOTION, LANDMARKS, IMAGE, ABOUT)
"""What every sample has, by what follows the first dot of a member's name (WebDataset's convention)."""
CROPS = "mp4"

WANTS = "a shard as 'pfy data synth' and 'pfy data prepare' write them"
FIX = "remove it and run the command that made the corpus again: whole shards are kept"
