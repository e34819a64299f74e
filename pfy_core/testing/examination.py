"""Asking a component all the questions: each once, in order, one failure for one fault."""

from __future__ import annotations

import contextlib
import os
import sys
import traceback
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pfy_core.errors import PfyError, PluginError, WeightsError, did_you_mean
from pfy_core.testing import certificate
from pfy_core.testing.checks import CHECKS
from pfy_core.testing.outcomes import Blocked, Failed, Outcome, Report, Skipped
from pfy_core.testing.subject import Subject
from pfy_core.weights import OFFLINE

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from pfy_core.component import Component
    from pfy_core.testing.subject import Samples


def run_checks(
    what: str | type[Component],
    *,
    config: Mapping[str, Any] | None = None,
    samples: Samples | None = None,
    expected_failed: Mapping[str, str] | None = None,
    only: Iterable[str] | None = None,
) -> Report:
    """Run the conformance checks of a component; returns all outcomes.

    what:            a catalogue id such as ``encoder/x``, or a component class of this session
    config:          options to build it with; without them its defaults
    samples:         values for its inputs, see ``pfy_core.testing``
    expected_failed: reasons by check; a check that then passes has failed
    only:            ids of the checks to run; without them all

    Raises PluginError for ids of checks that do not exist.
    """
    asked = Examination(what, config=config, samples=samples, expected_failed=expected_failed)
    return asked.report(only)


class Examination:
    """One component and the outcomes so far; every check runs once, when its outcome is asked for."""

    def __init__(
        self,
        what: str | type[Component],
        *,
        config: Mapping[str, Any] | None = None,
        samples: Samples | None = None,
        expected_failed: Mapping[str, str] | None = None,
    ) -> None:
        known(expected_failed or {})
        self._what, self._config, self._samples = what, config, samples
        self._expected = dict(expected_failed or {})
        self._subject: Subject | None = None
        self._outcomes: dict[str, Outcome] = {}

    @property
    def component(self) -> str:
        return self._what if isinstance(self._what, str) else self._what.id

    @cached_property
    def recorded(self) -> frozenset[str]:
        """The checks that were run when the plugin's conformance was last recorded."""
        plugin = self._subject.plugin if self._subject else None
        found = certificate.read(plugin.root) if plugin and plugin.root else None
        entry = found["components"].get(self.component, {}) if found else {}
        return frozenset([*entry.get("run", ()), *entry.get("expected", ())])

    def report(self, only: Iterable[str] | None = None) -> Report:
        """The outcomes of these checks, or of all, in the kit's order."""
        wanted = set(CHECKS) if only is None else set(known(only))
        outcomes = tuple(self.outcome(check) for check in CHECKS if check in wanted)
        subject = self._subject
        if subject is None:
            return Report(self.component, outcomes)
        return Report(subject.spec.id, outcomes, subject.spec.plugin, subject.spec.version)

    def outcome(self, check: str) -> Outcome:
        """The outcome of one check, after those that it builds on."""
        if check not in self._outcomes:
            self._outcomes[check] = self._asked(check)
        return self._outcomes[check]

    def _asked(self, check: str) -> Outcome:
        for earlier in CHECKS[check].after:
            before = self.outcome(earlier)
            if before.blocks:
                why = before.text if before.state == "skipped" else f"{earlier} {_VERBS[before.state]}"
                return Outcome(check, "skipped", why, blocks=True)
        try:
            with contextlib.redirect_stdout(sys.stderr):  # whoever reads --json need not care who prints
                self._ask(check)
        except Skipped as error:
            return Outcome(check, "skipped", str(error), blocks=isinstance(error, Blocked))
        except Exception as error:
            if isinstance(error, WeightsError) and os.environ.get(OFFLINE):
                why = f"{error.sends}, and {OFFLINE} is set"
                return Outcome(check, "skipped", why, blocks=True)
            reason = self._expected.get(check)
            if reason is not None:
                return Outcome(check, "expected", reason, blocks=True)
            return Outcome(check, "failed", self._told(error), blocks=True)
        reason = self._expected.get(check)
        if reason is not None:
            text = f"it passes, and was expected to fail: {reason}\n  fix    take it out of expected_failed"
            return Outcome(check, "unexpected", text)
        return Outcome(check, "passed")

    def _ask(self, check: str) -> None:
        if self._subject is None:
            self._subject = Subject(self._what, self._config, self._samples, self._expected)
            self._expected = known(self._subject.expected)
        CHECKS[check].ask(self._subject)

    def _told(self, error: Exception) -> str:
        """An error as a message; of one that nobody meant, with the line that raised it."""
        if isinstance(error, Failed | PfyError):
            return str(error)
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = self._subject.where if self._subject else self.component
        return str(
            Failed(
                f"{where} raises {type(error).__name__}: {error}",
                "its outputs",
                f"look at {frame.filename}:{frame.lineno}: {frame.line}",
            )
        )


_VERBS = {"failed": "failed", "expected": "fails as expected", "unexpected": "passed unexpectedly"}


def known(checks: Any) -> Any:
    """The ids of checks as they came; PluginError, with a suggestion, when one is of no check."""
    for check in checks:
        if check not in CHECKS:
            raise PluginError(
                f"there is no check {check!r}", f"one of {', '.join(CHECKS)}", did_you_mean(check, CHECKS)
            )
    return checks
