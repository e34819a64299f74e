"""The conformance kit on tensors: what needs torch to be shown."""

import pytest
from faulty import tensors

from pfy_core.testing import run_checks


def test_a_component_of_tensors_that_behaves_passes():
    report = run_checks(tensors.Projected)
    assert report.ok, str(report)
    assert "device" in {outcome.check for outcome in report.of("passed")}


@pytest.mark.parametrize(("check", "cls"), [(c, cls) for c, all_ in tensors.FAULTY.items() for cls in all_])
def test_a_fault_of_tensors_is_caught_by_its_check_alone(check, cls):
    report = run_checks(cls)
    assert {outcome.check for outcome in report.of("failed")} == {check}, str(report)
