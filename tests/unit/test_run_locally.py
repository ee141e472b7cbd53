"""The local run: the app's keys and settings are there without a file that anybody has to write."""

import json
import stat
import sys

import loaded
import pytest
from places import ROOT

from devhost.testing.process import HostProcess

SCRIPT = ROOT / "scripts/run_locally.py"
run_locally = loaded.script("run_locally")
KEYS = {"SEAL_KEY", "ID_KEY", "SESSION_KEY"}


def test_the_keys_are_made_once_and_only_their_owner_reads_them(tmp_path):
    """Sealed cases must fit the keys of the next start."""
    keys = run_locally.keys_of(tmp_path / "state")
    path = tmp_path / "state/app-settings.json"
    assert set(keys) == KEYS
    assert run_locally.keys_of(tmp_path / "state") == keys == json.loads(path.read_text(encoding="utf-8"))
    assert [stat.S_IMODE(one.stat().st_mode) for one in (path, path.parent)] == [0o600, 0o700]


@pytest.mark.parametrize(
    "text", ["", "{", "[]", "{}", '{"SEAL_KEY": "a"}', '{"SEAL_KEY": 1, "ID_KEY": "", "SESSION_KEY": ""}']
)
def test_a_spoilt_file_of_keys_stops_the_start(tmp_path, capsys, text):
    """New keys would make every sealed case unusable without a word."""
    (tmp_path / "app-settings.json").write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        run_locally.main(["--state", str(tmp_path)])
    assert ended.value.code == 1
    assert "app-settings.json cannot be used" in capsys.readouterr().err
    assert (tmp_path / "app-settings.json").read_text(encoding="utf-8") == text


def test_people_sign_in_by_name_and_mails_go_into_a_folder(tmp_path):
    """The address is that of the port."""
    settings = run_locally.local_settings({"ID_KEY": "k"}, tmp_path, 7072)
    address, outbox = "http://localhost:7072", str(tmp_path / "outbox")
    assert settings == {"ID_KEY": "k", "IDENTITY": "local", "PUBLIC_BASE_URL": address, "OUTBOX": outbox}


def test_what_is_set_already_stays(tmp_path, monkeypatch):
    """The environment wins over local.settings.json, and that over what the script would set."""
    file = {"IsEncrypted": False, "Values": {"B": "file"}}
    (tmp_path / "local.settings.json").write_text(json.dumps(file), encoding="utf-8")
    monkeypatch.setattr(run_locally, "ROOT", tmp_path)
    given = {"A": "own", "B": "own", "C": "own"}
    assert run_locally.missing(given, {"A": "environment", "C": ""}) == {"C": "own"}
    (tmp_path / "local.settings.json").write_text("{", encoding="utf-8")
    assert run_locally.missing(given, {}) == given


@pytest.mark.parametrize("policies", [None, "examples/policies/county.toml"])
def test_the_app_runs_and_lacks_no_setting(tmp_path, policies):
    """Health finds nothing missing, with the built-in policy and with a company's; the keys are beside the state."""
    options = ["--policies", policies] if policies else []
    host = HostProcess(
        ROOT, tmp_path, *options, run=(sys.executable, str(SCRIPT)), APPROVAL_POLICIES=None, IDENTITY=None
    )
    try:
        host.start()
        report = host.ask("GET", "/api/health")
        assert (report["status"], [check["name"] for check in report["checks"] if not check["ok"]]) == ("healthy", [])
        assert set(json.loads((tmp_path / "app-settings.json").read_text(encoding="utf-8"))) >= KEYS
    finally:
        host.close()
