from pfy_core.testing import conforms

test_resample = conforms("adapter/resample")
test_captions = conforms("adapter/captions")
