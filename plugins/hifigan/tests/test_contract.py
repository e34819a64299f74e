from pfy_core.testing import conforms

test_hifigan = conforms("encoder/hifigan")
