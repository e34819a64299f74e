from pfy_core.testing import conforms

test_gpt2_hifi = conforms("decoder/gpt2-hifi")
