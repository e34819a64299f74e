from pfy_core.testing import conforms

test_flow_tracks = conforms("extractor/flow-tracks")
test_motion_histograms = conforms("extractor/motion-histograms")
test_fd = conforms("metric/fd")
test_lse_c = conforms("metric/lse-c")
test_lse_d = conforms("metric/lse-d")
test_mcd = conforms("metric/mcd")
test_mmd = conforms("metric/mmd")
test_stoi = conforms("metric/stoi")
test_sync_offset = conforms("metric/sync-offset")
