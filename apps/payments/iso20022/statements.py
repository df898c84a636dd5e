"""camt.053 and camt.054: what moved on an account of ours at another bank, and what it comes to."""

from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID

from apps.kernel.money import Money
from apps.kernel.xml import Element, Unreadable
from apps.payments.iso20022.incoming import Incoming, account_in, bank_in, uuid_in, words_in
from apps.payments.iso20022.reading import day_in, each, message, money_in, needed, one, text_at

_SIGN = {"CRDT": 1, "DBIT": -1}
_TRUE = {"true", "1"}  # XML Schema writes a truth either way


@dataclass(frozen=True, slots=True)
class Entry:
    """One movement, positive into our account; `is_return` undoes one of before; `end_to_end_id` may be empty."""

    reference: str
    amount: Money
    booked_on: date
    end_to_end_id: str
    is_return: bool
    reason: str
    words: str
    uetr: UUID | None = None
    transfer: Incoming | None = None  # what a credit that is no return brings, where it says for whom


@dataclass(frozen=True, slots=True)
class Statement:
    """Entries of one account. Of a camt.054 there are no balances: both are None."""

    statement_id: str
    sequence: int
    account: str
    opening: Money | None
    closing: Money | None
    entries: tuple[Entry, ...]
    closed_on: date | None = field(default=None, repr=False)  # not in `repr`, by which a kept statement is known again


def read_camt053(raw: bytes) -> Statement:
    """A day's statement. Raises Unreadable, also when opening and entries do not make closing."""
    _family, body = message(raw, "camt.053")
    found = one(body, "Stmt")
    (opening, _opened_on), (closing, closed_on) = _balance(found, "OPBD"), _balance(found, "CLBD")
    entries = _entries(found)
    currencies = {one.amount.currency for one in entries} | {opening.currency, closing.currency}
    if len(currencies) != 1:
        raise Unreadable("it has several currencies")
    if opening.minor + sum(one.amount.minor for one in entries) != closing.minor:
        raise Unreadable("its entries do not lead from the opening to the closing balance")
    return replace(_statement(found, opening, closing, entries), closed_on=closed_on)


def _balance(found: Element, code: str) -> tuple[Money, date | None]:
    """The one balance of a kind, and its day; those of other kinds, banks' own among them, are theirs to know."""
    rows = [row for row in each(found, "Bal") if text_at(row, "Tp", "CdOrPrtry", "Cd", longest=4) == code]
    if len(rows) != 1:
        raise Unreadable(f"balance {code} stands in it {len(rows)} times")
    day = text_at(rows[0], "Dt", "Dt", longest=10) or text_at(rows[0], "Dt", "DtTm", longest=35)
    return _signed(rows[0]), day_in(day) if day else None


def read_camt054(raw: bytes) -> tuple[Statement, ...]:
    """News of entries, one statement for each account. Raises Unreadable."""
    _family, body = message(raw, "camt.054")
    return tuple(_statement(found, None, None, _entries(found)) for found in each(body, "Ntfctn"))


def _statement(found: Element, opening: Money | None, closing: Money | None, entries: tuple[Entry, ...]) -> Statement:
    account = one(found, "Acct", "Id")
    sequence = text_at(found, "ElctrncSeqNb", longest=18)
    if sequence and not (sequence.isascii() and sequence.isdigit()):
        raise Unreadable("its sequence is no number")
    return Statement(
        statement_id=needed(found, "Id"),
        sequence=int(sequence or 0),
        account=text_at(account, "Othr", "Id", longest=34) or text_at(account, "IBAN", longest=34),
        opening=opening,
        closing=closing,
        entries=entries,
    )


def _entries(found: Element) -> tuple[Entry, ...]:
    booked = [entry for row in each(found, "Ntry") if _status(row) == "BOOK" for entry in _booked(row)]
    references = {row.reference for row in booked}
    if len(references) != len(booked):
        raise Unreadable("an entry stands in it twice")
    return tuple(booked)


def _status(row: Element) -> str:
    """Versions from 8 on put the code under Cd, those before straight under the status."""
    return text_at(row, "Sts", "Cd", longest=4) or needed(row, "Sts", longest=4)


def _booked(row: Element) -> list[Entry]:
    """The entry; or each transfer of one that gathers several, which must come to it."""
    reference, whole = text_at(row, "AcctSvcrRef", longest=35) or needed(row, "NtryRef"), _signed(row)
    details = list(each(row, "NtryDtls", "TxDtls"))
    if len(details) < 2:
        return [_entry(row, next(iter(details), None), reference, whole)]
    amounts = [_part(inner, whole) for inner in details]
    if {one.currency for one in amounts} != {whole.currency} or sum(one.minor for one in amounts) != whole.minor:
        raise Unreadable("the transfers of an entry do not come to it")
    names = [
        text_at(inner, "Refs", "AcctSvcrRef", longest=35) or f"{reference[:29]}/{nth}"  # 35 letters at most
        for nth, inner in enumerate(details, 1)
    ]
    return [_entry(row, *one) for one in zip(details, names, amounts, strict=True)]


def _part(inner: Element, whole: Money) -> Money:
    """What one of several transfers is of its entry: from version 8 on under it, before under the amount's details."""
    found = next(each(inner, "Amt"), None)
    amount = money_in(one(inner, "AmtDtls", "TxAmt", "Amt") if found is None else found)
    sign = _SIGN.get(text_at(inner, "CdtDbtInd", longest=4), 1 if whole.minor > 0 else -1)
    return amount if sign > 0 else -amount


def _entry(row: Element, inner: Element | None, reference: str, amount: Money) -> Entry:
    back = next(each(inner, "RtrInf"), None) if inner is not None else None
    booked = text_at(row, "BookgDt", "Dt", longest=10) or text_at(row, "BookgDt", "DtTm", longest=35)
    entry = Entry(
        reference=reference,
        amount=amount,
        booked_on=day_in(booked),
        end_to_end_id=text_at(inner, "Refs", "EndToEndId", longest=35) if inner is not None else "",
        is_return=text_at(row, "RvslInd", longest=5) in _TRUE or back is not None,
        reason=text_at(back, "Rsn", "Cd", longest=4) if back is not None else "",
        words=text_at(row, "AddtlNtryInf", longest=500)[:140],
        uetr=_uetr(inner),
    )
    return entry if inner is None or entry.is_return else replace(entry, transfer=_transfer(entry, inner))


def _transfer(entry: Entry, inner: Element) -> Incoming | None:
    """What the entry brings and for whom; None for a debit."""
    if entry.amount.minor <= 0:
        return None
    parties = next(each(inner, "RltdPties"), inner)
    agents = next(each(inner, "RltdAgts"), inner)
    # Versions from 8 on put a name under Pty, those before straight under the party.
    name, theirs = (text_at(parties, who, "Pty", "Nm") or text_at(parties, who, "Nm") for who in ("Cdtr", "Dbtr"))
    return Incoming(
        uetr=entry.uetr,
        end_to_end_id=entry.end_to_end_id,
        amount=entry.amount,
        payer_name=theirs,
        payer_account=account_in(parties, "DbtrAcct"),
        payer_bank=bank_in(agents, "DbtrAgt"),
        account=account_in(parties, "CdtrAcct"),
        name=name,
        words=words_in(inner) or entry.words,
        message_id=text_at(inner, "Refs", "MsgId", longest=35),
        reference=entry.reference,
    )


def _uetr(inner: Element | None) -> UUID | None:
    """None too where it is no UUID: an entry is not left unread for what another bank wrote there."""
    said = text_at(inner, "Refs", "UETR", longest=36) if inner is not None else ""
    try:
        return uuid_in(said) if said else None
    except Unreadable:
        return None


def _signed(row: Element) -> Money:
    sign = _SIGN.get(text_at(row, "CdtDbtInd", longest=4))
    if sign is None:
        raise Unreadable("it does not say whether money came or went")
    amount = money_in(one(row, "Amt"))
    return amount if sign > 0 else -amount
