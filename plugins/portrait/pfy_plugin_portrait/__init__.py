"""The portrait plugin: ``encoder/face-mesh``, ``decoder/visemes`` and ``decoder/portrait``."""
