"""The networks plugin: extractors of the features that FID, FVD and FAD are distances of."""
