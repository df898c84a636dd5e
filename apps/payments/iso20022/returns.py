"""pacs.004.001.09: money that another bank sent, going back to it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from uuid import UUID

from apps.kernel.money import Money
from apps.payments.iso20022 import parties as to
from apps.payments.iso20022.letters import identifier
from apps.payments.iso20022.parties import Bank


@dataclass(frozen=True, slots=True)
class Return:
    """Which transfer goes back, whole, under which identification, and why (ExternalReturnReason1Code)."""

    identity: str
    message_id: str
    end_to_end_id: str
    uetr: UUID | None
    amount: Money
    reason: str
    settles_on: date


def write_pacs004(*, returned: Return, made_at: datetime, ours: Bank, theirs: Bank, method: str = "CLRG") -> bytes:
    """Written under the return's own identification, which the other side counts once."""
    root, body = to.document("pacs.004.001.09", "PmtRtr")
    header = to.add(body, "GrpHdr")
    to.add(header, "MsgId", identifier(returned.identity))
    to.add(header, "CreDtTm", made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    to.add(header, "NbOfTxs", "1")
    to.add(to.add(header, "SttlmInf"), "SttlmMtd", method)
    row = to.add(body, "TxInf")
    to.add(row, "RtrId", identifier(returned.identity))
    group = to.add(row, "OrgnlGrpInf")
    to.add(group, "OrgnlMsgId", returned.message_id or "NOTPROVIDED")
    to.add(group, "OrgnlMsgNmId", "pacs.008.001.08")
    to.add(row, "OrgnlEndToEndId", returned.end_to_end_id or "NOTPROVIDED")
    if returned.uetr:
        to.add(row, "OrgnlUETR", str(returned.uetr))
    to.add_money(row, "OrgnlIntrBkSttlmAmt", returned.amount)
    to.add_money(row, "RtrdIntrBkSttlmAmt", returned.amount)
    to.add(row, "IntrBkSttlmDt", returned.settles_on.isoformat())
    to.add_bank(row, "InstgAgt", ours)
    to.add_bank(row, "InstdAgt", theirs)
    to.add(to.add(to.add(row, "RtrRsnInf"), "Rsn"), "Cd", returned.reason)
    return to.as_bytes(root)
