import pytest

from pfy_core.testing import conforms

pytestmark = pytest.mark.slow

test_face_mesh = conforms("encoder/face-mesh")
test_face_track = conforms("extractor/face-track")
test_motion_track = conforms("extractor/motion-track")
test_face_motion = conforms("extractor/face-motion")
test_visemes = conforms("decoder/visemes")
test_portrait = conforms("decoder/portrait")
