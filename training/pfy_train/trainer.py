"""The trainer: steps of AdamW over a plan, on Accelerate, resumable at any of its checkpoints."""

from __future__ import annotations

import time
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import torch
from torch import Tensor
from torch.utils.data import DataLoader

from pfy_core import Store, events, weights
from pfy_core.errors import Cancelled, InputError
from pfy_core.graph import Graph
from pfy_core.media import whole
from pfy_train import outcome, setting, suites, validation, videos
from pfy_train import recipe as recipes
from pfy_train import state as states
from pfy_train.ahead import Ahead
from pfy_train.average import Average
from pfy_train.clips import Clips, batch, placed
from pfy_train.learner import Learner
from pfy_train.ledger import Ledger
from pfy_train.order import Order
from pfy_train.plan import plan
from pfy_train.schedule import factor
from pfy_train.stopping import Stop

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pfy_core.events import Event
    from pfy_train.clips import Batch
    from pfy_train.log import Log
    from pfy_train.recipe import Source

TELL = 0.25
"""Seconds between two events of progress."""


@dataclass(frozen=True)
class Outcome:
    """A training that has ended: its folder, steps, last losses (means since the last line of the log but
    one), files of weights and the names of weights entries, by node."""

    out: Path
    steps: int
    losses: dict[str, float]
    weights: dict[str, Path]
    entries: dict[str, str]


def train(
    recipe: str | Path,
    *,
    sets: list[str] | None = None,
    data: str | Path | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    steps: int | None = None,
    device: str = "auto",
    watch: Callable[[Event], None] | None = None,
) -> Outcome:
    """Train the parts of a graph as a recipe says; see ``pfy train --help``.

    recipe: a name or a file; ``sets`` changes its fields, ``steps`` how long it takes
    data:   the folder that the recipe's data folders are relative to; else the recipe's own
    out:    the folder of the run, ``trained/RECIPE`` by default; ``resume`` goes on with the one there
    device: ``auto``, ``cpu``, ``cuda:1`` ...; with several processes Accelerate's launcher gives each its own

    Raises RecipeError with all problems of the recipe; InputError for the folder, the device, or a loss that
    is no number; Cancelled after an interrupt, with a checkpoint to go on from.
    """
    source = recipes.load(
        recipe, [*(sets or []), *([f"schedule.steps={steps}"] if steps is not None else [])]
    )
    folder = Path(out) if out else Path("trained") / source.recipe.recipe
    with events.watching(watch, "train"):
        return Trainer(source, Path(data) if data else None, folder, device, watch).run(resume=resume)


class Trainer:
    """A training, set up but not begun. Raises RecipeError with all problems before anything is written."""

    def __init__(
        self,
        source: Source,
        data: Path | None,
        out: Path,
        device: str = "auto",
        watch: Callable[[Event], None] | None = None,
    ) -> None:
        self.recipe, self.out = source.recipe, out
        self.accelerator = setting.accelerator(source.recipe, device)
        found = setting.corpora(source, data)
        setting.check_processes(source, self.accelerator.num_processes)
        suites.check(source)
        self.plan = plan(source)
        assert found is not None
        self.corpora, self.folders = found, setting.folders(source, data)
        place = str(self.accelerator.device)
        room = setting.memory(self.accelerator.num_processes, 1 if found.validation is None else 2)
        self.learner = Learner(self.plan, place)
        self.named = dict(self.learner.named())
        self._clips = {
            split: Clips(
                *(self.plan, corpus, self.recipe.data.seconds),
                memory=room,
                device=place,
                store=Store() if self.plan.frozen else None,
                watch=watch,
            )
            for split, corpus in (("train", found.train), ("validation", found.validation))
            if corpus is not None
        }
        self.state = states.State(
            recipe=self.recipe.digest(), data=found.train.digest, graph=self.plan.graph.digest()
        )
        self.order = Order(len(found.train), self.recipe.batch, self.recipe.accumulate, self.recipe.seed)

    @property
    def main(self) -> bool:
        """Whether this process writes: the first of all."""
        return bool(self.accelerator.is_main_process)

    def run(self, *, resume: bool = False) -> Outcome:
        """Train to the end, from the beginning or from the last checkpoint."""
        if resume:
            folder = setting.checkpoint_of(self.out, self.recipe, self.state.data, self.state.graph)
        else:
            setting.begin(self.out)
        self.accelerator.wait_for_everyone()
        self._prepare()
        if resume:
            self.state = states.read(folder)
            states.load(
                folder, self.state, self.learner.by_node, self.average.values, self.adamw, self._names
            )
        self.ledger = Ledger(self.plan.criteria, self.state)
        with ExitStack() as stack:
            self.log: Log | None = None
            if self.main:
                from pfy_train.log import Log

                self.out.mkdir(parents=True, exist_ok=True)
                states.clean(self.out)
                with whole(self.out / setting.RECIPE) as part:
                    part.write_text(self.recipe.to_yaml(), encoding="utf-8")
                self.log = stack.enter_context(closing(Log(self.out, self.state.step)))
            self.stop = stack.enter_context(Stop())
            return self._train()

    # Setting up -----------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Networks on their device, optimiser, average."""
        recipe, device = self.recipe.optimiser, self.accelerator.device
        decaying = [value for value in self.named.values() if value.ndim > 1]
        plain = [value for value in self.named.values() if value.ndim <= 1]
        self.learner.to(device).train()
        self.adamw = torch.optim.AdamW(
            [
                {"params": decaying, "weight_decay": recipe.weight_decay},
                {"params": plain, "weight_decay": 0.0},
            ],
            lr=recipe.lr,
            betas=recipe.betas,
            fused=device.type in ("cpu", "cuda"),
        )
        self.model = self.accelerator.prepare(self.learner)
        self._names = {value: name for name, value in self.named.items()}
        self.average = Average(self.named, self.recipe.ema)
        self.weights = torch.tensor([item.weight for item in self.plan.criteria], device=device)

    def _batches(self) -> Ahead:
        """This process's share of all batches to come, made ahead."""
        order = replace(self.order, first=self.state.step, last=self.recipe.schedule.steps)
        # A generator of its own: this is read in another thread, and torch's own is the step's.
        own = torch.Generator()
        loader = DataLoader(self._clips["train"], batch_sampler=order, collate_fn=batch, generator=own)
        shared = self.accelerator.prepare_data_loader(loader, device_placement=False)
        pinned = self.accelerator.device.type == "cuda"
        return Ahead(shared, (lambda item: item.pinned()) if pinned else lambda item: item)

    # Steps ----------------------------------------------------------------------------------------

    def _train(self) -> Outcome:
        every, last = self.recipe.every, self.recipe.schedule.steps
        if self.state.step >= last:
            events.note(f"{self.out} has its {last} steps already: --steps takes it further")
        self._began, self._told, self._first = time.monotonic(), 0.0, self.state.step
        self._spent = self.state.seconds
        if self._unvalidated():
            self._validate()
        with closing(self._batches()) as ahead:
            batches = iter(ahead)
            while self.state.step < last:
                self._step(batches)
                step = self.state.step
                self._tell(last)
                log, save, validate = (every_(step, n, last) for n in (every.log, every.save, every.validate))
                stopped = self.stop.asked if self.accelerator.num_processes == 1 else False
                if log or save or validate or stopped:
                    stopped = (self._look(log=log) or stopped) and step < last
                if validate and not stopped:
                    self._validate()
                if every.sample and not stopped and every_(step, every.sample, last):
                    self._sample()
                if save or stopped:
                    self._save()
                if stopped:
                    raise Cancelled(
                        f"stopped after step {step} of {last}; the checkpoint is in {self.out}: "
                        "the same command with --resume goes on"
                    )
        return self._finish()

    def _step(self, batches: Iterator[Batch]) -> None:
        """One step of the optimiser."""
        step, accelerator = self.state.step, self.accelerator
        self._seed(step)
        for group in self.adamw.param_groups:
            group["lr"] = self.recipe.optimiser.lr * factor(self.recipe.schedule, step)
        found, norm = list[Tensor](), torch.zeros(())
        try:
            for _ in range(self.recipe.accumulate):
                given = next(batches).to(accelerator.device)
                with accelerator.accumulate(self.model):
                    losses = self.model(given)
                    accelerator.backward((losses * self.weights).sum())
                    if accelerator.sync_gradients:
                        limit = self.recipe.clip or float("inf")
                        norm = accelerator.clip_grad_norm_(self.named.values(), limit)
                        if step == 0:
                            self._tell_idle()
                        self.adamw.step()
                        self.adamw.zero_grad()
                found.append(losses.detach())
        except torch.OutOfMemoryError as error:
            fix = (
                f"--set batch={max(1, self.recipe.batch // 2)} --set accumulate={self.recipe.accumulate * 2}"
            )
            raise InputError(
                f"{accelerator.device} has not enough memory for the batch", "a smaller one", fix
            ) from error
        self.ledger.add(found, norm)
        self.state.step += 1
        self.average.update(self.state.step)

    def _seed(self, step: int) -> None:
        """Seed torch's own generators, so that what draws from them (dropout) goes on as it would have.

        Not by ``torch.manual_seed``: where there is no GPU it notes the stack at each call, which takes
        longer than a small step.
        """
        device = self.accelerator.device
        seed = (self.recipe.seed * 1_000_003 + step) * 4099 + self.accelerator.process_index
        torch.default_generator.manual_seed(seed)
        if device.type == "cuda":
            torch.cuda.manual_seed(seed)

    def _tell_idle(self) -> None:
        """Say which parameters the losses do not reach: in an ablation that is meant, else it is a fault."""
        idle = [name for name, value in self.named.items() if value.grad is None]
        if idle and self.main:
            shown = ", ".join(idle[:6]) + (f" and {len(idle) - 6} more" if len(idle) > 6 else "")
            events.note(f"no gradient reaches {len(idle)} of {len(self.named)} parameters: {shown}")

    def _look(self, *, log: bool) -> bool:
        """Look at the losses since the last look; whether any process was asked to stop.

        InputError for one that is no number.
        """
        stopped, bad = self.ledger.settle(self.accelerator, asked=self.stop.asked)
        if bad is not None:
            raise self._refused(*bad)
        if log:
            line = self.ledger.line() | {"lr": self.adamw.param_groups[0]["lr"]}
            speed = (self.state.step - self._first) / (time.monotonic() - self._began)
            if self.log is not None:
                self.log.add(self.state.step, "train", line, steps_per_second=round(speed, 3))
        return stopped

    def _refused(self, step: int, bad: str) -> InputError:
        """Why a training cannot go on after a step that gave no number: naming step, losses and clips."""
        corpus = self.corpora.train
        clips = [corpus[draw.clip].key for part in self.order.step(step) for draw in part]
        kept = states.found(self.out)
        fix = "a smaller optimiser.lr or clip"
        if kept:
            fix += f"; --resume goes on from step {int(kept[-1].name)}, before it"
        return InputError(f"step {step + 1}: {bad}; its clips are {', '.join(clips)}", "numbers", fix)

    def _tell(self, last: int) -> None:
        now = time.monotonic()
        if self.main and (now - self._told > TELL or self.state.step == last):
            self._told = now
            text = f"loss {self.ledger.last['loss']:.4g}" if self.ledger.last else ""
            events.emit(events.Event("progress", "train", text, self.state.step, last))

    # Between steps --------------------------------------------------------------------------------

    def _unvalidated(self) -> bool:
        """Whether the run was stopped at a step that was to be validated, before it was."""
        step, every = self.state.step, self.recipe.every.validate
        if self.log is None or not step or not every or step % every:
            return False
        return not any(line["step"] == step and line["kind"] != "train" for line in self.log.lines())

    def _validate(self) -> None:
        """The losses on the validation split and the numbers of the suite, with the averaged weights; only
        the first process does it."""
        clips, wanted = self._clips.get("validation"), self.recipe.validate
        if clips is None or self.log is None:
            return
        if wanted.windows:
            with self.average.applied():
                found = validation.losses(
                    self.learner, clips, self.recipe, self.accelerator.device, self.accelerator.autocast
                )
            self.log.add(self.state.step, "validation", found)
            events.note(f"step {self.state.step}: validation loss {found['loss']:.5g}")
        if wanted.suite:
            folder, device = self.folders["validation"][0], str(self.accelerator.device)
            graph = placed(self._graph(), device, self.plan)
            told = suites.numbers(graph, folder, wanted, self.recipe.seed, device)
            if told:
                self.log.add(self.state.step, wanted.suite, told)
                shown = ", ".join(f"{name} {value:.4g}" for name, value in told.items())
                events.note(f"step {self.state.step}: {shown}")

    def _sample(self) -> None:
        """A video of the first clip of the validation split, or of the training split."""
        if not self.main or not videos.can(self.plan.graph):
            return
        corpus = self.corpora.validation or self.corpora.train
        target = self.out / "samples" / f"{self.state.step:06d}.mp4"
        videos.make(self._graph(), corpus[0], target, self.recipe.seed)

    def _graph(self) -> Graph:
        """The graph with the averaged weights as they are now."""
        self._weigh()
        return Graph.load(self.out / "graph.yaml")

    def _weigh(self) -> None:
        with self.average.applied():
            self._files = outcome.write_weights(
                self.out, self.plan, self.learner.by_node, self.recipe.save.dtype
            )

    def _save(self) -> None:
        """A checkpoint, and the weights as they are now."""
        self.state.seconds = self._spent + time.monotonic() - self._began
        if not self.main:
            return
        networks = self.learner.by_node
        states.write(
            *(self.out, self.state, networks, self.average.values, self.adamw, self._names, self.recipe.keep)
        )
        self._weigh()
        more = {
            "data": self.state.data,
            "steps": self.state.step,
            "seconds": round(self.state.seconds, 1),
            "losses": self.ledger.last,
            "device": self._device(),
            "processes": self.accelerator.num_processes,
            "precision": self.accelerator.mixed_precision,
            "parameters": {name: sum(p.numel() for p in net.parameters()) for name, net in networks.items()},
        }
        outcome.write_record(self.out, self.recipe, self.plan.graph, more)

    def _device(self) -> str:
        device = self.accelerator.device
        return str(torch.cuda.get_device_name(device) if device.type == "cuda" else device.type)

    def _finish(self) -> Outcome:
        if self.main and not hasattr(self, "_files"):  # nothing was left to do
            self._weigh()
            self.ledger.last = outcome.losses(self.out)
        files = getattr(self, "_files", {})
        name = outcome.entry_name(self.out)
        entries = outcome.write_entries(name, files, self.recipe, weights.entries()) if files else {}
        self.accelerator.wait_for_everyone()
        self.accelerator.end_training()
        return Outcome(self.out, self.state.step, self.ledger.last, files, entries)


def every_(step: int, count: int, last: int) -> bool:
    """Whether something that is done every ``count`` steps (0: at the end) is due after ``step`` of
    ``last``."""
    return step == last or bool(count and step % count == 0)
