"""The speech plugin: ``decoder/speech``, ``encoder/voice`` and ``encoder/phones``."""
