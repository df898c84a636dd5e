"""pacs.008.001.08: one customer's transfer from bank to bank."""

from datetime import UTC, datetime

from apps.payments.iso20022 import parties as to
from apps.payments.iso20022.letters import identifier
from apps.payments.iso20022.parties import Bank, Transfer


def write_pacs008(
    *,
    message_id: str,
    made_at: datetime,
    transfer: Transfer,
    carrier: Bank,
    method: str = "CLRG",
    charges: str = "SLEV",
) -> bytes:
    """`method` says how banks settle (CLRG by a clearing, INDA on an account of ours at the carrier), `charges` who
    bears what the way costs (SLEV as the scheme rules, SHAR each its own).
    """
    root, body = to.document("pacs.008.001.08", "FIToFICstmrCdtTrf")
    header = to.add(body, "GrpHdr")
    to.add(header, "MsgId", identifier(message_id))
    to.add(header, "CreDtTm", made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    to.add(header, "NbOfTxs", "1")
    to.add(to.add(header, "SttlmInf"), "SttlmMtd", method)
    row = to.add(body, "CdtTrfTxInf")
    to.add_ids(row, transfer)
    to.add_money(row, "IntrBkSttlmAmt", transfer.amount)
    if transfer.settles_on:
        to.add(row, "IntrBkSttlmDt", transfer.settles_on.isoformat())
    if transfer.instructed:
        to.add_money(row, "InstdAmt", transfer.instructed)
    if transfer.rate:
        to.add(row, "XchgRate", f"{transfer.rate.normalize():f}"[:12].rstrip("."))  # BaseOneRate: 11 digits in all
    to.add(row, "ChrgBr", charges)
    to.add_bank(row, "InstgAgt", transfer.debtor.bank)
    to.add_bank(row, "InstdAgt", carrier)
    to.add_party(row, "Dbtr", transfer.debtor)
    to.add_account(row, "DbtrAcct", transfer.debtor)
    to.add_bank(row, "DbtrAgt", transfer.debtor.bank)
    to.add_bank(row, "CdtrAgt", transfer.creditor.bank)
    to.add_party(row, "Cdtr", transfer.creditor)
    to.add_account(row, "CdtrAcct", transfer.creditor)
    to.add_reason(row, transfer)
    return to.as_bytes(root)
