"""The referencenet plugin: ``decoder/referencenet``."""
