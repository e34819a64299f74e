"""The command line. Importing it imports neither numpy nor torch nor any plugin."""

from __future__ import annotations

import os
import signal
import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer

from pfy_core import catalogue
from pfy_core.cli import conformance, graphs, listing, plugins, provenance, scaffold, state, system
from pfy_core.cli import narrate as narrate_command
from pfy_core.cli.output import show_error
from pfy_core.errors import Cancelled, InputError, PfyError

# Threads within BLAS and OpenCV cost more than they bring on matrices and pictures as small as ours,
# beside the threads of the graph; set before numpy and OpenCV load.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("OPENCV_FOR_THREADS_NUM", "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

USAGE_ERROR: Any = typer.BadParameter.__base__
"""UsageError of click, or of the copy of click within newer versions of typer."""

app = typer.Typer(
    name="pfy",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"pfy {version('pfy-core')}")
        raise typer.Exit


@app.callback()
def pfy(
    _version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    _debug: Annotated[bool, typer.Option("--debug", help="Show tracebacks; may stand anywhere.")] = False,
    _strict: Annotated[
        bool, typer.Option("--strict", help="Fail where a broken plugin would be set aside; anywhere.")
    ] = False,
) -> None:
    """Narrating faces: a text, a photo and a voice become a video of that face speaking.

    [bold]pfy narrate "Hello, I am glad you came." --face me.jpg -o hello.mp4[/bold]
    """


app.command("narrate")(narrate_command.narrate)
app.command("inspect")(provenance.inspect)
app.command("replay")(provenance.replay)
app.command("check")(graphs.check)
app.command("why")(state.why)
app.command("doctor")(system.doctor)
app.add_typer(graphs.app, name="graph")
plugins.app.command("new")(scaffold.new)
plugins.app.command("check")(conformance.check)
plugins.app.command("entry")(listing.entry)
app.add_typer(plugins.app, name="plugins")
app.add_typer(state.app, name="store")
app.add_typer(system.weights_app, name="weights")


def main() -> None:
    """The entry point ``pfy``: errors become one message and an exit status, never a traceback."""
    debug = "--debug" in sys.argv
    if "--strict" in sys.argv:
        os.environ[catalogue.STRICT] = "1"
    argv = [argument for argument in sys.argv[1:] if argument not in ("--debug", "--strict")]
    as_json = "--json" in argv
    signal.signal(signal.SIGTERM, _stop)
    try:
        if catalogue.ALLOW in os.environ:
            for text in catalogue.installed().unknown:
                print(f"pfy: {text}", file=sys.stderr)
        plugins.add_commands(app, argv)
        status = app(argv, prog_name="pfy", standalone_mode=False)
        if status == Cancelled.exit_code:  # what typer makes of an interrupt
            raise Cancelled
        sys.stdout.flush()
    except PfyError as error:
        if debug:
            raise
        show_error(error, as_json=as_json)
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, typer.Abort):
        show_error(Cancelled(), as_json=as_json)
        sys.exit(Cancelled.exit_code)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except USAGE_ERROR as error:
        _misused(error, as_json=as_json)
    except Exception as error:
        if debug:
            raise
        text = f"something unexpected happened: {type(error).__name__}: {error}"
        show_error(PfyError(text, fix="run again with --debug and report it"), as_json=as_json)
        sys.exit(1)
    sys.exit(status if type(status) is int else 0)


def _stop(*_: object) -> None:
    """Take a polite end (kill, docker stop, a job's time limit) as Ctrl-C: nothing is left half-written."""
    raise KeyboardInterrupt


def _misused(error: Any, *, as_json: bool) -> None:
    """A command line that makes no sense; where only a command is missing, its help is the answer."""
    message = error.format_message()
    if type(error).__name__ == "NoArgsIsHelpError":
        print(message, end="")  # empty where typer has printed the help already
    else:
        command = error.ctx.command_path if error.ctx else "pfy"
        show_error(InputError(message.rstrip("."), fix=f"see '{command} --help'"), as_json=as_json)
    sys.exit(InputError.exit_code)
