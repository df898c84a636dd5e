"""C2B: registering addresses, and paying as a customer would (sandbox)."""

import json
import re

from simulators.house import House
from simulators.providers.daraja import clock, parties, paying, plans, switches, wire
from simulators.providers.daraja.calls import Call
from simulators.providers.daraja.codes import ACCEPTED, Declined, Refused, invalid
from simulators.providers.daraja.defaults import TILL
from simulators.web import Response

KINDS = ("CustomerPayBillOnline", "CustomerBuyGoodsOnline")


def register(call: Call) -> Response:
    """`POST /mpesa/c2b/v1|v2/registerurl`."""
    told = call.fields
    shortcode = told.shortcode("ShortCode")
    columns = {
        "response_type": told.one_of("ResponseType", "Completed", "Cancelled"),
        "confirmation_url": told.url("ConfirmationURL"),
        "validation_url": told.url("ValidationURL"),
        "c2b_version": call.version,
    }
    found = parties.organisation(call.house, shortcode)
    if found is None:
        raise invalid("ShortCode")
    if found.confirmation_url and not switches.is_on(call.house, "c2b_reregister"):
        raise Refused(500, "500.003.1001", "Urls are already registered")
    parties.set_organisation(call.house, shortcode, columns)
    return wire.answer(
        {"OriginatorCoversationID": wire.proxy_id(), "ResponseCode": "0", "ResponseDescription": "Success"}
    )


def simulate(call: Call) -> Response:
    """`POST /mpesa/c2b/v1|v2/simulate`: accepted now, paid soon after."""
    told = call.fields
    shortcode, kind = told.shortcode("ShortCode"), told.one_of("CommandID", *KINDS)
    cents = told.cents("Amount")
    msisdn = told.text("Msisdn")
    if not re.fullmatch(r"254[17]\d{8}", msisdn):
        raise invalid("Msisdn")
    found = parties.organisation(call.house, shortcode)
    if found is None or (found.kind == TILL) != (kind == KINDS[1]):
        raise invalid("ShortCode")
    reference = told.text("BillRefNumber", most=20, least=0 if found.kind == TILL else 1)
    call.house.store.add(
        "daraja_job",
        due_at=clock.now(call.house),
        kind="c2b",
        told=json.dumps([msisdn, shortcode, cents, reference]),
    )
    return wire.answer(
        {"OriginatorCoversationID": wire.proxy_id(), "ResponseCode": "0", "ResponseDescription": ACCEPTED}
    )


def work(house: House) -> None:
    """Pay what was simulated. A job is taken away first: it is done once at most."""
    for job in house.store.rows(
        "SELECT * FROM daraja_job WHERE kind = 'c2b' AND due_at <= ? ORDER BY id LIMIT 50", clock.now(house)
    ):
        if house.store.change("DELETE FROM daraja_job WHERE id = ?", job["id"]) == 1:
            msisdn, shortcode, cents, reference = json.loads(job["told"])
            try:
                pay(house, msisdn, shortcode, cents, reference)
            except Declined:
                continue  # the caller was told that it was accepted, and hears no more


def pay(house: House, msisdn: str, shortcode: str, cents: int, reference: str) -> str:
    """A customer pays; the receipt. Raises Declined."""
    receiver = parties.organisation(house, shortcode)
    if receiver is None:
        raise Declined("SFC_IC0003")
    plan = plans.plan_for(house, "c2b", phone=msisdn, shortcode=shortcode, amount=str(cents))
    return paying.customer_pays(house, parties.subscriber(house, msisdn), receiver, cents, reference, plan)
