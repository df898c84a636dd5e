"""Makes this machine's own secrets once, so that what the first run encrypts the second can read."""

import base64
import fcntl
import os
import secrets
from pathlib import Path

from kitbank.local import places

FILE = places.VAR / "secrets.env"


def machine_secrets(file: Path = FILE) -> dict[str, str]:
    """SECRET_KEY, FIELD_KEYS and BLIND_INDEX_KEY of this machine, made on first use and then kept."""
    if not file.exists():
        _make(file)
    lines = [line for line in file.read_text().splitlines() if line and not line.startswith("#")]
    return dict(line.split("=", 1) for line in lines)


def load_secrets(file: Path = FILE) -> None:
    """Put them into the environment, below whatever it already says."""
    for name, value in machine_secrets(file).items():
        os.environ.setdefault(name, value)


def _make(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if file.exists():  # made by another process while we waited
            return
        made = {"SECRET_KEY": secrets.token_urlsafe(50), "FIELD_KEYS": f"k1:{_key()}", "BLIND_INDEX_KEY": _key()}
        text = "# Keys of this machine's demonstration bank. Without them its encrypted columns cannot be read.\n"
        text += "".join(f"{name}={value}\n" for name, value in made.items())
        # Written whole, then renamed: a half-written key file would lock the bank out of its own data.
        unfinished = file.with_suffix(".new")
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
        unfinished.rename(file)


def _key() -> str:
    return base64.b64encode(secrets.token_bytes(32)).decode()
