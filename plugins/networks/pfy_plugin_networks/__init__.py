"""The networks plugin: extractors of what FID, FVD, FAD, FVMD, LSE-C and LSE-D are calculated of."""
