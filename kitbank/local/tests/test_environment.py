"""The environment of the tests holds their data too; a machine that cannot have it goes on without."""

import subprocess
from pathlib import Path

import pytest

from kitbank.local import environment


@pytest.fixture
def commands(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    asked: list[list[str]] = []
    monkeypatch.setattr(environment, "_uv_on_path", lambda: "uv")
    monkeypatch.setattr(
        environment, "_loud", lambda _what, command, *, may_fail: bool(asked.append([str(part) for part in command]))
    )
    return asked


def test_data_comes_hashed_and_without_dependencies(
    commands: list[list[str]], capsys: pytest.CaptureFixture[str]
) -> None:
    assert not environment._install_data("test")
    assert [command[0] for command in commands] == ["uv", str(environment.PYTHON)]
    assert all({"--no-deps", "--require-hashes"} <= set(command) for command in commands)
    assert "test_public_data" in capsys.readouterr().out


def test_running_the_bank_needs_no_data(commands: list[list[str]]) -> None:
    assert environment._install_data("run")
    assert not commands


def test_another_data_lock_makes_another_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (*environment.LOCKS["test"], *environment.DATA.values()):
        (tmp_path / name).write_text(name)
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    before, running = environment._fingerprint("test"), environment._fingerprint("run")
    (tmp_path / environment.DATA["test"]).write_text("another")
    assert environment._fingerprint("test") != before
    assert environment._fingerprint("run") == running


def test_the_data_lock_names_no_index() -> None:
    text = (environment.ROOT / environment.DATA["test"]).read_text()
    assert "--hash=sha256:" in text
    assert "http" not in text


def test_it_needs_nothing_but_the_standard_library() -> None:
    code = "import sys; sys.path[:] = [p for p in sys.path if 'site-packages' not in p]; import runpy;"
    done = subprocess.run(  # the interpreter running the tests, on our own file
        [environment.PYTHON, "-I", "-c", f"{code} runpy.run_path({str(environment.__file__)!r})"],
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
