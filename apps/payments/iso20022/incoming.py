"""pacs.008 as it comes from another bank, and pacs.002: what became of it here."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from apps.kernel.money import Money
from apps.kernel.xml import Element, Unreadable
from apps.payments.iso20022 import parties as to
from apps.payments.iso20022.letters import identifier
from apps.payments.iso20022.reading import each, message, money_in, needed, one, text_at


@dataclass(frozen=True, slots=True)
class Incoming:
    """One transfer for a customer of ours. What they do not say is empty, and `uetr` None."""

    uetr: UUID | None
    end_to_end_id: str
    amount: Money
    payer_name: str
    payer_account: str
    payer_bank: str
    account: str
    name: str
    words: str
    message_id: str = ""
    reference: str = ""  # of the entry on our account, where it is told by one
    bank: str = ""  # whom it is for: BIC, or number in the clearing


def read_pacs008(raw: bytes) -> Incoming:
    """One transfer a message. Raises Unreadable, also for several, without a UETR, or with an amount of nothing."""
    _family, body = message(raw, "pacs.008")
    header, row = one(body, "GrpHdr"), one(body, "CdtTrfTxInf")
    amount = money_in(one(row, "IntrBkSttlmAmt"))
    if amount.minor <= 0:
        raise Unreadable("it brings nothing")
    return Incoming(
        uetr=uuid_in(needed(row, "PmtId", "UETR", longest=36)),
        end_to_end_id=needed(row, "PmtId", "EndToEndId"),
        amount=amount,
        payer_name=needed(row, "Dbtr", "Nm", longest=140),
        payer_account=account_in(row, "DbtrAcct"),
        payer_bank=bank_in(row, "DbtrAgt"),
        account=account_in(row, "CdtrAcct"),
        name=text_at(row, "Cdtr", "Nm"),
        words=words_in(row),
        message_id=needed(header, "MsgId"),
        bank=bank_in(row, "CdtrAgt"),
    )


def write_pacs002(*, told: Incoming, status: str, reason: str, ours: str, made_at: datetime) -> bytes:
    """What became of it: ACCC (on the account), ACSC (settled, and looked into here) or RJCT with its reason; `ours`
    is our reference.
    """
    root, body = to.document("pacs.002.001.10", "FIToFIPmtStsRpt")
    header = to.add(body, "GrpHdr")
    to.add(header, "MsgId", identifier(f"S-{ours}"))
    to.add(header, "CreDtTm", made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    group = to.add(body, "OrgnlGrpInfAndSts")
    to.add(group, "OrgnlMsgId", told.message_id)
    to.add(group, "OrgnlMsgNmId", "pacs.008.001.08")
    row = to.add(body, "TxInfAndSts")
    to.add(row, "OrgnlEndToEndId", told.end_to_end_id)
    if told.uetr:
        to.add(row, "OrgnlUETR", str(told.uetr))
    to.add(row, "TxSts", status)
    if reason:
        to.add(to.add(to.add(row, "StsRsnInf"), "Rsn"), "Cd", reason)
    to.add(row, "AcctSvcrRef", ours)
    return to.as_bytes(root)


def uuid_in(said: str) -> UUID:
    """Raises Unreadable."""
    try:
        return UUID(said)
    except ValueError as no:
        raise Unreadable(f"{said[:36]!r} is no UETR") from no


def account_in(row: Element, name: str) -> str:
    """An account by IBAN or by its number; empty when they do not say."""
    return text_at(row, name, "Id", "IBAN", longest=34) or text_at(row, name, "Id", "Othr", "Id", longest=34)


def bank_in(row: Element, name: str) -> str:
    """An agent by BIC, or by its number in the clearing."""
    where = text_at(row, name, "FinInstnId", "BICFI", longest=11)
    return where or text_at(row, name, "FinInstnId", "ClrSysMmbId", "MmbId", longest=35)[:11]


def words_in(row: Element) -> str:
    """What the payer wrote, in one line."""
    lines = (" ".join((line.text or "").split()) for line in each(row, "RmtInf", "Ustrd"))
    return " ".join(filter(None, lines))[:140]
