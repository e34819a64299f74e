import pytest

from pfy_core.testing import conforms

pytestmark = pytest.mark.slow

test_voice = conforms("encoder/voice")
test_phones = conforms("encoder/phones")
test_speech = conforms("decoder/speech")
test_aligned_phones = conforms("extractor/phones")
test_speaker = conforms("extractor/speaker")
test_speech_quality = conforms("extractor/speech-quality")
test_words_heard = conforms("extractor/words-heard")
