"""pfy as its users get it: wheels in a fresh environment, and nothing of this checkout on any path.

``nox -s build`` makes the wheels, names their folder in PFY_WHEELS and runs these tests. They import nothing
of pfy themselves: all they do is done by commands in that environment.
"""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
WHEELS = os.environ.get("PFY_WHEELS", "")
TUTORIAL = ROOT / "docs" / "tutorial.md"
FENCE = re.compile(r"^```(\w+)(?: (fails))?\n(.*?)^```", re.MULTILINE | re.DOTALL)
PATIENCE = 900.0
"""Seconds that a command may take: the installation fetches half a gigabyte."""


class World:
    """An empty folder of somebody who has Python, pip and the wheels; commands go on where others ended."""

    def __init__(self, folder: Path) -> None:
        self.folder, self._state = folder / "work", folder / "state"
        self.folder.mkdir()
        home = folder / "home"
        home.mkdir()
        (home / "weights").symlink_to(_weights())
        kept = {"HOME", "LANG", "LC_ALL", "TMPDIR", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"}
        self._environment = {
            key: value
            for key, value in os.environ.items()
            if key in kept or key.startswith("PIP_") or key.lower().endswith("_proxy")
        }
        self._environment |= {
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "PFY_HOME": str(home),
            "PIP_CONSTRAINT": str(ROOT / "constraints.txt"),
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            "PIP_FIND_LINKS": f"{os.environ.get('PIP_FIND_LINKS', '')} {WHEELS}".strip(),
            "OPENBLAS_NUM_THREADS": "1",
        }

    def sh(self, script: str, *, fails: bool = False) -> str:
        """Run shell commands where the last ones ended (folder, variables); returns all that they print."""
        state = shlex.quote(str(self._state))
        before = f"[ ! -e {state} ] || . {state}"
        after = f'{{ export -p; printf "cd %q\\n" "$PWD"; }} > {state}'
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", f"{before}\n{script}\n{after}"],
            cwd=self.folder,
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert (done.returncode != 0) == fails, f"{script}\n{done.stdout}"
        return done.stdout

    def python(self, code: str) -> str:
        return self.sh(f"python -c {shlex.quote(code)}")


def _weights() -> Path:
    """The folder with the user's weights, so that they are not fetched for every run of these tests."""
    given = os.environ.get("PFY_HOME")
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    weights = (Path(given) if given else Path(cache) / "pfy") / "weights"
    weights.mkdir(parents=True, exist_ok=True)
    return weights
