"""Reads print with the program tesseract, when this machine has it. It misreads: check digits and a person decide."""

import shutil
import subprocess

import structlog

log = structlog.get_logger(__name__)
PATIENCE = 20  # seconds
MOST_TEXT = 20_000


class Tesseract:
    """The program, given a picture on its standard input."""

    name = "tesseract"

    def read(self, picture: bytes) -> str | None:
        """The text on it; None without the program, or when it fails: a person reads it then."""
        program = shutil.which("tesseract")
        if program is None:
            return None
        try:
            ran = subprocess.run(  # noqa: S603 the program of this machine, with fixed arguments
                [program, "stdin", "stdout", "--psm", "6"],
                input=picture,
                capture_output=True,
                timeout=PATIENCE,
                check=True,
            )
        except (subprocess.SubprocessError, OSError) as no:
            log.warning("tesseract_failed", why=type(no).__name__)
            return None
        return ran.stdout.decode(errors="replace")[:MOST_TEXT]
