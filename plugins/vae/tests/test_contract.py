from pfy_core.testing import conforms

test_encoder = conforms("encoder/vae")
test_decoder = conforms("decoder/vae")
