from pfy_core.testing import conforms

test_wav2vec2 = conforms("encoder/wav2vec2")
