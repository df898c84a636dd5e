"""B2C and Pochi: from a business to a wallet."""

from simulators.providers.daraja import clock, family, money, parties, switches, tariffs, texts, wire
from simulators.providers.daraja.calls import Call
from simulators.providers.daraja.codes import Declined
from simulators.providers.daraja.defaults import CHARGES, UTILITY, WORKING
from simulators.providers.daraja.family import Asked, Outcome
from simulators.providers.daraja.money import Move, Side
from simulators.web import Response

KINDS = {
    "SalaryPayment": "Salary Payment",
    "BusinessPayment": "Business Payment",
    "PromotionPayment": "Promotion Payment",
}
POCHI = {"BusinessPayToPochi": "Pochi Payment"}
LEAST = 10_00
_REFUSES = {"FROZEN": "2006", "UNREGISTERED": "2040", "UNKNOWN": "SFC_IC0003"}


def pay(call: Call) -> Response:
    """`POST /mpesa/b2c/v1|v3/paymentrequest`, `POST /mpesa/b2pochi/v1/paymentrequest`."""
    told = call.fields
    own_id = told.text("OriginatorConversationID", most=100) if call.version == "v3" else ""
    by = family.asked(call, initiator="InitiatorName", own_id=own_id)
    kinds = POCHI if call.product == "pochi" else KINDS
    kind = told.one_of("CommandID", *kinds)
    shortcode, msisdn, cents = told.shortcode("PartyA"), told.msisdn("PartyB"), told.cents("Amount")
    told.text("Occassion", most=100, least=0, also="Occasion")
    return family.accept(call, by, lambda: _paid(call, by, shortcode, msisdn, cents, kinds[kind]))


def _paid(call: Call, by: Asked, shortcode: str, msisdn: str, cents: int, kind: str) -> Outcome:
    house = call.house
    who = parties.subscriber(house, msisdn)
    sender = parties.organisation(house, shortcode)
    if sender is None:
        raise Declined("11")

    def check() -> None:
        if not sender.is_active:
            raise Declined("11")
        if not sender.may(call.product):
            raise Declined("2028")
        if who.state in _REFUSES:
            raise Declined(_REFUSES[who.state])
        money.check_limits(house, payer=shortcode, receiver=msisdn, cents=cents, least=LEAST, most=None)

    what = Move(
        product=call.product,
        details=f"{kind} to {who.shown}",
        debit=Side(shortcode, UTILITY),
        credit=who.wallet,
        cents=cents,
        charge=tariffs.b2c(cents) if switches.is_on(house, "charges") else 0,
        remarks=by.remarks,
        conversation_id=by.conversation_id,
        originator_id=by.originator_id,
    )
    receipt = family.moved(call, what, check)
    texts.received(house, who, sender, cents, receipt)
    left = {name: wire.number(money.balance(house, Side(shortcode, name))) for name in (UTILITY, WORKING, CHARGES)}
    return Outcome(
        receipt,
        {
            "TransactionAmount": wire.plain(cents),
            "TransactionReceipt": receipt,
            "B2CRecipientIsRegisteredCustomer": "Y",
            "B2CChargesPaidAccountAvailableFunds": left[CHARGES],
            "ReceiverPartyPublicName": who.shown,
            "TransactionCompletedDateTime": clock.dotted(clock.now(house)),
            "B2CUtilityAccountAvailableFunds": left[UTILITY],
            "B2CWorkingAccountAvailableFunds": left[WORKING],
        },
    )
