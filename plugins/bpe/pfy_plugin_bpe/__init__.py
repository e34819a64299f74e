"""The bpe plugin: ``encoder/bpe``."""
