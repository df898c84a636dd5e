"""B2B: from a business to another, to its own other account, to the tax office."""

from dataclasses import dataclass

from simulators.providers.daraja import clock, family, money, parties, wire
from simulators.providers.daraja.calls import Call
from simulators.providers.daraja.codes import Declined, invalid
from simulators.providers.daraja.defaults import MERCHANT, TAX_OFFICE, TILL, UTILITY, WORKING
from simulators.providers.daraja.family import Asked, Outcome
from simulators.providers.daraja.money import Move, Side
from simulators.web import Response

TYPES = ("2", "4")


@dataclass(frozen=True)
class Way:
    """From which account to which."""

    shown: str
    debit: str
    credit: str
    is_own: bool = False  # between accounts of one business


WAYS = {
    "BusinessPayBill": Way("Pay Bill", WORKING, UTILITY),
    "BusinessBuyGoods": Way("Buy Goods", WORKING, MERCHANT),
    "BusinessPayToBulk": Way("Pay to Bulk", WORKING, UTILITY),
    "BusinessTransferFromMMFToUtility": Way("Transfer from MMF to Utility", WORKING, UTILITY, is_own=True),
    "BusinessTransferFromUtilityToMMF": Way("Transfer from Utility to MMF", UTILITY, WORKING, is_own=True),
}
TAX = Way("Tax Payment", WORKING, UTILITY)


def pay(call: Call) -> Response:
    """`POST /mpesa/b2b/v1/paymentrequest`."""
    kind = call.fields.one_of("CommandID", *WAYS)
    way = WAYS[kind]
    return _take(call, way, needs_reference=kind == "BusinessPayBill")


def remit_tax(call: Call) -> Response:
    """`POST /mpesa/b2b/v1/remittax`."""
    call.fields.one_of("CommandID", "PayTaxToKRA")
    if call.fields.text("PartyB") != TAX_OFFICE:
        raise invalid("PartyB")
    return _take(call, TAX, needs_reference=True)


def _take(call: Call, way: Way, *, needs_reference: bool) -> Response:
    told = call.fields
    told.one_of("SenderIdentifierType", *TYPES)
    told.one_of("RecieverIdentifierType", *TYPES, also="ReceiverIdentifierType")
    cents, payer, receiver = told.cents("Amount"), told.shortcode("PartyA"), told.shortcode("PartyB")
    reference = told.text("AccountReference", most=40 if way is TAX else 13, least=int(needs_reference))
    if told.text("Requester", least=0):
        told.msisdn("Requester")
    told.text("Occassion", most=100, least=0, also="Occasion")
    by = family.asked(call)
    return family.accept(
        call,
        by,
        lambda: _paid(call, by, way, payer, receiver, cents, reference),
        in_text=True,
        failure=lambda: {"Key": "BOCompletedTime", "Value": int(clock.digits(clock.now(call.house)))},
    )


def _paid(call: Call, by: Asked, way: Way, payer: str, receiver: str, cents: int, reference: str) -> Outcome:
    house = call.house
    sender, other = parties.organisation(house, payer), parties.organisation(house, receiver)
    if sender is None:
        raise Declined("11")
    if other is None:
        raise Declined("SFC_IC0003")

    def check() -> None:
        if not sender.is_active:
            raise Declined("11")
        wrong_party = way.is_own != (payer == receiver) or (way.credit == MERCHANT) != (other.kind == TILL)
        if not sender.may(call.product) or not other.is_active or wrong_party:
            raise Declined("2028")
        money.check_limits(house, payer=payer, receiver=receiver, cents=cents, least=1_00, most=other.most_cents)

    debit, credit = Side(payer, way.debit), Side(receiver, way.credit)
    receipt = family.moved(
        call,
        Move(
            product=call.product,
            details=f"{way.shown} to {other.shown}",
            debit=debit,
            credit=credit,
            cents=cents,
            reference=reference,
            remarks=by.remarks,
            conversation_id=by.conversation_id,
            originator_id=by.originator_id,
        ),
        check,
    )
    left = money.balance(house, debit)
    odd = f"{{Amount={{CurrencyCode=KES, MinimumAmount={left}, BasicAmount={wire.shillings(left)}}}}}"
    return Outcome(
        receipt,
        {
            "DebitAccountBalance": odd,
            "Amount": wire.shillings(cents),
            "DebitPartyAffectedAccountBalance": piped(debit.account, left),
            "TransCompletedTime": clock.digits(clock.now(house)),
            "DebitPartyCharges": "",
            "ReceiverPartyPublicName": other.shown,
            "Currency": "KES",
            "InitiatorAccountCurrentBalance": odd,
        },
        [
            {"Key": "BillReferenceNumber", "Value": reference},
            {"Key": "QueueTimeoutURL", "Value": by.timeout_url},
        ],
    )


def piped(name: str, cents: int) -> str:
    """`Working Account|KES|current|available|reserved|uncleared`."""
    return f"{name}|KES|{wire.shillings(cents)}|{wire.shillings(cents)}|0.00|0.00"
