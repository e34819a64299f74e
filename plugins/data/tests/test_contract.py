from pfy_core.testing import conforms

test_shards = conforms("dataset/shards")
