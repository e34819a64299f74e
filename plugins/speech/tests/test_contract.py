import pytest

from pfy_core.testing import conforms

pytestmark = pytest.mark.slow

test_voice = conforms("encoder/voice")
test_phones = conforms("encoder/phones")
test_speech = conforms("decoder/speech")
