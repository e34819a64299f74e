"""The fusers plugin: ``fuser/ete``, ``fuser/ste`` and ``fuser/none``."""
