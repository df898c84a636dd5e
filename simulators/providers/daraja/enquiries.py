"""Asking what became of a transaction, and what is in the accounts."""

from typing import Any

from simulators.house import House
from simulators.providers.daraja import clock, family, money, parties, switches, wire
from simulators.providers.daraja.b2b import piped
from simulators.providers.daraja.calls import Call
from simulators.providers.daraja.codes import Declined, invalid
from simulators.providers.daraja.defaults import CHARGES, FLOAT, MERCHANT, SETTLEMENT, TILL, UTILITY, WORKING
from simulators.providers.daraja.family import Outcome
from simulators.providers.daraja.money import Side
from simulators.web import Response

TYPES = ("1", "2", "4")


def status(call: Call) -> Response:
    """`POST /mpesa/transactionstatus/v1/query`."""
    told = call.fields
    told.one_of("CommandID", "TransactionStatusQuery")
    receipt = told.text("TransactionID", most=20, least=0)
    conversation = told.text("OriginalConversationID", most=100, least=0, also="OriginatorConversationID")
    if not receipt and not conversation:
        raise invalid("TransactionID")
    party = told.shortcode("PartyA")
    told.one_of("IdentifierType", *TYPES)
    told.text("Occasion", most=100, least=0, also="Occassion")
    by = family.asked(call)
    return family.accept(call, by, lambda: _found(call, receipt, conversation, party))


def _found(call: Call, receipt: str, conversation: str, party: str) -> Outcome:
    family.require_not_forced(call)
    house = call.house
    row = house.store.row(
        "SELECT * FROM daraja_money WHERE receipt = ?"
        if receipt
        else "SELECT * FROM daraja_money WHERE conversation_id = ?1 OR originator_id = ?1",
        receipt or conversation,
    )
    if row is None or party not in {row["debit_owner"], row["credit_owner"]}:
        raise Declined(switches.value(house, "status_unknown_code"))
    charge = f"Fee For Payment|KES|{wire.shillings(row['charge_cents'])}" if row["charge_cents"] else ""
    return Outcome(
        wire.no_receipt(clock.now(house)),
        {
            "DebitPartyName": _name(house, row["debit_owner"]),
            "CreditPartyName": _name(house, row["credit_owner"]),
            "OriginatorConversationID": row["originator_id"],
            "InitiatedTime": clock.digits(row["started_at"]),
            "DebitAccountType": row["debit_account"],
            "DebitPartyCharges": charge,
            "TransactionReason": None,
            "ReasonType": row["details"],
            "TransactionStatus": row["status"],
            "FinalisedTime": clock.digits(row["done_at"]),
            "Amount": wire.shillings(row["cents"]),
            "ConversationID": row["conversation_id"],
            "ReceiptNo": row["receipt"],
        },
    )


def _name(house: House, owner: str) -> str:
    if parties.MSISDN.fullmatch(owner):
        return parties.subscriber(house, owner).shown
    found = parties.organisation(house, owner)
    return found.shown if found else owner


def balance(call: Call) -> Response:
    """`POST /mpesa/accountbalance/v1/query`."""
    told = call.fields
    told.one_of("CommandID", "AccountBalance")
    party = told.shortcode("PartyA")
    told.one_of("IdentifierType", *TYPES)
    by = family.asked(call)
    return family.accept(call, by, lambda: _balances(call, party), in_text=True)


def _balances(call: Call, party: str) -> Outcome:
    family.require_not_forced(call)
    house = call.house
    found = parties.organisation(house, party)
    if found is None:
        raise Declined("11")
    if not found.may("balance"):
        raise Declined("2028")
    at = clock.now(house)
    shown: dict[str, Any] = {
        "AccountBalance": "&".join(
            piped(name, money.balance(house, Side(party, name))) for name in accounts(found.kind)
        ),
        "BOCompletedTime": int(clock.digits(at)),
    }
    return Outcome(wire.no_receipt(at), shown)


def accounts(kind: str) -> tuple[str, ...]:
    """The accounts of a paybill or of a till."""
    own = (MERCHANT,) if kind == TILL else ()
    return (WORKING, FLOAT, UTILITY, *own, CHARGES, SETTLEMENT)
