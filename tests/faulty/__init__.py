"""Components with one fault each, by the check that must catch it, and that alone."""

from faulty import behaviour, inputs, options, ports, streams

FAULTY = {**options.FAULTY, **ports.FAULTY, **inputs.FAULTY, **behaviour.FAULTY, **streams.FAULTY}
"""Classes of a session; ``faulty.installed`` has those of plugins, ``faulty.tensors`` those of tensors."""
