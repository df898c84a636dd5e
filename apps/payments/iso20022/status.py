"""pain.002 and pacs.002: what became of transfers, one by one or all of a file at once."""

from dataclasses import dataclass

from apps.kernel.xml import Element, Unreadable
from apps.payments.iso20022.reading import each, message, needed, one, text_at

SETTLED = frozenset({"ACSC", "ACCC"})
UNDER_WAY = frozenset({"RCVD", "PDNG", "ACTC", "ACCP", "ACFC", "ACSP", "ACWC", "ACWP", "PATC", "PART"})
REJECTED = frozenset({"RJCT", "CANC", "BLCK"})
_GROUP = {
    "pain.002": ("OrgnlGrpInfAndSts", "OrgnlPmtInfAndSts", "PmtInfSts"),
    "pacs.002": ("OrgnlGrpInfAndSts", "", ""),
}


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of one transfer; `reason` is an ISO external code (AC01), `words` what the bank adds."""

    end_to_end_id: str
    status: str
    reason: str = ""
    words: str = ""
    uetr: str = ""
    reference: str = ""  # the other bank's own

    @property
    def is_settled(self) -> bool:
        """It arrived, and that is final."""
        return self.status in SETTLED

    @property
    def is_rejected(self) -> bool:
        """It will not arrive."""
        return self.status in REJECTED


@dataclass(frozen=True, slots=True)
class Report:
    """One report: about which message of ours, what is said of all of it (may be empty), and of single transfers."""

    message_id: str
    about: str
    status: str
    reason: str
    transfers: tuple[Told, ...]

    @property
    def is_rejected(self) -> bool:
        """None of the message is carried out."""
        return self.status in REJECTED


def read_status(raw: bytes) -> Report:
    """Read a pain.002 or pacs.002 of any version. Raises Unreadable, also for a transfer told of in two ways."""
    family, body = message(raw, "pain.002", "pacs.002")
    group_name, inner, group_status = _GROUP[family]
    header = one(body, "GrpHdr")
    groups = list(each(body, group_name))
    if len(groups) > 1:
        raise Unreadable("it speaks of several messages")
    rows = list(each(body, "TxInfAndSts"))
    status = _known(text_at(groups[0], "GrpSts", longest=4)) if groups else ""
    reason = _reason(groups[0])[0] if groups else ""
    for part in each(body, inner) if inner else ():
        rows += each(part, "TxInfAndSts")
        status = status or _known(text_at(part, group_status, longest=4))
        reason = reason or _reason(part)[0]
    told: dict[str, Told] = {}
    for found in map(_told, rows):
        if told.setdefault(found.end_to_end_id, found) != found:
            raise Unreadable(f"it tells of {found.end_to_end_id} in two ways")
    if status in REJECTED and not all(found.is_rejected for found in told.values()):
        raise Unreadable("it rejects the whole and not each of its transfers")
    about = text_at(groups[0], "OrgnlMsgId", longest=35) if groups else ""
    if not about and rows:
        about = text_at(rows[0], "OrgnlGrpInf", "OrgnlMsgId", longest=35)
    return Report(needed(header, "MsgId"), about, status, reason, tuple(told.values()))


def _told(row: Element) -> Told:
    reason, words = _reason(row)
    return Told(
        end_to_end_id=needed(row, "OrgnlEndToEndId"),
        status=_known(needed(row, "TxSts", longest=4)),
        reason=reason,
        words=words,
        uetr=text_at(row, "OrgnlUETR", longest=36),
        reference=text_at(row, "AcctSvcrRef", longest=35) or text_at(row, "ClrSysRef", longest=35),
    )


def _known(status: str) -> str:
    """Raises Unreadable: a status nobody knows is no reason to move money."""
    if status and status not in SETTLED | UNDER_WAY | REJECTED:
        raise Unreadable(f"status {status[:4]!r} is not one of ISO 20022")
    return status


def _reason(under: Element) -> tuple[str, str]:
    """The first reason; the standard allows several, banks send one."""
    for found in each(under, "StsRsnInf"):
        code = text_at(found, "Rsn", "Cd", longest=4) or text_at(found, "Rsn", "Prtry", longest=35)
        words = " ".join((line.text or "").strip() for line in each(found, "AddtlInf"))
        return code, words[:140]
    return "", ""
