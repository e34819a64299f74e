"""``pfy plugins check``, and the certificate that it keeps."""

import json

import pytest
from faulty import behaved, behaviour, installed
from installing import pfy

from pfy_core.errors import PluginError
from pfy_core.testing import CHECKS, certificate, digest_of, run_checks

NAME = "pfy-plugin-faulty"


@pytest.fixture
def check(site, tmp_path):
    """Runs the command on the plugin in the site."""

    def run(*argv):
        return pfy("plugins", "check", *argv, site=site, home=tmp_path / "home")

    return run


@pytest.fixture
def folder(site):
    return site / installed.PACKAGE


def test_a_plugin_that_conforms_is_told_so(site, check):
    installed.behaved(site)
    done = check(NAME)
    assert done.returncode == 0, done.stderr
    assert "encoder/faulty  pfy-plugin-faulty 1.0" in done.stdout
    assert "The component can be imported" in done.stdout
    assert "encoder/faulty: " in done.stdout
    assert " run, " in done.stdout
    assert "conformance digest " in done.stdout
    assert not (site / installed.PACKAGE / certificate.FILE).exists()


def test_one_that_does_not_is_told_why_and_the_command_fails(site, check):
    installed.drifted(site)
    done = check("encoder/faulty", "--only", "manifest", "--only", "docs")
    assert done.returncode == 1
    assert "manifest  FAILED" in done.stdout.replace("   ", "  ")
    assert "pfy plugins manifest pfy_plugin_faulty" in done.stdout
    assert "shapes" not in done.stdout
    assert "Traceback" not in done.stderr


def test_json_has_the_same(site, check):
    installed.drifted(site)
    done = check(NAME, "--json")
    assert done.returncode == 1
    data = json.loads(done.stdout)
    found = data["components"]["encoder/faulty"]
    assert found["checks"]["manifest"]["state"] == "failed"
    assert list(found["checks"]) == list(CHECKS)
    assert not found["ok"]
    assert data["digest"] == ""


def test_a_component_that_prints_does_not_spoil_the_json(site, check):
    installed.install(site, body='        print("working")')
    data = json.loads(check(NAME, "--json").stdout)
    assert [
        c for c, item in data["components"]["encoder/faulty"]["checks"].items() if item["state"] == "failed"
    ] == ["quiet"]


def test_what_was_run_is_recorded_and_fewer_checks_fail(site, check, folder):
    installed.behaved(site)
    assert check(NAME, "--record").returncode == 0
    data = certificate.read(folder)
    assert data["schema"] == certificate.SCHEMA
    assert data["version"] == "1.0"
    assert "shapes" in data["components"]["encoder/faulty"]["run"]
    assert check(NAME, "--only", "docs").returncode == 0
    data["components"]["encoder/faulty"]["run"] += ["seed", "long_gone"]
    certificate.write(folder, data)
    done = check(NAME)
    assert done.returncode == 1
    assert "recorded, and not run now: encoder/faulty: seed (skipped: it takes no seed)" in done.stdout
    assert "encoder/faulty: long_gone (there is no such check any more)" in done.stdout


def test_a_component_that_is_gone_is_missed(site, check, folder):
    installed.behaved(site)
    assert check(NAME, "--record").returncode == 0
    data = certificate.read(folder)
    data["components"]["encoder/gone"] = data["components"]["encoder/faulty"]
    certificate.write(folder, data)
    done = check(NAME)
    assert done.returncode == 1
    assert "encoder/gone (there is no such component any more)" in done.stdout
    assert check("encoder/faulty").returncode == 0


def test_what_does_not_conform_is_not_recorded(site, check, folder):
    installed.drifted(site)
    assert check(NAME, "--record").returncode == 1
    assert not (folder / certificate.FILE).exists()


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (["encoder/fulty"], "did you mean 'encoder/faulty'"),
        ([NAME, "--only", "doc"], "did you mean 'docs'"),
        ([NAME, "--only", "docs", "--record"], "--record with --only"),
        ([], "no plugin and no component"),
    ],
)
def test_nonsense_is_refused_in_words(site, check, argv, told):
    installed.behaved(site)
    done = check(*argv)
    assert done.returncode == 2
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_the_checks_can_be_listed(check):
    done = check("--list")
    assert done.returncode == 0
    assert all(f"{item.id} " in done.stdout and item.doc in done.stdout for item in CHECKS.values())
    assert set(json.loads(check("--list", "--json").stdout)) == set(CHECKS)


def test_the_digest_is_of_the_checks_and_not_of_the_versions():
    made = certificate.certificate([run_checks(behaved.Counts)])
    assert digest_of(made | {"core": "9.9", "version": "2.0"}) == digest_of(made)
    assert len(digest_of(made)) == 64
    other = certificate.certificate([run_checks(behaved.Counts, only=["docs"])])
    assert digest_of(other) != digest_of(made)


def test_a_failure_gives_no_certificate():
    with pytest.raises(PluginError, match="does not conform"):
        certificate.certificate([run_checks(behaviour.Deaf)])


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"schema": 1, "components": {"a": 1}}', '{"schema": 2}'])
def test_a_certificate_that_is_none_is_refused(tmp_path, text):
    (tmp_path / certificate.FILE).write_text(text)
    with pytest.raises(PluginError, match=certificate.FILE) as error:
        certificate.read(tmp_path)
    assert error.value.fix


def test_a_certificate_of_a_newer_schema_asks_for_a_newer_core(tmp_path):
    made = certificate.certificate([run_checks(behaved.Counts, only=["docs"])])
    certificate.write(tmp_path, made | {"schema": certificate.SCHEMA + 1})
    with pytest.raises(PluginError, match="schema 2"):
        certificate.read(tmp_path)
