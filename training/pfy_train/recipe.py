"""Recipes: what is trained, on what, towards what, and how long; read with every fault placed by line."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from math import inf, isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import yaml
from omegaconf import MISSING, OmegaConf
from omegaconf.errors import OmegaConfBaseException

from pfy_core import digest
from pfy_core.errors import GraphError, InputError, Problem, did_you_mean
from pfy_core.graph_file import line_numbers
from pfy_core.literal import literal
from pfy_train.fields import FPS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

HERE = Path(__file__).parent / "recipes"
"""The recipes that come with the package."""


@dataclass
class Data:
    """``train`` and ``validation``: folders of shards. ``seconds``: length of the window drawn from each
    clip, 0 for whole clips. ``give``: which inputs of the graph, and which outputs of its nodes, are fields
    of a sample. ``targets``: further arguments of a node's ``learn``, fields of a sample or outputs of frozen
    nodes (``node.port``). ``drop``: how often an output of a frozen node is emptied, so that parts learn to
    do without: its share of the windows."""

    train: list[str] = MISSING
    validation: list[str] = field(default_factory=list)
    seconds: float = 0.0
    give: dict[str, str] = field(default_factory=dict)
    targets: dict[str, dict[str, str]] = field(default_factory=dict)
    drop: dict[str, float] = field(default_factory=dict)


@dataclass
class Term:
    """A loss: component, where its inputs come from, its options (``with`` in the file), its weight."""

    use: str = MISSING
    take: dict[str, str] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    weight: float = 1.0


@dataclass
class Optimiser:
    """AdamW (Loshchilov & Hutter 2019). Biases and norms, whatever has one dimension, do not decay."""

    lr: float = 3e-4
    weight_decay: float = 0.01
    betas: tuple[float, float] = (0.9, 0.99)


@dataclass
class Schedule:
    """Steps of the optimiser; the learning rate rises over the first ``warmup``, then decays to 0."""

    steps: int = 10_000
    warmup: int = 0
    decay: Literal["cosine", "linear", "constant"] = "cosine"


@dataclass
class Every:
    """Steps between log lines, checkpoints, validations and sample videos; 0: never, or only at the end."""

    log: int = 20
    save: int = 500
    validate: int = 1000
    sample: int = 0


@dataclass
class Validate:
    """``windows`` of the validation split for its loss; a ``suite`` of pfy-bench on ``clips`` of it, with
    further edits of the graph (``set``)."""

    windows: int = 64
    suite: str = ""
    clips: int = 8
    set: list[str] = field(default_factory=list)


@dataclass
class Save:
    """``dtype`` of the weights that are handed out; checkpoints are always float32."""

    dtype: Literal["float32", "bfloat16", "float16"] = "float32"


@dataclass
class Recipe:
    """A recipe as written; see ``training/README.md`` for every field."""

    recipe: str = MISSING
    doc: str = ""
    graph: str = MISSING
    set: list[str] = field(default_factory=list)
    learn: list[str] = MISSING
    data: Data = field(default_factory=Data)
    losses: dict[str, Term] = MISSING
    optimiser: Optimiser = field(default_factory=Optimiser)
    schedule: Schedule = field(default_factory=Schedule)
    batch: int = 32
    accumulate: int = 1
    clip: float = 1.0
    ema: float = 0.999
    precision: Literal["auto", "float32", "bfloat16"] = "auto"
    seed: int = 0
    every: Every = field(default_factory=Every)
    keep: int = 2
    validate: Validate = field(default_factory=Validate)
    save: Save = field(default_factory=Save)

    def as_dict(self) -> dict[str, Any]:
        """Plain data in the form of the file, with all defaults."""
        data = dataclasses.asdict(self)
        data["optimiser"]["betas"] = list(self.optimiser.betas)
        for term in data["losses"].values():
            term["with"] = term.pop("options")
        return data

    def to_yaml(self) -> str:
        """YAML text that reads back as an equal recipe."""
        return OmegaConf.to_yaml(OmegaConf.create(literal(self.as_dict())))

    def digest(self) -> str:
        """sha256 of what decides how the training goes; see ``FREE`` for what does not."""
        return digest.digest({k: v for k, v in flat(self.as_dict()).items() if not free(k)})


FREE = ("doc", "schedule.steps", "every", "keep", "validate", "data.train", "data.validation")
"""Fields that may differ when a run goes on. Of the data the contents count, whose digest is kept beside."""
RANGES: dict[str, tuple[Callable[[Any], bool], str]] = {
    "data.seconds": (lambda v: v == 0 or 1 / FPS <= v < inf, "0 (whole clips), or a frame and more"),
    "data.drop": (lambda v: all(0 <= share <= 1 for share in v.values()), "shares from 0 to 1"),
    "optimiser.lr": (lambda v: 0 < v < inf, "above 0"),
    "optimiser.weight_decay": (lambda v: 0 <= v < inf, "0 or more"),
    "optimiser.betas": (lambda v: all(0 <= beta < 1 for beta in v), "two numbers from 0 to below 1"),
    "schedule.steps": (lambda v: v >= 1, "1 or more"),
    "schedule.warmup": (lambda v: v >= 0, "0 or more"),
    "batch": (lambda v: v >= 1, "1 or more"),
    "accumulate": (lambda v: v >= 1, "1 or more"),
    "clip": (lambda v: 0 <= v < inf, "the largest norm of the gradient, or 0 for any"),
    "ema": (lambda v: 0 <= v < 1, "0 (no average) to below 1"),
    "seed": (lambda v: 0 <= v < 2**32, "0 to 2**32 - 1"),
    "every.log": (lambda v: v >= 0, "0 or more"),
    "every.save": (lambda v: v >= 0, "0 or more"),
    "every.validate": (lambda v: v >= 0, "0 or more"),
    "every.sample": (lambda v: v >= 0, "0 or more"),
    "keep": (lambda v: v >= 1, "1 or more"),
    "validate.windows": (lambda v: v >= 0, "0 or more"),
    "validate.clips": (lambda v: v >= 1, "1 or more"),
}
"""What OmegaConf's types do not say: which values a field may have."""


class RecipeError(GraphError):
    """A recipe that cannot be trained, with every problem found."""

    def __init__(self, problems: list[Problem], name: str = "") -> None:
        super().__init__(problems, name)
        self.sends = self.sends.replace("graph", "recipe", 1)
        self.args = (self.sends,)

    def as_dict(self) -> dict[str, Any]:
        return super().as_dict() | {"error": "RecipeError"}


@dataclass
class Source:
    """A recipe with where it comes from: line numbers for problems, the folder that paths are relative to."""

    recipe: Recipe
    lines: Mapping[str, int]
    folder: Path
    problems: list[Problem] = field(default_factory=list)

    def report(self, code: str, where: str, sends: str, wants: str = "", fix: str = "") -> None:
        """Add a problem, at the line of the nearest place of the file."""
        self.problems.append(Problem(code, where, sends, wants, fix, _line(self.lines, where)))

    def require(self) -> None:
        """RecipeError with all problems, if there are any."""
        if self.problems:
            raise RecipeError(self.problems, self.recipe.recipe)


def names() -> list[str]:
    """Names of the recipes that come with the package."""
    return sorted(file.stem for file in HERE.glob("*.yaml"))


def load(source: str | Path, sets: list[str] | None = None) -> Source:
    """A recipe by name or from a YAML file, with fields set (``optimiser.lr=1e-4``).

    Raises RecipeError with every fault of the file, InputError when there is none of that name.
    """
    path = Path(source)
    if path.suffix not in (".yaml", ".yml"):
        path = HERE / f"{source}.yaml"
        if not path.exists():
            hint = did_you_mean(str(source), names()) or f"one of {', '.join(names()) or 'none'}"
            raise InputError(f"no recipe is named {str(source)!r}", "a name or a .yaml file", hint)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path} cannot be read: {error}", "a recipe as YAML", "check the path") from error
    return from_yaml(text, path.stem, path.absolute().parent, sets)


def from_yaml(text: str, name: str, folder: Path, sets: list[str] | None = None) -> Source:
    """A recipe from YAML text; see ``load``."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        data: Any = OmegaConf.to_container(OmegaConf.create(text), resolve=True)
        if not isinstance(root, yaml.MappingNode) or not isinstance(data, dict):
            raise RecipeError(
                [Problem("R001", "YAML", text[:40], "a recipe: recipe, graph, learn ...")], name
            )
    except (yaml.YAMLError, OmegaConfBaseException, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        sends = getattr(error, "problem", None) or (str(error).splitlines() or [type(error).__name__])[0]
        fix, line = "mind colons, quotes, indentation", mark.line + 1 if mark else 0
        raise RecipeError([Problem("R001", "YAML", sends, "YAML", fix, line)], name) from error
    for assignment in sets or []:
        _assign(data, assignment)
    reader = _Reader(line_numbers(root))
    made = reader.read(Recipe, {"recipe": name} | data, "")
    if reader.problems:
        raise RecipeError(reader.problems, name)
    return Source(made, reader.lines, folder)


def differences(before: Recipe, now: Recipe) -> list[str]:
    """The fields that decide how a training goes and are not the same, a line for each."""
    then, here = flat(before.as_dict()), flat(now.as_dict())
    keys = [key for key in dict.fromkeys([*then, *here]) if not free(key)]
    return [
        f"{key}: {then.get(key)!r}, now {here.get(key)!r}" for key in keys if then.get(key) != here.get(key)
    ]


def flat(data: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Nested data as one level, ``optimiser.lr``."""
    found: dict[str, Any] = {}
    for key, value in data.items():
        here = f"{path}.{key}" if path else str(key)
        found |= flat(value, here) if isinstance(value, dict) and value else {here: value}
    return found


def free(key: str) -> bool:
    """Whether a field may differ when a run goes on."""
    return any(key == name or key.startswith(f"{name}.") for name in FREE)


def _assign(data: dict[str, Any], assignment: str) -> None:
    key, equals, text = assignment.partition("=")
    if not equals or not key:
        raise InputError(f"--set {assignment!r}", "FIELD=VALUE", "--set optimiser.lr=1e-4")
    try:
        read: Any = OmegaConf.to_container(OmegaConf.from_dotlist([f"value={text}"]))
    except (yaml.YAMLError, OmegaConfBaseException, ValueError) as error:
        raise InputError(f"--set {assignment!r}: {error}", "a YAML value", "put it into quotes") from error
    *path, last = key.split(".")
    for part in path:
        data = data.setdefault(part, {})
        if not isinstance(data, dict):
            raise InputError(f"--set {assignment!r}: {part} has no fields", "FIELD=VALUE")
    data[last] = read["value"]


def _line(lines: Mapping[str, int], where: str) -> int:
    parts = where.split(".")
    keys = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((lines[key] for key in keys if key in lines), 0)


class _Reader:
    """Reads plain data into the structured config, each field on its own, and collects every fault."""

    def __init__(self, lines: dict[str, int]) -> None:
        self.lines, self.problems = lines, list[Problem]()

    def fault(self, where: str, sends: str, wants: str, fix: str = "") -> None:
        self.problems.append(Problem("R002", where, sends, wants, fix, _line(self.lines, where)))

    def read(self, schema: Any, data: Any, where: str) -> Any:
        if not isinstance(data, dict):
            self.fault(where, f"{data!r}"[:80], f"fields of {where}")
            data = {}
        if schema is Term and "with" in data:
            data = {("options" if key == "with" else key): value for key, value in data.items()}
        fields = {item.name: item for item in dataclasses.fields(schema)}
        made = schema()
        for key in data:
            path = f"{where}.{key}" if where else str(key)
            if key not in fields:
                wants = ", ".join(name.replace("options", "with") for name in fields)
                self.fault(path, f"unknown field {key!r}", wants, did_you_mean(str(key), fields))
            else:
                setattr(made, key, self._value(schema, key, data[key], getattr(made, key), path))
        for name, item in fields.items():
            if item.default is MISSING and name not in data:
                self.fault(f"{where}.{name}" if where else name, "nothing", f"a value for {name}")
        return made

    def _value(self, schema: Any, key: str, value: Any, default: Any, path: str) -> Any:
        if dataclasses.is_dataclass(default):
            return self.read(type(default), value, path)
        if schema is Recipe and key == "losses":
            if not isinstance(value, dict) or not value:
                self.fault(path, f"{value!r}"[:80], "NAME: {use: loss/..., take: {...}}, one or more")
                return {}
            return {str(name): self.read(Term, item, f"{path}.{name}") for name, item in value.items()}
        path = path.removesuffix("options") + "with" if path.endswith(".options") else path
        if value is None and isinstance(default, str):  # FIELD= with nothing behind it
            value = ""
        try:
            merged: Any = OmegaConf.merge(OmegaConf.structured(schema), {key: literal(value)})
            found = merged[key]
            found = OmegaConf.to_container(found, resolve=True) if OmegaConf.is_config(found) else found
        except (OmegaConfBaseException, TypeError, ValueError) as error:
            self.fault(path, str(error).splitlines()[0], _wanted(schema, key))
            return default
        if isinstance(found, list) and isinstance(default, tuple):
            found = tuple(found)
        good, wants = RANGES.get(path, (lambda _: True, ""))
        if key == "weight" and not isfinite(found):
            good, wants = (lambda _: False), "a number"
        if key in ("learn", "train"):
            good, wants = bool, "one or more"
        if found is None or not good(found):
            self.fault(path, f"{value!r}", wants or "a value")
            return default
        return found


def _wanted(schema: Any, key: str) -> str:
    hint = {item.name: item.type for item in dataclasses.fields(schema)}[key]
    return str(hint).replace("Any", "anything")
