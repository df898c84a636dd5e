"""Giving a customer's payment back."""

from simulators.providers.daraja import clock, family, money, parties, texts, wire
from simulators.providers.daraja.b2b import piped
from simulators.providers.daraja.calls import Call
from simulators.providers.daraja.codes import Declined
from simulators.providers.daraja.family import Asked, Outcome
from simulators.providers.daraja.money import Move, Side
from simulators.web import Response


def reverse(call: Call) -> Response:
    """`POST /mpesa/reversal/v1/request`."""
    told = call.fields
    told.one_of("CommandID", "TransactionReversal")
    original, cents = told.text("TransactionID", most=20), told.cents("Amount")
    receiver = told.shortcode("ReceiverParty")
    told.one_of("RecieverIdentifierType", "11", "4", also="ReceiverIdentifierType")
    told.text("Occasion", most=100, least=0, also="Occassion")
    by = family.asked(call)
    return family.accept(call, by, lambda: _reversed(call, by, original, cents, receiver))


def _reversed(call: Call, by: Asked, original: str, cents: int, receiver: str) -> Outcome:
    house = call.house
    row = house.store.row(
        "SELECT * FROM daraja_money WHERE receipt = ? AND credit_owner = ? AND status = 'Completed'"
        " AND product IN ('c2b', 'stk')",
        original,
        receiver,
    )
    if row is None:
        raise Declined("R000002")
    if row["reversed_by"]:
        raise Declined("R000001")
    who, taker = parties.subscriber(house, row["debit_owner"]), parties.organisation(house, receiver)
    if taker is None:
        raise Declined("11")

    def check() -> None:
        if not taker.is_active:
            raise Declined("11")
        if not taker.may("reversal"):
            raise Declined("2028")
        if cents > row["cents"]:
            raise Declined("25")
        if who.state == "FROZEN":
            raise Declined("2006")

    taken = Side(receiver, row["credit_account"])
    receipt = family.moved(
        call,
        Move(
            product="reversal",
            details=f"Reversal of {original}",
            debit=taken,
            credit=who.wallet,
            cents=cents,
            remarks=by.remarks,
            conversation_id=by.conversation_id,
            originator_id=by.originator_id,
            linked_receipt=original,
        ),
        check,
    )
    house.store.change("UPDATE daraja_money SET reversed_by = ? WHERE receipt = ?", receipt, original)
    texts.returned(house, who, cents, receipt, original)
    return Outcome(
        receipt,
        {
            "DebitAccountBalance": piped(taken.account, money.balance(house, taken)),
            "Amount": wire.plain(cents),
            "TransCompletedTime": int(clock.digits(clock.now(house))),
            "OriginalTransactionID": original,
            "Charge": 0,
            "CreditPartyPublicName": who.shown,
            "DebitPartyPublicName": taker.shown,
        },
    )
