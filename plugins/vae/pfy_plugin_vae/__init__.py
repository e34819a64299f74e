"""The vae plugin: ``encoder/vae`` and ``decoder/vae``."""
