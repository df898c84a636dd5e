"""Opening, blocking and closing accounts, and finding the bank's own by what they are for."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.kernel.money import Money
from apps.ledger.models import AccountRole, GlPurpose, LedgerAccount, Mode
from apps.ledger.operations import calls
from apps.ledger.rules import chart
from apps.ledger.rules.accounts import AccountRef
from apps.ledger.rules.legs import WrongCurrency

LOCKED, DERIVED = Mode.LOCKED, Mode.DERIVED
MAP_LIFE = 60.0  # seconds a process goes on with the product-to-GL map it has read


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountToOpen:
    """What `open_accounts` opens. `floor` is for locked accounts; None is nothing, so never below zero."""

    code: str
    name: str
    kind: str
    currency: str
    mode: Mode | str = LOCKED
    floor: Money | None = None
    owner_reference: str = ""
    parent_code: str | None = None


def open_account(
    *,
    code: str,
    name: str,
    kind: str,
    currency: str,
    at: datetime,
    mode: Mode | str = LOCKED,
    floor: Money | None = None,
    owner_reference: str = "",
    parent_code: str | None = None,
) -> AccountRef:
    """Open an account; the same again gives the account that is there.

    Raises ReferenceReused when the code belongs to another account, LookupError for an unknown parent.
    """
    wanted = AccountToOpen(
        code=code,
        name=name,
        kind=kind,
        currency=currency,
        mode=mode,
        floor=floor,
        owner_reference=owner_reference,
        parent_code=parent_code,
    )
    return open_accounts([wanted], at=at)[0]


_OPEN = """
SELECT account_id FROM ledger_open_accounts(
    %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::int[], %s::bigint[], %s::text[], %s::bigint[],
    %s::bigint[], %s::timestamptz)
"""


def open_accounts(wanted: Sequence[AccountToOpen], *, at: datetime) -> list[AccountRef]:
    """Open many accounts at once, in one statement; see `open_account`."""
    parents = _ids_of({one.parent_code for one in wanted if one.parent_code})
    modes = [_mode(one.mode) for one in wanted]
    ids = [chart.id_of_code(one.code) if chart.is_chart_code(one.code) else None for one in wanted]
    found = calls.rows(
        _OPEN,
        [
            [one.code for one in wanted],
            [one.name[:120] for one in wanted],
            [str(one.kind) for one in wanted],
            [one.currency for one in wanted],
            [AccountRole.POSTING.value for _ in wanted],
            [mode.value for mode in modes],
            [_floor(one) for one in wanted],
            [one.owner_reference for one in wanted],
            [parents[one.parent_code] if one.parent_code else None for one in wanted],
            ids,
            at,
        ],
    )
    return [
        AccountRef(account_id, one.code, str(one.kind), one.currency, mode == LOCKED)
        for one, mode, (account_id,) in zip(wanted, modes, found, strict=True)
    ]


def _mode(mode: Mode | str) -> Mode:
    return Mode[mode] if isinstance(mode, str) else Mode(mode)


def _floor(one: AccountToOpen) -> int | None:
    Money.zero(one.currency)  # raises UnknownCurrency
    if one.floor is None:
        return None
    if one.floor.currency != one.currency:
        raise WrongCurrency(f"the floor of {one.code} is in {one.floor.currency}, the account in {one.currency}")
    if one.floor.minor > 0:
        raise ValueError(f"{one.code} opens empty, so its floor is nothing or less: raise it once there is money")
    return one.floor.minor


def _ids_of(codes: Iterable[str]) -> dict[str, int]:
    ids = {code: chart.id_of_code(code) for code in codes if chart.is_chart_code(code)}
    others = [code for code in codes if code not in ids]
    if others:
        ids |= dict(LedgerAccount.objects.filter(code__in=others).values_list("code", "id"))
    missing = [code for code in others if code not in ids]
    if missing:
        raise LookupError(f"no ledger account has the code {missing[0]!r}")
    return ids


def account_id_of(account: AccountRef | int | str, currency: str) -> int:
    """The id of an account given as a value, an id, a code (`4040-KES`, `wallet/17`) or a purpose (`fees:transfer`).

    Raises WrongCurrency, LookupError.
    """
    if isinstance(account, AccountRef):
        if account.currency != currency:
            raise WrongCurrency(f"{account.code} is in {account.currency}, the leg in {currency}")
        return account.id
    if isinstance(account, int):
        return account
    if ":" in account and "/" not in account:
        return gl(account, currency).id
    return _ids_of([account])[account]


# ---- the product-to-GL map ----

_map: dict[str, tuple[int, str, str, int]] = {}
_map_read_at = 0.0


def gl(purpose: str, currency: str) -> AccountRef:
    """The bank's own account that a product books to: `gl("fees:transfer", "KES")`. Raises LookupError."""
    global _map, _map_read_at
    if time.monotonic() - _map_read_at > MAP_LIFE or purpose not in _map:
        lines = GlPurpose.objects.values_list("code", "line_id", "line__kind", "line__role", "line__mode")
        _map = {code: (line, kind, role, mode) for code, line, kind, role, mode in lines}
        _map_read_at = time.monotonic()
    if purpose not in _map:
        raise LookupError(f"the chart has no account for {purpose!r}")
    line, kind, _role, mode = _map[purpose]
    code = f"{line}-{currency}"
    return AccountRef(chart.chart_account_id(line, currency), code, kind, currency, mode == LOCKED)


def forget_gl_map() -> None:
    """Read the product-to-GL map anew at the next question."""
    global _map_read_at
    _map_read_at = float("-inf")


@transaction.atomic
def map_gl(*, purpose: str, line: int) -> None:
    """Book a purpose to another line of the chart from now on; other processes follow within a minute."""
    GlPurpose.objects.update_or_create(code=purpose, defaults={"line_id": line})
    forget_gl_map()
    transaction.on_commit(forget_gl_map)


def ensure_chart(currency: str, *, at: datetime) -> int:
    """Open the chart's accounts in a currency where they are missing; returns how many were opened."""
    number = chart.CURRENCY_NUMBERS[currency]
    return int(calls.row("SELECT ledger_ensure_chart(%s, %s::bigint, %s::timestamptz)", [currency, number, at])[0])


# ---- upkeep ----


def set_floor(account: AccountRef | int, floor: Money, *, at: datetime) -> None:
    """Change what a locked account may fall to (negative: an overdraft). Raises BelowFloor."""
    account_id = account_id_of(account, floor.currency)
    held = LedgerAccount.objects.values_list("currency", flat=True).get(pk=account_id)
    if held != floor.currency:
        raise WrongCurrency(f"account {account_id} is in {held}, the floor in {floor.currency}")
    calls.row("SELECT ledger_set_floor(%s::bigint, %s::bigint)", [account_id, floor.minor])


def block_account(account: AccountRef | int, *, at: datetime) -> None:
    """Take no more entries for now. Raises AccountClosedForPosting when it is closed, BooksBusy."""
    calls.row("SELECT ledger_block(%s::bigint, true)", [_plain_id(account)])


def unblock_account(account: AccountRef | int, *, at: datetime) -> None:
    """Take entries again. Raises AccountClosedForPosting when it is closed, BooksBusy."""
    calls.row("SELECT ledger_block(%s::bigint, false)", [_plain_id(account)])


def close_account(account: AccountRef | int, *, at: datetime) -> None:
    """Close an empty account for good; a closed one stays closed. Raises AccountNotEmpty, BooksBusy."""
    calls.row("SELECT ledger_close_account(%s::bigint)", [_plain_id(account)])


def _plain_id(account: AccountRef | int) -> int:
    return account.id if isinstance(account, AccountRef) else account
