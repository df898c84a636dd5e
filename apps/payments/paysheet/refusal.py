"""A file that is not read at all."""

from typing import Any


class Unreadable(ValueError):
    """The whole file is refused: `code` says why, `facts` where (a line, a column, a bound)."""

    def __init__(self, code: str, **facts: Any) -> None:
        super().__init__(code)
        self.code, self.facts = code, facts
