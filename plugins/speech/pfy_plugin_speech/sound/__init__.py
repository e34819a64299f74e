"""Measuring and shaping sound: pitch, spectrum, level."""
