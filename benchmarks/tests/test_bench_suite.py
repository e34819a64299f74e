import pytest
import yaml
from bench_videos import SOUND

from pfy_bench.suite import Suite, names
from pfy_core import check
from pfy_core.errors import GraphError, InputError


def lines_of(text):
    with pytest.raises(GraphError) as caught:
        Suite.from_dict(yaml.safe_load(text), {})
    return [f"{p.where}: {p.sends}" for p in caught.value.problems]


def changed(**keys):
    return yaml.safe_dump(yaml.safe_load(SOUND) | keys)


@pytest.mark.parametrize("name", names())
def test_every_suite_that_ships_can_be_read_and_fits_together(name):
    suite = Suite.load(name)
    faults = [p for p in check.resolve(suite.graph()).problems if p.code not in ("E101", "E501")]
    assert faults == []
    assert suite.doc
    assert suite.measures


def test_a_suite_of_a_name_that_is_not_is_answered_with_one_that_is():
    with pytest.raises(InputError, match="no suite is named 'qick'") as caught:
        Suite.load("qick")
    assert "quick" in caught.value.fix


def test_a_file_that_is_not_there_or_no_yaml_is_an_error(tmp_path):
    with pytest.raises(InputError, match="cannot be read"):
        Suite.load(tmp_path / "none.yaml")
    (tmp_path / "bad.yaml").write_text("a: [")
    with pytest.raises(InputError, match="cannot be read"):
        Suite.load(tmp_path / "bad.yaml")


def test_faults_are_all_told_at_once():
    found = lines_of("""
suite: ""
clip: {fps: -1, speed: 2}
features:
  made_x: {use: extractor/x, take: {frames: frames}}
  y: {use: extractor/y, take: {frames: made.frames}}
measures:
  a: {use: metric/a, take: {made: made.wave, reference: real.nothing}, better: big, over: some}
  b: {use: metric/b, over: set, take: {made: y}}
""")
    told = "\n".join(found)
    for part in (
        "suite: None", "clip.fps: -1", "clip.speed: unknown key", "features.made_x: the name",
        "features.y.take.frames: made.frames", "measures.a.take.reference: real.nothing",
        "measures.a.better", "measures.a.over", "measures.b.take: one side",
    ):  # fmt: skip
        assert part.replace("None", "''") in told, part


def test_a_name_that_leads_elsewhere_and_a_clip_of_nothing_are_faults():
    told = "\n".join(lines_of("suite: ../x\nclip: {fps: 0, rate: 0, seconds: 0}\nmeasures: {}"))
    for part in ("suite: '../x'", "clip.fps: 0", "clip.rate: 0", "clip.seconds: 0"):
        assert part in told


def test_a_suite_without_measures_is_none():
    assert any("without measures" in line for line in lines_of("suite: x"))


def test_a_measure_of_one_side_is_taken_of_both():
    suite = Suite.from_dict(
        yaml.safe_load("""
suite: x
features: {face: {use: extractor/face-track, take: {frames: frames}}}
measures:
  speed: {use: metric/lip-speed, take: {face: face}}
  both: {use: metric/x, take: {made: made.face, reference: real.face}}
""")
    )
    nodes = suite.graph().nodes
    assert list(nodes) == ["made_face", "real_face", "made_speed", "real_speed", "both"]
    assert nodes["real_face"].take == {"frames": "$real_frames"}
    assert nodes["made_speed"].take == {"face": "made_face"}
    assert nodes["both"].take == {"made": "made_face", "reference": "real_face"}
    assert (suite.measures["speed"].paired, suite.measures["both"].paired) == (False, True)


def test_the_digest_is_of_what_is_measured_not_of_where_the_data_lies():
    plain = Suite.from_dict(yaml.safe_load(SOUND))
    moved = Suite.from_dict(yaml.safe_load(changed(data={"x": {"use": "dataset/clips"}}, doc="other")))
    shorter = Suite.from_dict(yaml.safe_load(changed(clip={"seconds": 2})))
    assert plain.digest() == moved.digest() != shorter.digest()


def test_a_suite_reads_back_from_what_a_record_keeps():
    suite = Suite.from_dict(yaml.safe_load(SOUND))
    assert Suite.from_dict(suite.as_dict()) == suite
