from pfy_core.testing import conforms

test_referencenet = conforms("decoder/referencenet")
