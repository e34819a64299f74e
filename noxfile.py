"""The jobs of this workspace: ``nox -l`` lists them, ``nox -s tests`` runs one.

Environments are made with virtualenv and pip; ``nox -db uv`` is much faster where uv is set up.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import nox

nox.options.default_venv_backend = "virtualenv"
nox.options.reuse_existing_virtualenvs = True
nox.options.sessions = ["lint", "types", "tests", "tests_torch", "build"]

HERE = Path(__file__).parent


def package(path: str) -> str:
    """The package in the folder of a plugin."""
    name = {"training": "train"}.get(path, Path(path).name)
    return f"pfy_plugin_{name.replace('-', '_')}"


DEFAULT = [".", "plugins/speech", "plugins/portrait"]
SIGNING = [".[credentials]", *DEFAULT[1:]]
"""What a user has: the default graphs, and content credentials in the videos."""
TORCH = [
    "plugins/fusers",
    "plugins/referencenet",
    "plugins/vae",
    "plugins/hifigan",
    "plugins/gpt2-hifi",
    "plugins/bpe",
    "plugins/wav2vec2",
    "plugins/insightface",
    "plugins/networks",
    "plugins/motion",
    "training",
]
WITHOUT_TORCH = "testpaths=tests plugins benchmarks"
"""Where pytest starts: it imports the conftest of a folder that it starts from, ignored or not."""
GRAPHS = "tests/p4y"
"""Tests of the graphs that those plugins make up together."""
INSIGHTFACE = ["insightface", "onnx", "onnxruntime", "requests", "scikit-image", "scipy", "tqdm"]
"""insightface without the opencv-python it asks for: opencv-python-headless has the same folder."""
MEASURES = ["plugins/metrics", "plugins/data"]
"""What the benchmark measures with and on; it needs no torch."""
DISTRIBUTIONS = [*DEFAULT, "benchmarks", *MEASURES, *TORCH]
PACKAGES = [
    "pfy_core",
    *(f"{path}/{package(path)}" for path in [*DEFAULT[1:], *MEASURES, *TORCH]),
    "benchmarks/pfy_bench",
    "benchmarks/pfy_plugin_bench",
    "training/pfy_train",
]
LANGUAGES = [".[credentials]", "plugins/speech[es,fr,it]", "plugins/portrait"]
PEERS = ["haystack-ai==3.4.0", "diffusers==0.42.1", "transformers", "torch==2.13.0"]
KIT = {"pfy-plugin-metrics": "[flow]"}
"""Extras that the conformance kit needs, for those components that are no use without."""
TEST_TOOLS = ["pytest", "hypothesis", "scipy"]
PARITY = ["pystoi==0.4.1", "pyworld-prebuilt", "dlib-bin", "webdataset"]
"""What the metrics are compared with, what some stand on, and another reader of the corpora's shards."""
RAY = "ray"
"""An executor of the benchmark."""
ORACLES = ["setuptools<81", "pymcd==0.2.1", "pysptk==1.0.1", "pyworld==0.3.5", "librosa==0.11.0", "loguru"]
"""Packages beside which the metrics are measured; those of WORLD and SPTK import pkg_resources."""
NETWORK_ORACLES = [
    *("torch==2.13.0", "scipy", "requests", "tqdm", "resampy==0.4.3", "soundfile"),
    *("python_speech_features==0.6", "imageio-ffmpeg"),
]
"""What the programs beside which the networks are measured import."""
BARE_ORACLES = [
    "fvmd==1.0.0",
    "pytorch-fid==0.3.0",
    "torch-fidelity==0.4.0",
    "clean-fid==0.1.35",
    "cd-fvd==0.1.1",
    "torchvggish==0.2",
    "efficientnet-lite-pytorch==0.1.0",
    "syncnet-python==0.2.3",
    "torchvision==0.28.0",
]
"""Programs that pin what is long gone, or ask for what they do not use: installed alone."""
COQUI = ["coqui-tts==0.28.0", "transformers==5.23.0", "torchaudio==2.11.0", "torchcodec==0.17.0", "six"]
"""The other side of the oracle, at the versions it was compared with."""


def install(session: nox.Session, *what: str, editable: tuple[str, ...] | list[str] = ()) -> None:
    """Install at the pinned versions; with uv, look where pip was told to look, and compile."""
    options = ["-c", "constraints.txt"]
    if session.venv_backend == "uv":
        options.append("--compile-bytecode")
        if "PIP_FIND_LINKS" in os.environ:
            session.env["UV_FIND_LINKS"] = os.environ["PIP_FIND_LINKS"]
    session.env["PYTHONDONTWRITEBYTECODE"] = ""
    session.install(*options, *what, *(part for path in editable for part in ("-e", path)))


def environment(session: nox.Session, name: str) -> str:
    """The Python of an environment beside the session's own, made when it is not there."""
    folder = Path(session.create_tmp()) / name
    python = folder / ("Scripts" if os.name == "nt" else "bin") / "python"
    if not python.exists():
        session.run(sys.executable, "-m", "venv", str(folder), external=True)
    return str(python)


@nox.session
def narrate(session: nox.Session) -> None:
    """Make a video: nox -s narrate -- "Hello." --face me.jpg -o hello.mp4"""
    install(session, "pip", editable=SIGNING)
    session.run(
        "pfy", "narrate", *(session.posargs or ["Hello, I am glad you came.", "-o", "hello.mp4", "--force"])
    )


@nox.session
def tests(session: nox.Session) -> None:
    """All tests of what runs without torch, slow ones too: -- -m "not slow" leaves them out."""
    tools = [*TEST_TOOLS, *PARITY, RAY, "onnx", "openvino"]
    install(session, "pip", *tools, editable=[*LANGUAGES, "benchmarks", *MEASURES])
    session.env["OPENBLAS_NUM_THREADS"] = "1"
    ignored = (f"--ignore={path}" for path in TORCH)
    session.run("pytest", "--override-ini", WITHOUT_TORCH, *ignored, *session.posargs)


@nox.session
def tests_torch(session: nox.Session) -> None:
    """The tests of the plugins that stand on torch, and of the paper's graphs."""
    install(
        session, "pip", *TEST_TOOLS, *INSIGHTFACE[1:], editable=[*SIGNING, "benchmarks", *MEASURES, *TORCH]
    )
    session.install("-c", "constraints.txt", "--no-deps", INSIGHTFACE[0])
    session.run("pytest", *TORCH, GRAPHS, *session.posargs)
    for path in TORCH:
        session.run("pfy", "plugins", "manifest", package(path), "--check")


@nox.session
def oracle(session: nox.Session) -> None:
    """The XTTS-v2 plugins beside coqui-tts, on the same random weights: -- --golden writes test data."""
    voices = ["plugins/hifigan", "plugins/gpt2-hifi"]
    install(session, "pytest", *COQUI, editable=[".", *voices])
    # Its native part wants the CUDA build of torch; without it, it runs in Python.
    session.run("python", "plugins/gpt2-hifi/oracle/without_natives.py")
    session.run("pytest", "-o", "norecursedirs=", "plugins/gpt2-hifi/oracle", *session.posargs)


@nox.session
def oracle_metrics(session: nox.Session) -> None:
    """The metrics and networks beside the programs whose protocols they follow.

    -- --golden writes test data, -- speed times the metrics beside those programs instead.
    """
    ours = ["plugins/metrics", "plugins/networks"]
    if session.venv_backend == "uv" and "PIP_FIND_LINKS" in os.environ:
        session.env["UV_FIND_LINKS"] = os.environ["PIP_FIND_LINKS"]
    editable = [part for path in (".", *ours) for part in ("-e", path)]
    session.install(*ORACLES, *NETWORK_ORACLES, PARITY[0], "pytest", *editable)
    session.install("--no-deps", *BARE_ORACLES, "-e", "benchmarks")
    if session.posargs[:1] == ["speed"]:
        session.run("python", "-m", "pfy_bench.speed", "--only", "measures", *session.posargs[1:])
        return
    session.run("pytest", "-o", "norecursedirs=", *(f"{path}/oracle" for path in ours), *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Style, and who may import whom."""
    session.install("-c", "constraints.txt", "ruff", "import-linter")
    session.install("--no-deps", *(part for path in DISTRIBUTIONS for part in ("-e", path)))
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")
    session.run("lint-imports")


@nox.session
def types(session: nox.Session) -> None:
    """mypy, strict."""
    install(
        session,
        "mypy",
        "pytest",
        "types-PyYAML",
        "scipy-stubs",
        "nox",
        editable=[*SIGNING, "benchmarks", *MEASURES],
    )
    session.install("--no-deps", *(part for path in TORCH for part in ("-e", path)))
    for package in PACKAGES:
        session.run("mypy", package)


@nox.session
def build(session: nox.Session) -> None:
    """Wheels of all distributions, and with nothing else the whole life of a plugin and the tutorial."""
    session.install("-c", "constraints.txt", "build", "hatchling", "pytest")
    wheels = HERE / "dist"
    for old in wheels.glob("*.whl"):
        old.unlink()
    for path in DISTRIBUTIONS:
        session.run(
            "python", "-m", "build", "--wheel", "--no-isolation", "--outdir", str(wheels), path, silent=True
        )
    session.env["PFY_WHEELS"] = str(wheels)
    session.run("pytest", "--confcutdir=tests/life", "tests/life", *session.posargs)


@nox.session
def ecosystem(session: nox.Session) -> None:
    """The index of plugins, made again: each installed alone and examined. -- --check compares only.

    ``-- pfy-plugin-x`` does that one alone, and lists it if it is new; what is not in this tree, pip finds.
    """
    check, index = "--check" in session.posargs, HERE / "registry" / "plugins"
    names = {file.stem for file in index.glob("*.toml")}
    names |= {f"pfy-plugin-{file.parent.name}" for file in (HERE / "plugins").glob("*/pyproject.toml")}
    stale = []
    for name in sorted({word for word in session.posargs if word != "--check"} or names):
        ours, entry = HERE / "plugins" / name.removeprefix("pfy-plugin-"), index / f"{name}.toml"
        python = environment(session, name)
        extras = KIT.get(name, "")
        what = ["-e", ".", *(("-e", f"{ours}{extras}") if ours.is_dir() else (name,))]
        session.run(python, "-m", "pip", "install", "-q", "-c", "constraints.txt", *what, external=True)
        record = ["--record"] if ours.is_dir() and not check else []
        session.run(python, "-m", "pfy_core", "plugins", "check", name, *record, external=True)
        made = Path(session.create_tmp()) / entry.name
        session.run(python, "-m", "pfy_core", "plugins", "entry", name, "-o", str(made), external=True)
        if not entry.exists() or entry.read_bytes() != made.read_bytes():
            stale.append(name)
            if not check:
                entry.write_bytes(made.read_bytes())
    if check and stale:
        session.error(f"registry/plugins does not say what is so of {', '.join(stale)}: nox -s ecosystem")


@nox.session
def speed(session: nox.Session) -> None:
    """Measure, side by side: real-time factor, first frame, memory, cost of the runtime, cold starts.

    Two frameworks that are measured beside the runtime get an environment of their own.
    """
    install(session, "pip", "onnx", "openvino", editable=[*SIGNING, "benchmarks", *MEASURES])
    python = environment(session, "peers")
    session.run(python, "-m", "pip", "install", "--quiet", *PEERS, external=True)
    session.run("pfy", "weights", "pull", "kokoro/model", "kokoro/styles")
    session.run("python", "-m", "pfy_bench.speed", "--peers", python, *session.posargs)


@nox.session
def pictures(session: nox.Session) -> None:
    """The pictures in the README, made again."""
    install(session, "pip", editable=SIGNING)
    session.run("python", "docs/pictures.py")
