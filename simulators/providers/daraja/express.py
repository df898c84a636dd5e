"""B2B Express: asking a merchant's till operator to pay our paybill."""

from typing import Any

from simulators.providers.daraja import clock, money, parties, results, wire
from simulators.providers.daraja.calls import Call
from simulators.providers.daraja.codes import DONE, Declined, invalid, text
from simulators.providers.daraja.money import Move
from simulators.web import Response

CANCELLED = "4001"


def push(call: Call) -> Response:
    """`POST /v1/ussdpush/get-msisdn`: the operator agrees, unless the plan says CANCEL or IGNORE."""
    told = call.fields
    payer = parties.organisation(call.house, told.shortcode("primaryShortCode"))
    receiver = parties.organisation(call.house, told.shortcode("receiverShortCode"))
    cents, reference = told.cents("amount"), told.text("paymentRef", most=60)
    url, request_id = told.url("callbackUrl"), told.text("RequestRefID", most=100)
    told.text("partnerName", most=100)
    if payer is None or receiver is None:
        raise invalid("primaryShortCode" if payer is None else "receiverShortCode")
    shown = f"{wire.shillings(cents)[:-3]}.0"
    conversation = wire.conversation_id(clock.now(call.house))
    with call.house.store.write():
        try:
            receipt = _paid(call, payer, receiver, cents, reference, conversation, request_id)
        except Declined as no:
            body: dict[str, Any] = {
                "resultCode": no.code,
                "resultDesc": text(no.code),
                "requestId": request_id,
                "amount": shown,
                "paymentReference": reference,
            }
        else:
            body = {
                "resultCode": DONE,
                "resultDesc": text(DONE),
                "amount": shown,
                "requestId": request_id,
                "resultType": "0",
                "conversationID": conversation,
                "transactionId": receipt,
                "status": "SUCCESS",
            }
        call.later(results.post(call.house, call.plan, url, body))
    return wire.answer({"code": "0", "status": "USSD Initiated Successfully"})


def _paid(
    call: Call,
    payer: parties.Organisation,
    receiver: parties.Organisation,
    cents: int,
    reference: str,
    conversation: str,
    request_id: str,
) -> str:
    forced = str(call.plan.get("result_code") or DONE)
    if forced != DONE or call.plan.get("answer") in {"CANCEL", "IGNORE"}:
        raise Declined(forced if forced != DONE else CANCELLED)
    if not payer.is_active:
        raise Declined("11")
    if not payer.may("express") or payer.shortcode == receiver.shortcode:
        raise Declined("2028")
    return money.move(
        call.house,
        Move(
            product="express",
            details=f"Merchant Payment from {payer.shown} to {receiver.shown}",
            debit=payer.works_from,
            credit=receiver.takes_in,
            cents=cents,
            reference=reference,
            conversation_id=conversation,
            originator_id=request_id,
        ),
    )
