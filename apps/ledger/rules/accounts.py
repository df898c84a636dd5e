"""What an account is, as a value other apps may hold."""

from dataclasses import dataclass

DEBIT_SIDE = frozenset({"ASSET", "EXPENSE"})


@dataclass(frozen=True, slots=True)
class AccountRef:
    """An account of the books: enough to post to it."""

    id: int
    code: str
    kind: str
    currency: str
    is_locked: bool

    @property
    def side(self) -> int:
        """1 where debits add to the balance (assets, expenses), -1 where credits do."""
        return 1 if self.kind in DEBIT_SIDE else -1
