"""The machine's keys are made once."""

import base64
from pathlib import Path

from kitbank.local.secrets import machine_secrets


def test_makes_keys_once_and_for_its_owner_only(tmp_path: Path) -> None:
    file = tmp_path / "var" / "secrets.env"
    first = machine_secrets(file)
    assert machine_secrets(file) == first
    assert file.stat().st_mode & 0o777 == 0o600
    name, key = first["FIELD_KEYS"].split(":")
    assert name == "k1"
    assert len(base64.b64decode(key)) == 32
    assert len(base64.b64decode(first["BLIND_INDEX_KEY"])) == 32
    assert len(first["SECRET_KEY"]) >= 50


def test_no_two_machines_share_keys(tmp_path: Path) -> None:
    assert machine_secrets(tmp_path / "one" / "secrets.env") != machine_secrets(tmp_path / "two" / "secrets.env")
