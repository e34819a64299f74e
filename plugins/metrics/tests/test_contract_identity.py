import pytest

from pfy_core.testing import conforms

pytest.importorskip("dlib", reason="the extra 'faces' is not installed")
pytestmark = pytest.mark.slow

test_face_identity = conforms("extractor/face-identity")
test_photo_identity = conforms("extractor/photo-identity")
