"""State machines as tables: a move is one guarded UPDATE, so two people cannot both win."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.kernel import written
from apps.kernel.errors import IllegalMove


class Moves:
    """Which status may follow which: `Moves({APPLIED: [APPROVED, REJECTED], …})`."""

    def __init__(self, table: Mapping[str, Iterable[str]], field: str = "status") -> None:
        self.table = {str(start): frozenset(map(str, ends)) for start, ends in table.items()}
        self.field = field

    def sources(self, to: str) -> list[str]:
        """The statuses from which `to` may be reached."""
        return [start for start, ends in self.table.items() if str(to) in ends]

    def allows(self, start: str, to: str) -> bool:
        """Whether `to` may follow `start`."""
        return str(to) in self.table.get(str(start), frozenset())

    def make(self, row: models.Model, to: str, **fields: Any) -> None:
        """Move `row` to status `to`, setting `fields` with it. Raises IllegalMove when another move came first."""
        changes = {self.field: str(to), **fields}
        if not self._made(row, self.sources(to), changes):
            raise IllegalMove(
                _("This has already been decided or has moved on. Nothing was changed. Look at it again."),
            )
        for name, value in {**changes, self.field: to}.items():
            setattr(row, name, value)

    def _made(self, row: models.Model, sources: list[str], changes: dict[str, Any]) -> bool:
        if sources and written.is_plain(row, changes):
            return written.update(row, changes, guard=self.field, among=sources)
        rows = type(row)._default_manager.filter(pk=row.pk, **{f"{self.field}__in": sources})
        return bool(rows.update(**changes))
