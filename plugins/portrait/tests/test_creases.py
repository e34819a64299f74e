import numpy as np
from portrait_scenes import pose

from pfy_plugin_portrait.creases import Creases, darken


def factors(portrait, row, own=0.0):
    base = portrait.deformer.base.grid
    return Creases(portrait.face, own).shades(row, base, np.zeros_like(base.points))


def test_a_face_at_rest_and_plain_speech_have_no_creases(portrait):
    assert factors(portrait, pose()) == []
    assert factors(portrait, pose(jawOpen=0.6, mouthPucker=0.8, eyeBlink=1.0)) == []


def test_a_smile_darkens_the_fold_and_lights_the_cheek(portrait):
    ((x0, y0, _, _), shade), *_ = factors(portrait, pose(mouthSmile=1.0))
    fold = (portrait.face.flat[206] - (x0, y0)).astype(int)
    cheek = (portrait.face.flat[205] - (x0, y0)).astype(int)
    assert shade[fold[1], fold[0]] < 0.95
    assert shade[cheek[1], cheek[0]] > 1.0
    assert 0.8 < shade.min() < shade.max() < 1.15


def test_a_smile_of_one_side_folds_that_side(portrait):
    ((x0, y0, _, _), shade), *_ = factors(portrait, pose(mouthSmileLeft=1.0))
    at = [(portrait.face.flat[name] - (x0, y0)).astype(int) for name in (206, 426)]
    right, left = (shade[y, x] for x, y in at)
    assert left < right - 0.03


def test_brows_crease_the_forehead_only(portrait):
    for row in (pose(browInnerUp=1.0, browOuterUp=1.0), pose(browDown=1.0)):
        found = factors(portrait, row)
        assert len(found) == 1
        (_, _, _, bottom), shade = found[0]
        assert bottom < portrait.face.mouth[1]
        assert shade.min() < 0.99


def test_a_photo_that_smiles_gets_less_of_a_fold(portrait):
    plain, smiling = (
        min(float(shade.min()) for _, shade in factors(portrait, pose(mouthSmile=1.0), own))
        for own in (0.0, 1.0)
    )
    assert smiling > plain


def test_factors_scale_colours_and_leave_alpha():
    canvas = np.full((3, 3, 4), 200, np.uint8)
    darken(canvas, np.full((3, 3), 0.5, np.float32), np.ones(3, np.float32))
    assert (canvas[..., :3] == 100).all()
    assert (canvas[..., 3] == 200).all()


def test_shades_are_warm_where_there_is_colour(portrait):
    coloured, grey = (Creases(portrait.face, 0.0, colourful).tint for colourful in (1.0, 0.0))
    assert (grey == 1).all()
    canvas = np.full((2, 2, 4), 200, np.uint8)
    darken(canvas, np.full((2, 2), 0.9, np.float32), coloured)
    red, green, blue, _ = canvas[0, 0]
    assert red > green > blue
