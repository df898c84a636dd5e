"""Packs the files that pages load, as production does, so that a page weighs the same on one's own machine."""

import hashlib
import os
import shutil
from typing import Any

from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedStaticFilesStorage

from kitbank.local import places


class Gzipped(CompressedStaticFilesStorage):
    """Each file beside itself packed by gzip alone: Brotli packs better and takes a minute."""

    def create_compressor(self, **options: Any) -> Compressor:
        """What packs one file."""
        return Compressor(use_brotli=False, **options)


def pack() -> bool:
    """Pack them, if one has changed since; whether it did."""
    found = _fingerprint()
    if places.PACKED.exists() and places.PACKED.read_text() == found:
        return False
    places.PACKED.unlink(missing_ok=True)
    shutil.rmtree(places.STATIC, ignore_errors=True)
    call_command("collectstatic", interactive=False, verbosity=0)
    places.PACKED.write_text(found)
    return True


def _fingerprint() -> str:
    seen = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list(None), key=lambda one: one[0]):
            facts = os.stat(storage.path(name))
            seen.update(f"{name} {facts.st_size} {facts.st_mtime_ns}\n".encode())
    return seen.hexdigest()
