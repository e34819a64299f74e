import bench_videos
import yaml
from bench_videos import SOUND

from pfy_bench import verify


def known(tmp_path, expected):
    item = {"source": "here", "file": "a.mp4", "expected": expected, "suite": yaml.safe_load(SOUND)}
    file = tmp_path / "known.yaml"
    file.write_text(yaml.safe_dump({"itself": item}), encoding="utf-8")
    return file


def test_an_answer_is_calculated_and_held_against_the_published_one(tmp_path):
    bench_videos.write(tmp_path / "a.mp4")
    right, wrong = verify.answers(tmp_path, known(tmp_path, {"mcd": [0, 1e-6], "stoi": [0.5, 0.1]}))
    assert (right.good, wrong.good) == (True, False)
    assert wrong.value > 0.99


def test_without_the_file_there_is_no_answer_but_a_reason(tmp_path):
    (found,) = verify.answers(None, known(tmp_path, {"mcd": [0, 1e-6]}))
    assert found.good is None
    assert "a.mp4 is not here" in found.reason
    (found,) = verify.answers(tmp_path, known(tmp_path, {"mcd": [0, 1e-6]}))
    assert found.good is None


def test_those_that_ship_can_be_read_and_say_what_they_lack():
    found = list(verify.answers(None))
    assert {answer.measure for answer in found} == {"LSE-C", "LSE-D", "offset"}
    assert all(answer.good is None and answer.reason and answer.source for answer in found)
