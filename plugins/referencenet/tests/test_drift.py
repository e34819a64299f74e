import torch

from pfy_plugin_referencenet import drift


def normal(*shape, seed=0):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def moments(latents):
    return latents.mean((-2, -1)), latents.std((-2, -1))


def test_frames_within_the_bounds_come_back_as_they_are():
    source = normal(4, 16, 16)
    near = torch.stack([source, source * 1.1 + 0.1, source.flip(2)])
    assert torch.equal(drift.recoloured(near, source), near)


def test_frames_that_left_the_bounds_are_brought_to_them_and_no_further():
    source = normal(4, 16, 16)
    mean, spread = moments(source)
    far = (source * 3 + 2)[None]
    made_mean, made_spread = moments(drift.recoloured(far, source))
    torch.testing.assert_close(made_mean[0], mean + drift.SHIFT * spread)
    torch.testing.assert_close(made_spread[0], spread * drift.STRETCH)


def test_each_channel_is_judged_on_its_own():
    source = normal(4, 16, 16)
    far = source.clone()
    far[2] += 5
    made = drift.recoloured(far[None], source)[0]
    assert torch.equal(made[[0, 1, 3]], source[[0, 1, 3]])
    assert not torch.allclose(made[2], far[2])


def test_a_loop_that_drifts_stays_near_the_source():
    """Each round is brighter and of more contrast: unguarded it is gone after twenty."""
    source = normal(4, 16, 16)
    free = guarded = source[None]
    for _ in range(20):
        free, guarded = free * 1.2 + 0.2, drift.recoloured(guarded * 1.2 + 0.2, source)
    assert free.std() > 30
    assert guarded.std() < 1.4
    assert guarded.mean().abs() < 0.4


def test_a_channel_without_contrast_is_no_division_by_zero():
    assert drift.recoloured(torch.full((1, 4, 8, 8), 9.0), torch.zeros(4, 8, 8)).isfinite().all()


def features(tokens):
    return {drift.IDENTITY_BLOCK: tokens}


def test_a_face_is_strange_when_it_differs_and_the_background_does_not_count():
    source, regions = normal(1, 16, 8), [torch.zeros(3, 16)] * 4
    regions[3][1, 5:9] = regions[3][2, 6:7] = 1
    same = source[None].repeat(1, 2, 1, 1)
    assert drift.strangeness(features(same), features(source), tuple(regions)) < 1e-5
    behind, front = same.clone(), same.clone()
    behind[:, :, :5] += 3
    front[:, :, 5:9] += 3
    assert drift.strangeness(features(behind), features(source), tuple(regions)) < 1e-5
    assert drift.strangeness(features(front), features(source), tuple(regions)) > drift.STRANGE
