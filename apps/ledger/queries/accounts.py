"""Finding accounts."""

from collections.abc import Iterable
from dataclasses import dataclass

from apps.ledger.models import ChartLine, LedgerAccount, Mode
from apps.ledger.rules.accounts import AccountRef


def _ref(account: LedgerAccount) -> AccountRef:
    return AccountRef(account.pk, account.code, account.kind, account.currency, account.mode == Mode.LOCKED)


def account_by_code(code: str) -> AccountRef:
    """The account of a code. Raises LookupError."""
    found = LedgerAccount.objects.filter(code=code).first()
    if found is None:
        raise LookupError(f"no ledger account has the code {code!r}")
    return _ref(found)


def accounts_by_id(ids: Iterable[int]) -> dict[int, AccountRef]:
    """Accounts by id; those that are not there are left out."""
    return {account.pk: _ref(account) for account in LedgerAccount.objects.filter(pk__in=list(ids))}


@dataclass(frozen=True, slots=True)
class ChartNode:
    """A line of the chart and what stands under it."""

    number: int
    name: str
    kind: str
    role: str
    children: tuple["ChartNode", ...]


def gl_tree() -> tuple[ChartNode, ...]:
    """The chart of accounts as a tree, headings first."""
    under: dict[int | None, list[ChartLine]] = {}
    for line in ChartLine.objects.order_by("number"):
        under.setdefault(line.parent_id, []).append(line)

    def grown(parent: int | None) -> tuple[ChartNode, ...]:
        return tuple(
            ChartNode(line.number, line.name, line.kind, line.role, grown(line.number))
            for line in under.get(parent, [])
        )

    return grown(None)
