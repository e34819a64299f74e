from pfy_core.testing import conforms

test_mel_conv = conforms("encoder/mel-conv")
test_face_tokens = conforms("encoder/face-tokens")
test_motion_diffusion = conforms("decoder/motion-diffusion")
test_energy_motion = conforms("decoder/energy-motion")
