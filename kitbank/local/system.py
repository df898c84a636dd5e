"""Checks what the system must lend by trying it; what is missing is installed where we may, else said out loud."""

import ctypes
import ctypes.util
import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass

from kitbank.local import browser

# The names WeasyPrint itself tries, in the sonames Debian, Fedora and Alpine use.
OPENMP = "libgomp.so.1"  # LightGBM is linked against it
PANGO = ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz.so.0", "libharfbuzz-subset.so.0")


@dataclass(frozen=True, slots=True)
class Need:
    """Something only the system can lend, and what goes without it."""

    name: str
    packages: tuple[str, ...]
    skipped: str
    is_there: bool


def needs(*, testing: bool) -> list[Need]:
    """Everything asked of the system for running, or for running and testing."""
    pango = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core")
    asked = [
        Need("Pango with HarfBuzz-subset", pango, "PDF documents and every test marked `pdf`", not missing_libraries()),
        Need(
            "OpenMP",
            ("libgomp1",),
            "the challenger of the credit model (LightGBM) and every test marked `lightgbm`",
            not missing_for_lightgbm(),
        ),
    ]
    if testing:
        asked.append(Need("Chromium", ("chromium",), "every test marked `browser`", browser.found() is not None))
    return asked


def check(*, testing: bool) -> list[Need]:
    """Try, install where we may, print what is still missing; answers that."""
    lacking = [need for need in needs(testing=testing) if not need.is_there]
    if lacking and os.geteuid() == 0 and shutil.which("apt-get"):
        _install([package for need in lacking for package in need.packages])
        missing_libraries.cache_clear()
        browser.found.cache_clear()
        lacking = [need for need in needs(testing=testing) if not need.is_there]
    for need in lacking:
        print(f"MISSING: {need.name}. Skipped because of it: {need.skipped}.", flush=True)
        print(f"  To have it: sudo apt-get install -y {' '.join(need.packages)}", flush=True)
    return lacking


@functools.cache
def missing_libraries() -> tuple[str, ...]:
    """The shared libraries WeasyPrint needs that do not load."""
    return tuple(name for name in PANGO if not _loads(name))


def missing_for_pdf() -> str | None:
    """Why PDFs cannot be rendered here, or nothing."""
    lacking = missing_libraries()
    return (
        f"No PDFs on this machine: {', '.join(lacking)} missing (python -m kitbank.local.system)" if lacking else None
    )


def missing_for_lightgbm() -> str | None:
    """Why LightGBM cannot be loaded here, or nothing."""
    if _loads(OPENMP):
        return None
    return f"No LightGBM on this machine: {OPENMP} missing (python -m kitbank.local.system)"


def _loads(name: str) -> bool:
    try:
        ctypes.CDLL(name)
    except OSError:
        stem = name.removeprefix("lib").split(".so")[0]
        return ctypes.util.find_library(stem) is not None
    return True


def _install(packages: list[str]) -> None:
    print(f"Installing {' '.join(packages)} (apt-get) ...", flush=True)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    commands = (
        ["apt-get", "-q", "update"],
        ["apt-get", "-q", "install", "-y", "--no-install-recommends", *packages],
    )
    for command in commands:
        done = subprocess.run(command, env=environment, check=False)
        if done.returncode:
            print(f"`{' '.join(command)}` failed ({done.returncode}); going on without.", flush=True)


def main(arguments: Sequence[str] | None = None) -> int:
    """Say what this machine lends; --testing asks for the browser too."""
    testing = "--testing" in (sys.argv[1:] if arguments is None else arguments)
    lacking = check(testing=testing)
    for need in needs(testing=testing):
        if need not in lacking:
            print(f"{need.name}: there")
    return 1 if lacking else 0


if __name__ == "__main__":
    sys.exit(main())
