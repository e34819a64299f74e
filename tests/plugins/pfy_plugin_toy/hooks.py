import os
from pathlib import Path

from pfy_core import hookimpl


@hookimpl
def pfy_cli(app):
    @app.command("toy-hello")
    def hello(name: str = "you"):
        """Say hello."""
        print(f"hello {name}")


@hookimpl(wrapper=True)
def pfy_node(node, spec, call):
    result = yield
    log = os.environ.get("TOY_LOG")
    if log:
        with Path(log).open("a") as out:
            out.write(f"{node} {spec.id} {type(result).__name__}\n")
    return result


@hookimpl
def pfy_record(record):
    record["toy"] = "was here"
