from pfy_core.testing import conforms

test_ete = conforms("fuser/ete")
test_ste = conforms("fuser/ste")
test_none = conforms("fuser/none")
