"""Where a training takes place: Accelerate's processes and devices, the corpus, the folder of the run."""

from __future__ import annotations

import os
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import psutil
import torch
from accelerate import Accelerator
from accelerate.state import AcceleratorState
from accelerate.utils import (
    DataLoaderConfiguration,
    DistributedDataParallelKwargs,
    GradientAccumulationPlugin,
    InitProcessGroupKwargs,
)

from pfy_core.errors import InputError, PfyError, did_you_mean
from pfy_core.place import Place
from pfy_train import recipe as recipes
from pfy_train import state as states
from pfy_train.clips import MEMORY_SHARE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pfy_train.clips import Corpus
    from pfy_train.recipe import Recipe, Source

PATIENCE = timedelta(hours=2)
"""How long processes wait for the first one, which alone validates and makes samples."""
DEVICE = "ACCELERATE_TORCH_DEVICE"
"""The variable by which Accelerate's PartialState is told its device (accelerate/state.py)."""
RECIPE = "recipe.yaml"
"""The recipe of a run in its folder, with all defaults."""


def accelerator(recipe: Recipe, device: str) -> Accelerator:
    """Accelerate as the recipe wants it; ``device`` is auto, or a torch device (of one process).

    Raises InputError for a device that is not here.
    """
    alone = int(os.environ.get("WORLD_SIZE", "1")) == 1
    if device != "auto":
        Place.named(device, "float32")
    if alone:
        # Accelerate keeps one state for a process; a second training in it may want another precision.
        AcceleratorState._reset_state(reset_partial_state=True)
    on_cpu = torch.device(device).type == "cpu" if device != "auto" else not torch.cuda.is_available()
    with _named(device if alone and not on_cpu else "auto"):
        return Accelerator(
            cpu=on_cpu,
            mixed_precision="bf16" if _bfloat16(recipe, on_cpu=on_cpu) else "no",
            gradient_accumulation_plugin=GradientAccumulationPlugin(
                num_steps=recipe.accumulate, sync_with_dataloader=False
            ),
            dataloader_config=DataLoaderConfiguration(split_batches=True),
            step_scheduler_with_optimizer=False,
            kwargs_handlers=[
                # An ablation may leave parts of a network unused.
                DistributedDataParallelKwargs(find_unused_parameters=True),
                InitProcessGroupKwargs(timeout=PATIENCE),
            ],
        )


@contextmanager
def _named(device: str) -> Iterator[None]:
    """Within, Accelerate takes this device, which it asks the environment for."""
    before = os.environ.get(DEVICE)
    if device != "auto":
        os.environ[DEVICE] = device
    try:
        yield
    finally:
        if device != "auto":
            del os.environ[DEVICE]
        if before is not None:
            os.environ[DEVICE] = before


def _bfloat16(recipe: Recipe, *, on_cpu: bool) -> bool:
    """Whether forward passes are in bfloat16; by themselves only on GPUs, as CPUs calculate it slowly."""
    if recipe.precision == "auto":
        return not on_cpu and torch.cuda.is_available() and torch.cuda.is_bf16_supported()
    return recipe.precision == "bfloat16"


@dataclass(frozen=True)
class Corpora:
    """The splits of a corpus; ``validation`` is None where the recipe names none."""

    train: Corpus
    validation: Corpus | None


def corpora(source: Source, data: Path | None) -> Corpora | None:
    """The data of a recipe; its folders are relative to ``data``, else to the recipe's folder.

    What is wrong is reported to the source, and None returned.
    """
    train = _split(source, "train", data)
    validation = _split(source, "validation", data) if source.recipe.data.validation else None
    return Corpora(train, validation) if train is not None else None


def folders(source: Source, data: Path | None) -> dict[str, list[Path]]:
    """Where the splits lie."""
    kept = source.recipe.data
    named = {"train": kept.train, "validation": kept.validation}
    return {split: [(data or source.folder) / name for name in names] for split, names in named.items()}


def _split(source: Source, split: str, data: Path | None) -> Corpus | None:
    from pfy_plugin_data.shards import Shards

    where, paths = f"data.{split}", folders(source, data)[split]
    for path in paths:
        if not path.is_dir():
            known = [item.name for item in path.parent.iterdir()] if path.parent.is_dir() else []
            fix = did_you_mean(path.name, known) or _fix(split, known)
            source.report("R501", where, f"no folder {path}", "a folder of shards", fix)
    if not all(path.is_dir() for path in paths):
        return None
    try:
        found: Any = Shards(paths)
    except PfyError as error:
        source.report("R502", where, error.sends, error.wants, error.fix)
        return None
    if not len(found):
        sends = f"no clip in {', '.join(map(str, paths))}"
        source.report("R503", where, sends, "one at least", "pfy data synth, or pfy data prepare")
        return None
    corpus: Corpus = found
    return corpus


def _fix(split: str, beside: list[str]) -> str:
    """What helps where a split is not there, and these are."""
    if split == "validation" and beside:
        return "--set data.validation=[] does without; a corpus of fewer than three people has none"
    return "pfy data synth makes one; --data names where it lies"


def check_processes(source: Source, count: int) -> None:
    """Report a batch that cannot be shared out evenly."""
    if source.recipe.batch % count:
        fix = f"batch: {-(-source.recipe.batch // count) * count}"
        source.report("R601", "batch", f"{source.recipe.batch}", f"a multiple of the {count} processes", fix)


def memory(processes: int, splits: int) -> float:
    """Bytes that one of so many processes of this machine may keep of the clips of a split."""
    return MEMORY_SHARE * float(psutil.virtual_memory().available) / (processes * splits)


def begin(out: Path) -> None:
    """Hold the folder of a new run; InputError when there is one in it already.

    One that ended before its first checkpoint has nothing to keep, and is begun again.
    """
    if kept := states.found(out):
        fix = f"--resume goes on with it, from step {int(kept[-1].name)}; or -o ANOTHER_FOLDER"
        raise InputError(f"{out} holds a training already", "a new folder", fix)
    if (out / "record.json").exists():
        raise InputError(f"{out} holds what was trained already", "a new folder", "-o ANOTHER_FOLDER")


def checkpoint_of(out: Path, recipe: Recipe, data: str, graph: str) -> Path:
    """The checkpoint that a run goes on from. Raises InputError when there is none, or when it is of another
    recipe, graph or corpus, naming the fields that differ."""
    kept = states.found(out)
    if not kept:
        fix = "leave --resume out to begin, or name the folder of the run with -o"
        raise InputError(f"{out} has no checkpoint", "the folder of a run that was stopped", fix)
    text = (out / RECIPE).read_text(encoding="utf-8")
    before = recipes.from_yaml(text, recipe.recipe, out).recipe
    differs = recipes.differences(before, recipe)
    state = states.read(kept[-1])
    if state.data != data:
        differs.append(f"data: digest {state.data[:12]}, now {data[:12]}")
    if state.graph != graph:
        differs.append(f"graph: digest {state.graph[:12]}, now {graph[:12]}")
    if differs:
        shown = "".join(f"\n           {line}" for line in differs)
        wants = "the recipe it began with, but for schedule.steps, every, keep and validate"
        raise InputError(
            f"{out} is a run of another recipe:{shown}", wants, "take it back, or -o ANOTHER_FOLDER"
        )
    return kept[-1]
