import pytest

from pfy_core.testing import conforms

pytestmark = pytest.mark.slow

test_aperture = conforms("metric/aperture")
test_blink_rate = conforms("metric/blink-rate")
test_closure = conforms("metric/closure")
test_closure_f1 = conforms("metric/closure-f1")
test_colour_drift = conforms("metric/colour-drift")
test_energy_correlation = conforms("metric/energy-correlation")
test_energy_offset = conforms("metric/energy-offset")
test_face_found = conforms("metric/face-found")
test_head_speed = conforms("metric/head-speed")
test_identity_distance = conforms("metric/identity-distance")
test_identity_drift = conforms("metric/identity-drift")
test_identity_similarity = conforms("metric/identity-similarity")
test_lip_motion_error = conforms("metric/lip-motion-error")
test_lip_offset = conforms("metric/lip-offset")
test_lip_speed = conforms("metric/lip-speed")
test_speaker_similarity = conforms("metric/speaker-similarity")
test_speech_quality = conforms("metric/speech-quality")
test_vowel_order = conforms("metric/vowel-order")
test_word_errors = conforms("metric/word-errors")
