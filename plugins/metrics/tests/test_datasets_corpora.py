"""Published corpora in their authors' layouts: small real videos under the names that theirs have."""

import json

import pytest

from pfy_core import InputError
from pfy_plugin_metrics.datasets.corpora import CelebvHq, FakeAvCeleb, Hdtf, VoxCeleb
from pfy_plugin_metrics.datasets.layouts import LAYOUTS, filmed

CORPORA = {"hdtf": Hdtf, "celebv-hq": CelebvHq, "voxceleb": VoxCeleb, "fakeavceleb": FakeAvCeleb}
LISTS = {
    "hdtf": (
        "Radio11_0.mp4 608 726 0 726\nAmyKlobuchar1_2.mp4 507 905 0 905\n",
        {"Radio11_0": "Radio11", "AmyKlobuchar1_2": "AmyKlobuchar"},
    ),
    "celebv-hq": (
        json.dumps(
            {"meta_info": {}, "clips": {"M2Ohb0FAaJU_1": {"ytb_id": "M2Ohb0FAaJU"}, "_0tf2n3rlJU_0": {}}}
        ),
        {"M2Ohb0FAaJU_1": "M2Ohb0FAaJU", "_0tf2n3rlJU_0": "_0tf2n3rlJU"},
    ),
    "voxceleb": (
        "1 id10003/na8-QEFmj44/00003.wav id10001/Y8hIVOBuels/00001.wav\n3 id10003/na8-QEFmj44/00003.wav\n",
        {"id10003/na8-QEFmj44/00003": "id10003", "id10001/Y8hIVOBuels/00001": "id10001"},
    ),
    "fakeavceleb": (
        "source,target1,target2,method,category,type,race,gender,path,\n"
        "id00076,-,-,real,A,RealVideo-RealAudio,African,men,00109.mp4,"
        "FakeAVCeleb/RealVideo-RealAudio/African/men/id00076\n"
        "id00076,id00476,10,wav2lip,D,FakeVideo-FakeAudio,African,men,00109_10_id00476_wavtolip.mp4,"
        "FakeAVCeleb/FakeVideo-FakeAudio/African/men/id00076\n"
        "id03940,-,-,real,A,RealVideo-RealAudio,Asian (East),women,00025.mp4,"
        "FakeAVCeleb/RealVideo-RealAudio/Asian (East)/women/id03940\n",
        {"African/men/id00076/00109": "id00076", "Asian (East)/women/id03940/00025": "id03940"},
    ),
}
"""A list of each as its authors write it, and the clips in it."""


def known(corpus):
    return {one.name: one.identity for one in corpus._listed}


def touched(folder, *paths):
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).touch()
    return str(folder)


@pytest.mark.parametrize("name", CORPORA)
def test_a_clip_of_the_corpus_is_an_item(tmp_path, name):
    for path in LAYOUTS[name]:
        filmed(tmp_path / path, 4.0)
    corpus = CORPORA[name](folder=str(tmp_path), seconds=1.0)
    made = corpus(0)
    assert len(corpus) == len(LAYOUTS[name])
    assert made.file == str((tmp_path / LAYOUTS[name][0]).resolve())
    assert (made.name, made.identity) == (corpus._listed[0].name, corpus._listed[0].identity)
    assert len(made.voice) == 72_000, "the voice is cut from behind the part"


@pytest.mark.parametrize("name", CORPORA)
def test_a_list_of_the_authors_chooses_and_what_is_not_there_says_so(tmp_path, name):
    content, names = LISTS[name]
    (tmp_path / "list.txt").write_text(content, encoding="utf-8")
    touched(tmp_path, *LAYOUTS[name])
    first, second = list(names)
    path = {"hdtf": f"{first}.mp4", "celebv-hq": f"processed/{first}.mp4"}.get(name, f"mp4/{first}.mp4")
    if name == "fakeavceleb":
        path = f"RealVideo-RealAudio/{first}.mp4"
    (tmp_path / path).unlink(missing_ok=True)
    filmed(tmp_path / path, 0.5)
    corpus = CORPORA[name](folder=str(tmp_path), split=str(tmp_path / "list.txt"))
    assert known(corpus) == names
    assert corpus(0).name == first
    with pytest.raises(InputError, match=r"list\.txt names it, and its video is not there"):
        corpus(1)
    assert corpus._listed[1].name == second


@pytest.mark.parametrize("name", CORPORA)
def test_another_layout_is_refused_with_the_one_that_is_wanted(tmp_path, name):
    folder = touched(tmp_path / "data", "films/a.mp4", "films/b.txt")
    with pytest.raises(InputError) as caught:
        CORPORA[name](folder=folder)
    assert f"dataset/{name}: no clip of it in {folder}" == caught.value.sends
    assert ".mp4" in caught.value.wants
    assert caught.value.fix == "found films/"
    with pytest.raises(InputError, match="is not there"):
        CORPORA[name](folder=str(tmp_path / "no"))


@pytest.mark.parametrize("name", CORPORA)
@pytest.mark.parametrize("content", ["", "nothing of it\n", "{}", "{"])
def test_a_list_of_something_else_is_refused(tmp_path, name, content):
    (tmp_path / "list.txt").write_text(content, encoding="utf-8")
    with pytest.raises(InputError, match="split"):
        CORPORA[name](folder=touched(tmp_path, *LAYOUTS[name]), split=str(tmp_path / "list.txt"))


def test_hdtf_by_the_names_of_its_authors_and_of_the_script(tmp_path):
    folder = touched(
        tmp_path,
        "Radio11_0.mp4",
        "RD_Radio11_001.mp4",
        "WRA/WRA_MarcoRubio1_000.mp4",
        "WDA_AmyKlobuchar0_000.mp4",
        "_videos_raw/RD_Radio11_002.mp4",
        "Radio12.mp4",
    )
    assert known(Hdtf(folder=folder)) == {
        "Radio11_0": "Radio11",
        "Radio11_1": "Radio11",
        "MarcoRubio1_0": "MarcoRubio",
        "AmyKlobuchar0_0": "AmyKlobuchar",
    }


def test_two_files_of_one_clip_are_not_chosen_between(tmp_path):
    folder = touched(tmp_path, "Radio11_0.mp4", "RD_Radio11_000.mp4")
    with pytest.raises(InputError, match=r"RD_Radio11_000\.mp4 and Radio11_0\.mp4 are both Radio11_0"):
        Hdtf(folder=folder)


def test_whole_videos_of_celebv_hq_are_passed_over(tmp_path):
    folder = touched(tmp_path, "raw/M2Ohb0FAaJU_9.mp4", "raw/M2Ohb0FAaJU.mp4", "processed/-0tf2n3rlJU_0.mp4")
    assert known(CelebvHq(folder=folder)) == {"-0tf2n3rlJU_0": "-0tf2n3rlJU"}


def test_voxceleb_is_found_from_any_folder_above_its_clips(tmp_path):
    touched(tmp_path, "test/mp4/id00017/01dfn2spqyE/00001.mp4", "test/mp4/id00017/01dfn2spqyE/0001.mp4")
    for folder in (tmp_path, tmp_path / "test", tmp_path / "test" / "mp4", tmp_path / "test/mp4/id00017"):
        assert known(VoxCeleb(folder=str(folder))) == {"id00017/01dfn2spqyE/00001": "id00017"}


def test_the_fakes_are_no_clips_to_make_again(tmp_path):
    real = "RealVideo-RealAudio/Caucasian (American)/men/id00088/00005.mp4"
    touched(
        tmp_path / "FakeAVCeleb_v1.2",
        real,
        "FakeVideo-FakeAudio/Caucasian (American)/men/id00088/00005_id01124_wavtolip.mp4",
        "RealVideo-FakeAudio/Caucasian (American)/men/id00088/00005.mp4",
    )
    for folder in (
        tmp_path,
        tmp_path / "FakeAVCeleb_v1.2",
        tmp_path / "FakeAVCeleb_v1.2/RealVideo-RealAudio",
    ):
        assert known(FakeAvCeleb(folder=str(folder))) == {"Caucasian (American)/men/id00088/00005": "id00088"}
