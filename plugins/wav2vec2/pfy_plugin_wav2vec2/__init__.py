"""The wav2vec 2.0 plugin: ``encoder/wav2vec2``."""
