"""The metrics plugin: ``metric/fd``, ``metric/mmd``, ``metric/fvmd``, ``metric/mcd`` and ``metric/stoi``."""
