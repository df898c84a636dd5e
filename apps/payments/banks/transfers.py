"""A payment as ISO 20022 knows it."""

from datetime import date, datetime

from django.conf import settings

from apps.payments import iso20022 as iso
from apps.payments.models import BankOrder, Channel, OutRail

SETTLEMENT_BANK = iso.Bank("CBKEKENX")
CARRIERS = {OutRail.PESALINK: iso.Bank("PESLKENA"), OutRail.ABROAD: iso.Bank("KITBGB2L")}


def ours() -> iso.Bank:
    """This bank."""
    return iso.Bank(settings.BANK_BIC, settings.BANK_CODE)


def us() -> iso.Party:
    """This bank as the owner of its settlement account."""
    return iso.Party(settings.BANK_NAME, settings.BANK_SETTLEMENT_ACCOUNT, ours())


def counterpart(channel: Channel) -> iso.Bank:
    """The bank that we exchange messages of a channel with."""
    return {Channel.PESALINK: CARRIERS[OutRail.PESALINK], Channel.ABROAD: CARRIERS[OutRail.ABROAD]}.get(
        channel, SETTLEMENT_BANK
    )


def transfer_of(order: BankOrder, *, settles_on: date | None = None) -> iso.Transfer:
    """The order's payment; `payment__payer` and `payment__from_account` are better selected with it."""
    payment, to = order.payment, order.payment.destination
    quote = payment.quote
    debtor = iso.Party(payment.payer.full_name, payment.from_account.number, ours(), country="KE", town="Nairobi")
    creditor = iso.Party(
        to.get("name") or payment.payee_name,
        to["account"],
        iso.Bank(to.get("bic", ""), to.get("bank", ""))
        if to.get("bic") or to.get("bank")
        else CARRIERS[OutRail.ABROAD],
        is_iban=to.get("method") == "IBAN",
        country=to.get("country", "KE"),
        town=to.get("town", ""),
    )
    return iso.Transfer(
        end_to_end_id=payment.reference,
        uetr=payment.public_id,
        amount=order.moved,
        debtor=debtor,
        creditor=creditor,
        purpose=to.get("purpose", ""),
        note=payment.note or payment.reference,
        settles_on=settles_on,
        instructed=payment.amount if quote else None,
        rate=quote.rate if quote else None,
    )


def pacs008_of(order: BankOrder, *, at: datetime) -> bytes:
    """The same words however often it is written but for their time: the other side counts the UETR once."""
    is_abroad = order.rail == OutRail.ABROAD
    return iso.write_pacs008(
        message_id=f"KB-{order.payment.reference}",
        made_at=at,
        transfer=transfer_of(order),
        carrier=CARRIERS[OutRail(order.rail)],
        method="INDA" if is_abroad else "CLRG",
        charges="SHAR" if is_abroad else "SLEV",
    )
