"""Every check of the conformance kit catches its fault, and no check catches another's."""

import inspect
import os

import numpy as np
import pytest
from faulty import FAULTY, behaved, installed

from pfy_core.testing import CHECKS, run_checks

SESSION = [(check, cls) for check, classes in FAULTY.items() for cls in classes]
INSTALLED = [(check, make) for check, makers in installed.FAULTY.items() for make in makers]
TENSORS = {"device"}
"""Checked where torch is, in plugins/fusers/tests/test_kit.py: the components of ``faulty.tensors``."""


@pytest.fixture(autouse=True)
def _process():
    """What faulty components do to the process ends with the test."""
    with np.errstate():
        yield
    os.environ.pop("FAULTY_CALLS", None)


def failed(report):
    return {outcome.check for outcome in report.of("failed", "unexpected")}


@pytest.mark.parametrize(("check", "cls"), SESSION, ids=lambda item: getattr(item, "__name__", item))
def test_a_fault_is_caught_by_its_check_alone(check, cls):
    report = run_checks(cls)
    assert failed(report) == {check}, str(report)


@pytest.mark.parametrize(("check", "make"), INSTALLED, ids=lambda item: getattr(item, "__name__", item))
def test_a_fault_of_an_installed_plugin_is_caught_by_its_check_alone(check, make, site):
    report = run_checks(make(site))
    assert failed(report) == {check}, str(report)


def test_every_check_has_its_fault():
    assert set(FAULTY) | set(installed.FAULTY) | TENSORS == set(CHECKS)


@pytest.mark.parametrize("cls", behaved.ALL, ids=lambda cls: cls.__name__)
def test_what_behaves_passes(cls):
    report = run_checks(cls)
    assert report.ok, str(report)


def test_an_installed_plugin_that_behaves_passes(site):
    report = run_checks(installed.behaved(site))
    assert report.ok, str(report)


@pytest.mark.parametrize(("check", "cls"), SESSION, ids=lambda item: getattr(item, "__name__", item))
def test_a_message_says_where_the_fault_is_and_what_is_wanted(check, cls):
    (outcome,) = run_checks(cls, only=[check]).of("failed")
    assert "wants  " in outcome.text
    assert inspect.getsourcefile(cls) in outcome.text or cls.id in outcome.text
