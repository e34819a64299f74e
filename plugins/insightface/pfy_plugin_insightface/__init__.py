"""The insightface plugin: ``encoder/landmarks``."""
