"""Finds the machine's Chromium: Playwright's own download is not used, so that tests need nothing but the packages."""

import functools
import os
import shutil

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@functools.cache
def found() -> str | None:
    """The program to run; CHROMIUM names one."""
    chosen = os.environ.get("CHROMIUM")
    return shutil.which(chosen) if chosen else next(filter(None, map(shutil.which, NAMES)), None)


def missing() -> str | None:
    """Why browser tests cannot run here, or nothing."""
    return None if found() else "No Chromium on this machine (apt-get install chromium, or name one in CHROMIUM)"
