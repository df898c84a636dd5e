"""What both kinds of file come down to: cells of text or numbers, by line."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell. `number` when a spreadsheet keeps it as one; `is_formula` when its value is worked out."""

    text: str = ""
    number: int | float | None = None
    is_formula: bool = False
    is_odd: bool = False  # a date, a truth value, an error: nothing a column of ours holds

    @property
    def is_empty(self) -> bool:
        """Nothing stands in it."""
        return not self.text.strip() and not self.is_formula and not self.is_odd


@dataclass(frozen=True, slots=True)
class Line:
    """A row of cells and its number in the file, from 1, as a spreadsheet shows it."""

    number: int
    cells: tuple[Cell, ...]
