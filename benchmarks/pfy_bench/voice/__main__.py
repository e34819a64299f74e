"""``python -m pfy_bench.voice``: every degradation through both ways, kept as JSON while they come."""

from __future__ import annotations

import argparse
import json
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

from pfy_bench.voice import measures
from pfy_bench.voice.degradations import DEGRADATIONS
from pfy_bench.voice.measure import OTHER, REFERENCE, both, spoken
from pfy_core import media
from pfy_plugin_speech.ports import RATE
from pfy_plugin_speech.speech import Speech


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m pfy_bench.voice", description=__doc__)
    parser.add_argument(
        "--speaker", default="joe", help="the voice that is recorded: one that is in no blend"
    )
    parser.add_argument("--recording", type=Path, help="a recording of a person instead")
    parser.add_argument("--other", type=Path, help="another recording of that person, to compare with")
    parser.add_argument("--voice", default="auto", help="what speaks: auto, light, best ...")
    parser.add_argument("--light", action="store_true", help="choose among the light voices only")
    parser.add_argument("--only", default="", help="only degradations that contain this, once more")
    parser.add_argument("--jobs", type=int, default=2, help="processes that go through them at once")
    parser.add_argument("--out", type=Path, help="the result's file; rows that it holds are not made again")
    given = parser.parse_args()
    clean, other = (
        media.load("audio.wave", file, measures.RATE)
        if file
        else measures.at_16k(spoken(text, Speech(voice=given.speaker)), RATE)
        for file, text in ((given.recording, REFERENCE), (given.other, OTHER))
    )
    target = measures.voice(other)
    voices = {"voice": given.voice} | ({"kokoro": ""} if given.light else {})
    said = str(given.recording.name) if given.recording else given.speaker
    result = {"speaker": said, "voice": given.voice, "light": given.light, "degradations": {}}
    if given.out and given.out.exists():
        result = json.loads(given.out.read_text(encoding="utf-8"))
    rows = result["degradations"]
    wanted = [name for name in DEGRADATIONS if given.only in name and (given.only or name not in rows)]
    person = given.recording is not None
    with ProcessPoolExecutor(given.jobs, mp_context=get_context("spawn")) as pool:
        made = {pool.submit(both, name, clean, target, voices, person=person): name for name in wanted}
        for future in as_completed(made):
            rows[made[future]] = future.result()
            print(made[future], json.dumps(rows[made[future]], indent=1), file=sys.stderr, flush=True)
            if given.out:
                ordered = {name: rows[name] for name in DEGRADATIONS if name in rows}
                text = json.dumps({**result, "degradations": ordered}, indent=1)
                given.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
