"""Finds Node and the one package of npm that a test drives: an independent relying party, no part of the bank."""

import shutil
import subprocess

from kitbank.local.places import ROOT

PLACE = ROOT / "var" / "openid-client"
WANTED = "openid-client@6.8.9"


def found() -> str | None:
    """The program to run, where the package stands too."""
    node = shutil.which("node")
    return node if node and (PLACE / "node_modules" / "openid-client").exists() else None


def missing() -> str | None:
    """Why tests marked `node` cannot run here, or nothing."""
    if shutil.which("node") is None:
        return "No Node on this machine (apt-get install nodejs npm)"
    return None if found() else "npm's openid-client is not here (python -m bench.openid_client install)"


def install() -> bool:
    """Put the package under var/; needs npm and its registry. Nothing of it is run by installing it."""
    npm = shutil.which("npm")
    if npm is None:
        return False
    PLACE.mkdir(parents=True, exist_ok=True)
    command = [npm, "install", "--silent", "--no-fund", "--ignore-scripts", "--prefix", str(PLACE), WANTED]
    return subprocess.run(command, check=False, timeout=120).returncode == 0
