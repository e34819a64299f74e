"""HDTF, CelebV-HQ, VoxCeleb and FakeAVCeleb as their authors, or the scripts that they name, lay them out.

None is fetched or shipped: all are films of people from the internet, whose owners keep their rights.
What their authors publish are lists and annotations (HDTF, VoxCeleb: CC BY 4.0; CelebV-HQ: for research
without commerce), or the videos to those who ask for them (VoxCeleb2, FakeAVCeleb).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from pfy_core import InputError
from pfy_plugin_metrics.datasets.corpus import Corpus, Named


class Hdtf(Corpus, name="hdtf"):
    """HDTF (Zhang et al., CVPR 2021): talking heads of high definition, cut and cropped to 512 by 512.

    folder: of the clips NAME_INDEX.mp4, as the authors' README names them (github.com/MRzzm/HDTF), or
        SUBSET_NAME_INDEX.mp4 with three digits, as the script writes them that it refers to (universome/HDTF)
    seconds, source: as in dataset/clips
    split: a list whose lines begin with a clip's name, such as xx_crop_wh.txt; what it names and is not there
        is an item that says so. The authors publish no split

    An identity is a NAME without its last digits, which count a person's videos; in radio shows (RadioN) it
    is the video. Whole videos, in _videos_raw or without an index, are passed over. Lists: CC BY 4.0.
    """

    layout = "clips such as Radio11_0.mp4 or RD_Radio11_000.mp4, cut and cropped by the authors' lists"

    def named(self, path: Path) -> Named | None:
        if "_videos_raw" in path.parts:
            return None
        clip = re.fullmatch(r"(?:(?:RD|WDA|WRA)_)?(.+)_(\d{1,3})", path.stem)
        if clip is None:
            return None
        video, index = clip[1], int(clip[2])
        person = video if re.fullmatch(r"Radio\d+", video) else video.rstrip("0123456789") or video
        return Named(f"{video}_{index}", person)

    def listed(self, content: str) -> Iterator[Named]:
        names = (line.split()[0].removesuffix(".mp4") for line in content.splitlines() if line.strip())
        return (one for one in (self.named(Path(f"{name}.mp4")) for name in names) if one)


class CelebvHq(Corpus, name="celebv-hq"):
    """CelebV-HQ (Zhu et al., ECCV 2022): clips of 3 to 20 seconds, 512 by 512 and more, cut around a head.

    folder: of the clips VIDEO_INDEX.mp4 that the authors' script cuts (github.com/CelebV-HQ/CelebV-HQ), in
        processed/ or not; whole videos in raw/ are passed over
    seconds, source: as in dataset/clips
    split: celebvhq_info.json, or a text with a clip's name a line; what it names and is not there is an item
        that says so. The authors publish no split

    An identity is a VIDEO, eleven characters. The authors' agreement is for research without commerce.
    """

    layout = "clips such as M2Ohb0FAaJU_1.mp4, cut by the authors' download_and_process.py"

    def named(self, path: Path) -> Named | None:
        clip = re.fullmatch(r"([\w-]{11})_\d+", path.stem)
        return None if clip is None or "raw" in path.parts else Named(path.stem, clip[1])

    def listed(self, content: str) -> Iterator[Named]:
        names = (line.split()[0].removesuffix(".mp4") for line in content.splitlines() if line.strip())
        if content.lstrip().startswith("{"):
            try:
                names = iter(json.loads(content)["clips"])
            except (ValueError, KeyError, TypeError) as error:
                raise InputError(f"split: JSON without clips: {error}", "celebvhq_info.json") from error
        return (one for one in (self.named(Path(f"{name}.mp4")) for name in names) if one)


class VoxCeleb(Corpus, name="voxceleb"):
    """VoxCeleb2 (Chung et al., 2018), and VoxCeleb1 (Nagrani et al., 2017) with its videos cut the same way.

    folder: of the clips ID/VIDEO/NUMBER.mp4, such as the folder mp4 of the authors' vox2_test_mp4.zip: give
        that of the test set to take the test set
    seconds, source: as in dataset/clips
    split: a text in which clips are named ID/VIDEO/NUMBER, anywhere in its lines and with any suffix: the
        authors' iden_split.txt and veri_test.txt, too; what it names and is not there is an item that says so

    Metadata: CC BY 4.0; the authors gave the videos to those who asked for them.
    """

    layout = "clips such as mp4/id00017/01dfn2spqyE/00001.mp4"

    def named(self, path: Path) -> Named | None:
        return next(self.listed(path.with_suffix("").as_posix()), None)

    def listed(self, content: str) -> Iterator[Named]:
        for clip in re.finditer(r"(?<![\w-])(id\d{5})/[\w-]{11}/\d{5}(?!\d)", content):
            yield Named(clip[0], clip[1])


class FakeAvCeleb(Corpus, name="fakeavceleb"):
    """FakeAVCeleb (Khalid et al., NeurIPS 2021): its 500 real videos, one of each person.

    folder: FakeAVCeleb_v1.2 as it is unpacked, with RealVideo-RealAudio/GROUP/GENDER/ID/NUMBER.mp4; the fakes
        are passed over
    seconds, source: as in dataset/clips. Clips last 6.4 s on average and nobody is in two: with 3 s there is
        a rest for the reference voice, with 8 it is of the clip itself
    split: the authors' meta_data.csv, or a text with paths as above; what it names and is not there is an
        item that says so

    The authors give it to those who ask with their form; the real videos are from VoxCeleb2.
    """

    layout = "FakeAVCeleb_v1.2 with RealVideo-RealAudio/African/men/id00076/00109.mp4"

    def named(self, path: Path) -> Named | None:
        return next(self.listed(path.as_posix()), None)

    def listed(self, content: str) -> Iterator[Named]:
        real = r"RealVideo-RealAudio/([^/,\n]+/(?:men|women)/(id\d+))"
        # A row of meta_data.csv has the file's name before its folder.
        for row in re.finditer(rf"(?m)(?:(\d+)\.mp4,.*{real})|(?:{real}/(\d+)\.mp4)", content):
            number, group, person, other, another, last = row.groups()
            yield Named(f"{group or other}/{number or last}", person or another)
