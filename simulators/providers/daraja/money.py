"""Moves money between accounts, all of it or nothing, and remembers every move.

What an account is given when it is made comes from the trust account, so that all accounts add up to nothing, always.
"""

from dataclasses import dataclass
from typing import Any

from simulators.house import House
from simulators.providers.daraja import clock, wire
from simulators.providers.daraja.codes import DONE, Declined
from simulators.providers.daraja.defaults import CHARGES, TRUST

MOST_ONCE = 250_000_00
MOST_A_DAY = 500_000_00
MOST_IN_A_WALLET = 500_000_00
ALIKE_WITHIN = 120.0  # seconds


@dataclass(frozen=True)
class Side:
    """One account of one owner: a shortcode, a phone, or the provider itself."""

    owner: str
    account: str


OWN = Side("SAFARICOM", TRUST)


@dataclass(frozen=True, kw_only=True)
class Move:
    """What is to be moved, and what the books say about it."""

    product: str
    details: str
    debit: Side
    credit: Side
    cents: int
    charge: int = 0
    charged: Side | None = None  # who bears the charge; the debit side's charges account when nobody is named
    reference: str = ""
    remarks: str = ""
    conversation_id: str = ""
    originator_id: str = ""
    checkout_id: str = ""
    linked_receipt: str = ""
    started_at: float = 0.0
    receipt: str = ""  # where it was given out before, to be validated


def balance(house: House, side: Side) -> int:
    """Cents in an account."""
    row = house.store.row("SELECT cents FROM daraja_account WHERE owner = ? AND name = ?", side.owner, side.account)
    return int(row["cents"]) if row else 0


def new_receipt(house: House, at: float) -> str:
    """The next one."""
    with house.store.write() as connection:
        count = connection.execute(
            "INSERT INTO daraja_counter VALUES ('receipt', 1) ON CONFLICT (name) DO UPDATE SET n = n + 1 RETURNING n"
        ).fetchone()[0]
    return wire.receipt(at, int(count))


def move(house: House, what: Move) -> str:
    """Move it; returns the receipt. Raises Declined with code 1, and moves nothing, where the money is short."""
    at = clock.now(house)
    with house.store.write():
        borne = what.charged or Side(what.debit.owner, CHARGES)
        needed = what.cents + (what.charge if borne == what.debit else 0)
        if what.debit != OWN and balance(house, what.debit) < needed:
            raise Declined("1")
        receipt = what.receipt or new_receipt(house, at)
        _remember(house, what, receipt, "Completed", DONE, at)
        _enter(house, receipt, what.debit, -what.cents, at, what.details)
        _enter(house, receipt, what.credit, what.cents, at, what.details)
        if what.charge:
            _enter(house, receipt, borne, -what.charge, at, f"{what.details} Charge")
            _enter(house, receipt, OWN, what.charge, at, f"{what.details} Charge")
    return receipt


def decline(house: House, what: Move, code: str) -> str:
    """Remember a move that was turned down; returns its receipt."""
    at = clock.now(house)
    with house.store.write():
        receipt = what.receipt or new_receipt(house, at)
        _remember(house, what, receipt, "Declined", code, at)
    return receipt


def set_balance(house: House, side: Side, cents: int) -> None:
    """Fill or empty an account, against the trust account."""
    with house.store.write():
        change = cents - balance(house, side)
        _add(house, side, change)
        _add(house, OWN, -change)


def check_limits(house: House, *, payer: str, receiver: str, cents: int, least: int, most: int | None) -> None:
    """What 1.9 of the documents allows. Raises Declined. `most` is what the receiver may hold."""
    if cents < least:
        raise Declined("2")
    if cents > MOST_ONCE:
        raise Declined("3")
    today = clock.day(clock.now(house))
    for column, owner in (("debit", payer), ("credit", receiver)):
        if len(owner) == 12 and _moved_today(house, column, owner, today) + cents > MOST_A_DAY:
            raise Declined("4")
    if len(receiver) == 12:
        most = MOST_IN_A_WALLET if most is None else most
    if most is not None and _held(house, receiver) + cents > most:
        raise Declined("8")


def check_not_alike(house: House, *, payer: str, receiver: str, cents: int) -> None:
    """Rule 17: the same amount from the same payer within two minutes."""
    now = clock.now(house)
    if house.store.row(
        "SELECT 1 FROM daraja_money WHERE debit_owner = ? AND day >= ? AND credit_owner = ? AND cents = ?"
        " AND status = 'Completed' AND done_at > ? LIMIT 1",
        payer,
        clock.day(now - ALIKE_WITHIN),
        receiver,
        cents,
        now - ALIKE_WITHIN,
    ):
        raise Declined("17")


def _moved_today(house: House, side: str, owner: str, today: str) -> int:
    row = house.store.row(
        f"SELECT coalesce(sum(cents), 0) AS cents FROM daraja_money WHERE {side}_owner = ? AND day = ?"  # noqa: S608
        " AND status = 'Completed' AND product <> 'reversal'",
        owner,
        today,
    )
    return int(row["cents"]) if row else 0


def _held(house: House, owner: str) -> int:
    row = house.store.row(
        "SELECT coalesce(sum(cents), 0) AS cents FROM daraja_account WHERE owner = ? AND cents > 0", owner
    )
    return int(row["cents"]) if row else 0


def _add(house: House, side: Side, cents: int) -> int:
    with house.store.write() as connection:
        connection.execute("INSERT OR IGNORE INTO daraja_account VALUES (?, ?, 0)", (side.owner, side.account))
        found: Any = connection.execute(
            "UPDATE daraja_account SET cents = cents + ? WHERE owner = ? AND name = ? RETURNING cents",
            (cents, side.owner, side.account),
        ).fetchone()
    return int(found[0])


def _enter(house: House, receipt: str, side: Side, cents: int, at: float, details: str) -> None:
    after = _add(house, side, cents)
    house.store.add(
        "daraja_entry",
        receipt=receipt,
        owner=side.owner,
        account=side.account,
        cents=cents,
        balance=after,
        at=at,
        day=clock.day(at),
        details=details,
    )


def _remember(house: House, what: Move, receipt: str, status: str, code: str, at: float) -> None:
    house.store.add(
        "daraja_money",
        receipt=receipt,
        product=what.product,
        details=what.details,
        status=status,
        result_code=code,
        debit_owner=what.debit.owner,
        debit_account=what.debit.account,
        credit_owner=what.credit.owner,
        credit_account=what.credit.account,
        cents=what.cents,
        charge_cents=what.charge if status == "Completed" else 0,
        reference=what.reference,
        remarks=what.remarks,
        conversation_id=what.conversation_id,
        originator_id=what.originator_id,
        checkout_id=what.checkout_id,
        linked_receipt=what.linked_receipt,
        started_at=what.started_at or at,
        done_at=at,
        day=clock.day(at),
    )
