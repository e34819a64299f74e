"""The conformance kit as a program and as a test: outcomes, expectations, what a plugin tells it."""

import inspect
import subprocess
import sys

import pytest
from faulty import behaved, behaviour, installed, ports, streams
from installing import environment, python

from pfy_core.errors import PluginError
from pfy_core.testing import CHECKS, certificate, conforms, run_checks


def states(report):
    return {outcome.check: outcome.state for outcome in report.outcomes}


def test_every_check_has_an_outcome_in_the_order_of_the_kit():
    report = run_checks(behaved.Counts)
    assert [outcome.check for outcome in report.outcomes] == list(CHECKS)
    assert report.component == "encoder/counts"


def test_a_check_says_in_one_sentence_what_it_asks():
    for check in CHECKS.values():
        assert check.doc.endswith("."), check.id
        assert len(check.doc) <= 110, check.id


def test_checks_build_only_on_earlier_ones():
    order = list(CHECKS)
    for check in CHECKS.values():
        assert all(order.index(earlier) < order.index(check.id) for earlier in check.after)


def test_the_summary_counts_what_ran_and_gives_the_reasons_of_the_rest():
    summary = run_checks(behaved.Smooth).summary()
    ran = sum(outcome.ran for outcome in run_checks(behaved.Smooth).outcomes)
    assert summary.startswith(f"{ran} run, {len(CHECKS) - ran} skipped (")
    assert "it takes no seed" in summary
    assert "failed" not in summary


def test_a_failure_that_is_expected_is_none():
    report = run_checks(streams.Barrier, expected_failed={"flows": "sorts all rows first"})
    assert report.ok
    assert states(report)["flows"] == "expected"
    assert report.summary().endswith("1 expected failure")


def test_an_expected_failure_that_passes_has_failed():
    report = run_checks(behaved.Smooth, expected_failed={"flows": "it did once"})
    assert not report.ok
    (outcome,) = report.of("unexpected")
    assert outcome.check == "flows"
    assert "take it out of expected_failed" in outcome.text


def test_what_builds_on_a_check_that_fails_is_skipped_with_its_name():
    report = run_checks(behaviour.Moody)
    assert states(report)["reusable"] == "skipped"
    assert next(item.text for item in report.outcomes if item.check == "reusable") == "deterministic failed"


def test_what_builds_on_an_expected_failure_is_skipped_too():
    report = run_checks(behaviour.Moody, expected_failed={"deterministic": "weather"})
    assert report.ok
    assert next(item.text for item in report.outcomes if item.check == "reusable") == (
        "deterministic fails as expected"
    )


def test_one_check_alone_reports_no_other():
    report = run_checks(streams.Barrier, only=["flows"])
    assert states(report) == {"flows": "failed"}


@pytest.mark.parametrize("given", [{"only": ["flow"]}, {"expected_failed": {"flow": "why"}}])
def test_a_check_that_does_not_exist_is_named(given):
    with pytest.raises(PluginError, match="no check 'flow'") as error:
        run_checks(behaved.Smooth, **given)
    assert "did you mean 'flows'?" in error.value.fix


def test_a_component_that_is_not_installed_fails_to_load():
    report = run_checks("encoder/nowhere")
    assert states(report)["loads"] == "failed"
    assert set(states(report).values()) == {"failed", "skipped"}
    assert "is not installed" in report.of("failed")[0].text


def test_what_nobody_meant_is_told_with_the_line_that_raised_it():
    (outcome,) = run_checks(ports.Raises, only=["runs"]).of("failed")
    assert "KeyError: 'level'" in outcome.text
    assert 'raise KeyError("level")' in outcome.text
    assert inspect.getsourcefile(ports.Raises) in outcome.text


def test_samples_and_config_are_used():
    seen = []

    class Watching(behaved.Loudness, name="watching"):
        """Keeps what it gets."""

        def __call__(self, wave: behaved.Wave) -> behaved.Level:
            seen.append((self.gain, len(wave)))
            return super().__call__(wave)

    report = run_checks(
        Watching,
        config={"gain": 2.0},
        samples=lambda component, size, seed: {"wave": behaved.np.zeros(160 * size, "float32")},
        only=["shapes"],
    )
    assert report.ok
    assert set(seen) == {(2.0, 160 * 24), (2.0, 160 * 40)}


def test_samples_for_inputs_that_there_are_not_are_refused():
    (outcome,) = run_checks(behaved.Counts, samples={"txt": "words"}, only=["runs"]).of("failed")
    assert "samples for encoder/counts name txt" in outcome.text
    assert "its inputs: text" in outcome.text


TOLD = """
config = {"encoder/faulty": {"kind": "b"}}
expected_failed = {"encoder/faulty": {"seed": "never"}}
def samples(component_id, size, seed):
    return {"thing": {"rows": size}}
"""
NEEDY = '''
from typing import Annotated
from pfy_core import Encoder, Port


class Faulty(Encoder, name="faulty"):
    """Takes a thing that nobody can invent."""

    def __init__(self, *, kind: str):
        self.kind = kind

    def __call__(self, thing: Annotated[dict, Port("strange.thing")]) -> Annotated[str, Port("text")]:
        return self.kind * thing["rows"]
'''


def test_a_plugin_tells_in_its_module_what_cannot_be_invented(site):
    installed.install(site, **{"code.py": NEEDY, "conformance.py": TOLD})
    report = run_checks(installed.ID, only=["runs", "seed"])
    assert states(report) == {"runs": "passed", "seed": "skipped"}


def test_without_it_the_author_is_told_where_to_say_it(site):
    installed.install(site, **{"code.py": NEEDY})
    (outcome,) = run_checks(installed.ID, config={"kind": "a"}, only=["runs"]).of("failed")
    assert "strange.thing" in outcome.text
    assert "def samples(component_id, size, seed) in pfy_plugin_faulty/conformance.py" in outcome.text
    (outcome,) = run_checks(installed.ID, only=["config"]).of("failed")
    assert "option kind: a value is required" in outcome.text


def test_a_module_that_cannot_be_imported_is_named(site):
    installed.install(site, **{"code.py": NEEDY, "conformance.py": "samples = "})
    (outcome,) = run_checks(installed.ID, only=["loads"]).of("failed")
    assert "pfy_plugin_faulty.conformance cannot be imported: SyntaxError" in outcome.text


HEAVY = '''
from typing import Annotated
from pfy_core import Encoder, Port, Weights, weights


class Faulty(Encoder, name="faulty"):
    """Cannot do without its weights."""

    def __init__(self, *, model: Weights = "faulty/model"):
        self._file = weights.path(model)

    def __call__(self, text: Annotated[str, Port("text")]) -> Annotated[str, Port("text")]:
        return text
'''
ENTRY = f"""
faulty/model:
  file: model.bin
  sha256: "{"0" * 64}"
  licence: MIT
  sources: [{{wheel: pfy-nothing-of-this-name==1.0, inside: model.bin}}]
"""


def test_absent_weights_are_a_reason_to_skip_offline(site, monkeypatch):
    monkeypatch.setenv("PFY_OFFLINE", "1")
    installed.install(site, weights=ENTRY, **{"code.py": HEAVY})
    report = run_checks(installed.ID)
    assert report.ok
    assert {states(report)[check] for check in ("docs", "manifest", "light_import", "weights")} == {"passed"}
    assert states(report)["runs"] == states(report)["shapes"] == "skipped"
    assert "weights 'faulty/model'" in report.summary()
    assert "PFY_OFFLINE is set" in report.summary()


FILE = """
from faulty import behaved, streams
from pfy_core.testing import conforms

test_good = conforms(behaved.Smooth)
test_bad = conforms(streams.Barrier)
test_known = conforms(streams.Barrier, expected_failed={"flows": "sorts first"})
"""


def test_pytest_collects_an_id_for_each_check(tmp_path):
    file = tmp_path / "test_contract.py"
    file.write_text(FILE)
    tests = str(inspect.getsourcefile(behaved)).rpartition("/faulty/")[0]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-rA", "-c", "/dev/null", str(file)],
        env=environment(tests, tmp_path / "home"),
        capture_output=True,
        text=True,
        check=False,
    )
    ids = {
        line.split("::")[1].split(" ")[0] for line in done.stdout.splitlines() if line.startswith("PASSED")
    }
    assert {"test_good[flows]", "test_good[shapes]", "test_bad[shapes]"} <= ids
    assert "1 failed" in done.stdout
    assert "1 xfailed" in done.stdout
    assert "test_bad[flows]" in done.stdout
    assert "reads its whole input before it yields anything" in done.stdout
    assert "Traceback" not in done.stdout


def test_the_kit_needs_no_pytest_and_imports_no_framework(tmp_path):
    code = (
        "import sys, pfy_core.testing; "
        "print(sorted({'pytest', 'torch', 'onnxruntime', 'cv2'} & set(sys.modules)))"
    )
    done = python("-c", code, home=tmp_path)
    assert done.stdout == "[]\n", done.stderr


def test_a_check_that_was_recorded_and_is_skipped_fails_in_pytest_too(site):
    installed.behaved(site)
    folder = site / installed.PACKAGE
    made = certificate.certificate([run_checks(installed.ID)])
    made["components"][installed.ID]["run"].append("seed")
    certificate.write(folder, made)
    ask = conforms(installed.ID)
    ask("docs")
    with pytest.raises(pytest.fail.Exception, match="seed: recorded, and not run now: it takes no seed"):
        ask("seed")
    with pytest.raises(pytest.skip.Exception, match="no output has a clock"):
        ask("rate")
    with pytest.raises(pytest.skip.Exception, match="it takes no seed"):
        conforms(installed.ID, config={})("seed")
