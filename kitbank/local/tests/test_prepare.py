"""What is loaded late is compiled beside the migrations, and what cannot be loaded is no fault of theirs."""

from pathlib import Path

import pytest

from kitbank.local import prepare


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    for name in ("PYTHONDONTWRITEBYTECODE", "PYTHONPYCACHEPREFIX"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_compiles_what_was_never_loaded_once(folder: Path) -> None:
    (folder / "late_and_large.py").write_text("open(__file__ + '.loaded', 'a').write('x')\n")
    for _run in range(2):
        with prepare._loaded_ahead("late_and_large"):
            pass
    assert list((folder / "__pycache__").glob("late_and_large.*.pyc"))
    assert (folder / "late_and_large.py.loaded").read_text() == "x"


def test_what_cannot_be_loaded_is_for_others_to_say(folder: Path) -> None:
    (folder / "late_and_broken.py").write_text("raise ImportError('no libgomp')\n")
    with prepare._loaded_ahead("late_and_broken", "never_installed"):
        pass
