import pytest

from pfy_core.testing import conforms

test_random_sync = conforms("extractor/random-sync")
test_syncnet = pytest.mark.slow(conforms("extractor/syncnet"))
test_point_tracks = pytest.mark.slow(conforms("extractor/point-tracks"))
