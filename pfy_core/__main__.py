"""``python -m pfy_core`` is ``pfy``."""

from pfy_core.cli import main

main()
