from pfy_core.testing import conforms

test_bpe = conforms("encoder/bpe")
