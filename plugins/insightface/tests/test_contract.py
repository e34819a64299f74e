from pfy_core.testing import conforms

test_landmarks = conforms("encoder/landmarks")
