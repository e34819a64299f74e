"""``conformance.json``: which checks a plugin's components have passed, kept beside its ``pfy.json``."""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from pfy_core.errors import PluginError
from pfy_core.media import whole

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from pfy_core.testing.outcomes import Report

FILE = "conformance.json"
SCHEMA = 1
UNDIGESTED = ("core", "version")
"""What a digest leaves out: the same checks of another version are the same conformance."""


def certificate(reports: Iterable[Report]) -> dict[str, Any]:
    """What these reports, of one plugin, prove: the checks run, skipped and expected to fail.

    Raises PluginError when one of them has failed.
    """
    made: dict[str, Any] = {"schema": SCHEMA, "core": version("pfy-core"), "version": "", "components": {}}
    for report in reports:
        if not report.ok:
            raise PluginError(
                f"{report.component} does not conform: {report.summary()}",
                "no failures",
                "nothing was recorded",
            )
        made["version"] = report.version
        made["components"][report.component] = {
            "run": [outcome.check for outcome in report.of("passed")],
            "skipped": {outcome.check: outcome.text for outcome in report.of("skipped")},
            "expected": {outcome.check: outcome.text for outcome in report.of("expected")},
        }
    return made


def digest_of(certificate: Mapping[str, Any]) -> str:
    """A plugin's conformance digest: sha256 of its certificate as canonical JSON, versions left out."""
    kept = {key: value for key, value in certificate.items() if key not in UNDIGESTED}
    text = json.dumps(kept, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def missing(
    recorded: Mapping[str, Any],
    reports: Sequence[Report],
    only: Iterable[str] | None = None,
    *,
    complete: bool = False,
) -> list[str]:
    """What a recorded certificate has and these reports have not: ``encoder/x: stream (skipped: why)``.

    Only the components of the reports, and of them only the checks named, are compared; ``complete``
    reports are of the whole plugin, and miss the components that it has no more.
    """
    found = []
    for report in reports:
        ran = {outcome.check for outcome in report.outcomes if outcome.ran}
        why = {outcome.check: f" (skipped: {outcome.text})" for outcome in report.of("skipped")}
        entry = recorded["components"].get(report.component, {})
        before = [*entry.get("run", ()), *entry.get("expected", ())]
        found += [
            f"{report.component}: {check}{why.get(check, ' (there is no such check any more)')}"
            for check in before
            if check not in ran and (only is None or check in only)
        ]
    here = {report.component for report in reports}
    gone = [id for id in recorded["components"] if id not in here] if complete else []
    return found + [f"{id} (there is no such component any more)" for id in gone]


def read(folder: Path) -> dict[str, Any] | None:
    """The certificate beside a plugin's manifest, or None.

    Raises PluginError for one that is malformed or of a newer schema.
    """
    file = folder / FILE
    if not file.exists():
        return None
    fix = "record it again: pfy plugins check PLUGIN --record"
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        schema, components = data["schema"], data["components"]
        entries = [(*entry["run"], *entry["skipped"], *entry["expected"]) for entry in components.values()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise PluginError(f"{file} is no certificate: {type(error).__name__}: {error}", fix=fix) from error
    if not isinstance(schema, int) or not all(isinstance(check, str) for entry in entries for check in entry):
        raise PluginError(f"{file} is no certificate", fix=fix)
    if schema > SCHEMA:
        raise PluginError(
            f"{file} has schema {schema}", f"schema {SCHEMA} or older", "pip install -U pfy-core"
        )
    return dict(data)


def write(folder: Path, made: Mapping[str, Any]) -> Path:
    """Write a certificate beside a plugin's manifest; returns the file.

    Raises OutputError when the folder cannot be written.
    """
    with whole(folder / FILE) as part:
        part.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return folder / FILE
