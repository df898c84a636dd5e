"""pain.001.001.09: a file of transfers that a bank is asked to make."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

from apps.kernel.money import Money
from apps.payments.iso20022 import parties as to
from apps.payments.iso20022.letters import identifier, named
from apps.payments.iso20022.parties import Party, Transfer


def write_pain001(
    *, message_id: str, made_at: datetime, pays_on: date, payer: Party, transfers: Sequence[Transfer], way: str = ""
) -> bytes:
    """One group from one account, all of one currency; `way` is the local instrument (RTGS, EFT).

    Raises ValueError for no transfers, several currencies, or an identification twice: such a file is never written.
    """
    amounts = [transfer.amount for transfer in transfers]
    if len({amount.currency for amount in amounts}) != 1:
        raise ValueError("a file has transfers of one currency")
    if len({transfer.end_to_end_id for transfer in transfers}) != len(transfers):
        raise ValueError("an identification stands in the file twice")
    total = Money(sum(amount.minor for amount in amounts), amounts[0].currency)
    root, body = to.document("pain.001.001.09", "CstmrCdtTrfInitn")
    header = to.add(body, "GrpHdr")
    to.add(header, "MsgId", identifier(message_id))
    to.add(header, "CreDtTm", made_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
    to.add(header, "NbOfTxs", str(len(transfers)))
    to.add(header, "CtrlSum", to.amount_text(total))
    to.add(to.add(header, "InitgPty"), "Nm", named(payer.name))
    group = to.add(body, "PmtInf")
    to.add(group, "PmtInfId", identifier(f"{message_id}-1"))
    to.add(group, "PmtMtd", "TRF")
    to.add(group, "NbOfTxs", str(len(transfers)))
    to.add(group, "CtrlSum", to.amount_text(total))
    if way:
        to.add(to.add(to.add(group, "PmtTpInf"), "LclInstrm"), "Prtry", way)
    to.add(to.add(group, "ReqdExctnDt"), "Dt", pays_on.isoformat())
    to.add_party(group, "Dbtr", payer)
    to.add_account(group, "DbtrAcct", payer)
    to.add_bank(group, "DbtrAgt", payer.bank)
    for transfer in transfers:
        _add(group, transfer)
    return to.as_bytes(root)


def _add(group: to.Element, transfer: Transfer) -> None:
    row = to.add(group, "CdtTrfTxInf")
    to.add_ids(row, transfer)
    to.add_money(to.add(row, "Amt"), "InstdAmt", transfer.amount)
    to.add(to.add(row, "UltmtDbtr"), "Nm", named(transfer.debtor.name))
    to.add_bank(row, "CdtrAgt", transfer.creditor.bank)
    to.add_party(row, "Cdtr", transfer.creditor)
    to.add_account(row, "CdtrAcct", transfer.creditor)
    to.add_reason(row, transfer)
