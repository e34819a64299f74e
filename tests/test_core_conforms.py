"""The core's own components keep their contracts."""

from pfy_core.testing import conforms

test_captions = conforms("adapter/captions")
test_resample = conforms("adapter/resample")
test_square = conforms("adapter/square")
