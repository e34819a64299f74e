import torch
from hypothesis import given
from hypothesis import strategies as st

from pfy_plugin_referencenet.clips import clips


@given(st.lists(st.integers(0, 40), max_size=8), st.integers(1, 16))
def test_clips_are_the_frames_in_order_whatever_the_cut(sizes, length):
    frames = torch.arange(sum(sizes))
    made = list(clips(iter(frames.split(sizes)) if sizes else iter([]), length))
    assert all(len(clip) == length for clip, _ in made)
    assert all(count == length for _, count in made[:-1])
    kept = [clip[:count] for clip, count in made]
    assert torch.equal(torch.cat([frames[:0], *kept]), frames)


def test_a_clip_comes_as_soon_as_it_is_full_and_the_last_one_repeats_its_last_frame():
    asked = []

    def chunks():
        for start in range(0, 9, 3):
            asked.append(start)
            yield torch.arange(start, start + 3)

    made = clips(chunks(), 4)
    next(made)
    assert asked == [0, 3]
    assert [clip.tolist() for clip, _ in made] == [[4, 5, 6, 7], [8, 8, 8, 8]]
