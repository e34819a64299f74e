"""The kit as a test: one pytest id for each check."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from pfy_core.testing.checks import CHECKS
from pfy_core.testing.examination import Examination

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from pfy_core.component import Component
    from pfy_core.testing.subject import Samples

LOST = """recorded, and not run now: {}
  fix    let it run, or record again: pfy plugins check PLUGIN --record"""


def conforms(
    what: str | type[Component],
    *,
    config: Mapping[str, Any] | None = None,
    samples: Samples | None = None,
    expected_failed: Mapping[str, str] | None = None,
) -> Callable[[str], None]:
    """A test of a component's contract, with one pytest id for each check; see ``run_checks``.

    ``test_contract = conforms("encoder/x")`` in a file of tests is all that is needed. Nothing is imported
    before the first check runs. A check that was run when the plugin was last recorded, and to which the
    component gives no occasion now, is a failure; with a ``config`` or ``samples`` of its own it is not.
    """
    import pytest

    asked = Examination(what, config=config, samples=samples, expected_failed=expected_failed)

    @pytest.mark.parametrize("check", list(CHECKS))
    def test_contract(check: str) -> None:
        outcome = asked.outcome(check)
        if outcome.bad:
            pytest.fail(f"{asked.component}: {check}: {outcome.text}", pytrace=False)
        if outcome.state == "skipped":
            # What is blocked says nothing of the component: weights are absent, or another check has failed.
            if config is None and samples is None and not outcome.blocks and check in asked.recorded:
                pytest.fail(f"{asked.component}: {check}: {LOST.format(outcome.text)}", pytrace=False)
            pytest.skip(outcome.text)
        if outcome.state == "expected":
            pytest.xfail(outcome.text)

    test_contract.__doc__ = f"The contract of {asked.component}."
    return test_contract
