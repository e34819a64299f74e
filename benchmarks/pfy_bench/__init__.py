"""The benchmark harness of pfy."""
