"""Words of people in the cells of a sheet."""

import re

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_NO_CELL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # signs of no writing, which no workbook can hold


def safe_cell(text: str) -> str:
    """A cell that a spreadsheet will not take for a formula (OWASP, CSV injection), and that a workbook can hold."""
    kept = _NO_CELL.sub("", text)
    return f"'{kept}" if kept.startswith(_FORMULA) else kept
