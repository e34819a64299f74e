import pytest

from pfy_core.testing import conforms

test_efficientnet = conforms("extractor/efficientnet-lite0")
test_random_video = conforms("extractor/random-video")
test_random_sound = conforms("extractor/random-sound")
test_inception = pytest.mark.slow(conforms("extractor/inception-2015"))
test_i3d = pytest.mark.slow(conforms("extractor/i3d-400"))
test_vggish = pytest.mark.slow(conforms("extractor/vggish"))
