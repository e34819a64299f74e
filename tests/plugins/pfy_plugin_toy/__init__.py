"""A tiny plugin, installed by the tests into a temporary folder."""
