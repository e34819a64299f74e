from pfy_core.testing import conforms

test_motion_histograms = conforms("extractor/motion-histograms")
test_fd = conforms("metric/fd")
test_mcd = conforms("metric/mcd")
test_mmd = conforms("metric/mmd")
test_stoi = conforms("metric/stoi")
test_clips = conforms("dataset/clips")
test_mini = conforms("dataset/mini")
test_hdtf = conforms("dataset/hdtf")
test_celebv_hq = conforms("dataset/celebv-hq")
test_voxceleb = conforms("dataset/voxceleb")
test_fakeavceleb = conforms("dataset/fakeavceleb")
