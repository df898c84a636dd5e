"""camt.056 asks a bank to send a transfer back, camt.029 answers: ours to them, and theirs to us."""

from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from apps.kernel.money import Money
from apps.kernel.xml import Unreadable
from apps.payments.iso20022 import parties as to
from apps.payments.iso20022.incoming import uuid_in
from apps.payments.iso20022.letters import identifier, swift
from apps.payments.iso20022.parties import Bank
from apps.payments.iso20022.reading import each, message, needed, one, text_at

ACCEPTED = frozenset({"CNCL", "ACCR"})
REFUSED = frozenset({"RJCR"})
PENDING = frozenset({"PDCR", "PECR", "PACR", "UWFW", "INFO"})


@dataclass(frozen=True, slots=True)
class Recall:
    """A transfer that shall come back: our case, the message it went in, and why (ExternalCancellationReason1Code)."""

    case: str
    message_id: str
    message_name: str
    end_to_end_id: str
    uetr: UUID
    amount: Money
    reason: str
    words: str = ""


@dataclass(frozen=True, slots=True)
class Resolution:
    """What they answered about a case; `reason` says why not."""

    case: str
    end_to_end_id: str
    status: str
    reason: str = ""
    words: str = ""

    @property
    def is_accepted(self) -> bool:
        """They send it back."""
        return self.status in ACCEPTED

    @property
    def is_refused(self) -> bool:
        """They do not."""
        return self.status in REFUSED


@dataclass(frozen=True, slots=True)
class Wish:
    """What another bank asks back of us: its case, and the transfer it means."""

    case: str
    end_to_end_id: str
    uetr: UUID | None
    reason: str
    words: str
    asker: str  # BIC


def write_camt056(*, recall: Recall, made_at: datetime, ours: Bank, theirs: Bank) -> bytes:
    """The request, under the case's own identification, which the other side counts once."""
    root, body = to.document("camt.056.001.12", "FIToFIPmtCxlReq")
    assignment = to.add(body, "Assgnmt")
    to.add(assignment, "Id", identifier(recall.case))
    to.add_bank(to.add(assignment, "Assgnr"), "Agt", ours)
    to.add_bank(to.add(assignment, "Assgne"), "Agt", theirs)
    to.add(assignment, "CreDtTm", made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    row = to.add(to.add(body, "Undrlyg"), "TxInf")
    to.add(row, "CxlId", identifier(recall.case))
    case = to.add(row, "Case")
    to.add(case, "Id", identifier(recall.case))
    to.add_bank(to.add(case, "Cretr"), "Agt", ours)
    group = to.add(row, "OrgnlGrpInf")
    to.add(group, "OrgnlMsgId", identifier(recall.message_id))
    to.add(group, "OrgnlMsgNmId", recall.message_name)
    to.add(row, "OrgnlInstrId", identifier(recall.end_to_end_id))
    to.add(row, "OrgnlEndToEndId", identifier(recall.end_to_end_id))
    to.add(row, "OrgnlUETR", str(recall.uetr))
    to.add_money(row, "OrgnlIntrBkSttlmAmt", recall.amount)
    why = to.add(row, "CxlRsnInf")
    to.add(to.add(why, "Rsn"), "Cd", recall.reason)
    if words := swift(recall.words, 105).text:
        to.add(why, "AddtlInf", words)
    return to.as_bytes(root)


def read_camt029(raw: bytes) -> Resolution:
    """Raises Unreadable, also for an answer about several transfers or with a status nobody knows."""
    _family, body = message(raw, "camt.029")
    status = needed(body, "Sts", "Conf", longest=4)
    if status not in ACCEPTED | REFUSED | PENDING:
        raise Unreadable(f"status {status!r} is not one of ISO 20022")
    row = one(body, "CxlDtls", "TxInfAndSts")
    case = text_at(row, "RslvdCase", "Id", longest=35) or needed(body, "RslvdCase", "Id")
    reason = words = ""
    for found in each(row, "CxlStsRsnInf"):
        reason = reason or text_at(found, "Rsn", "Cd", longest=4) or text_at(found, "Rsn", "Prtry", longest=35)
        words = words or " ".join((line.text or "").strip() for line in each(found, "AddtlInf"))[:140]
    return Resolution(case, needed(row, "OrgnlEndToEndId"), status, reason, words)


def read_camt056(raw: bytes) -> Wish:
    """One transfer at a time. Raises Unreadable."""
    _family, body = message(raw, "camt.056")
    row = one(body, "Undrlyg", "TxInf")
    uetr = text_at(row, "OrgnlUETR", longest=36)
    reason = words = ""
    for found in each(row, "CxlRsnInf"):
        reason = reason or text_at(found, "Rsn", "Cd", longest=4)
        words = words or " ".join((line.text or "").strip() for line in each(found, "AddtlInf"))[:140]
    return Wish(
        case=text_at(row, "Case", "Id", longest=35) or needed(row, "CxlId"),
        end_to_end_id=text_at(row, "OrgnlEndToEndId", longest=35),
        uetr=uuid_in(uetr) if uetr else None,
        reason=reason,
        words=words,
        asker=text_at(body, "Assgnmt", "Assgnr", "Agt", "FinInstnId", "BICFI", longest=11),
    )


def write_camt029(*, identity: str, told: Resolution, made_at: datetime, ours: Bank, theirs: Bank) -> bytes:
    """Our answer: CNCL (it goes back) or RJCR with the reason; PDCR while nobody has decided."""
    root, body = to.document("camt.029.001.14", "RsltnOfInvstgtn")
    assignment = to.add(body, "Assgnmt")
    to.add(assignment, "Id", identifier(identity))
    to.add_bank(to.add(assignment, "Assgnr"), "Agt", ours)
    to.add_bank(to.add(assignment, "Assgne"), "Agt", theirs)
    to.add(assignment, "CreDtTm", made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    to.add(to.add(body, "Sts"), "Conf", told.status)
    row = to.add(to.add(body, "CxlDtls"), "TxInfAndSts")
    case = to.add(row, "RslvdCase")
    to.add(case, "Id", told.case)
    to.add_bank(to.add(case, "Cretr"), "Agt", theirs)
    to.add(row, "OrgnlEndToEndId", told.end_to_end_id or "NOTPROVIDED")
    if told.reason:
        to.add(to.add(to.add(row, "CxlStsRsnInf"), "Rsn"), "Cd", told.reason)
    return to.as_bytes(root)
