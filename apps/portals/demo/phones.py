"""Phones in the demo: billers that staff wrote down, airtime that was bought, and one customer who banks by USSD."""

from datetime import datetime, timedelta

from apps.accounts.models import TransactionType
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.mpesa import rules
from apps.mpesa.models import BalanceQuestion
from apps.mpesa.operations import balance
from apps.payments import operations as payments
from apps.payments.models import AirtimeOrder, AirtimeStatus, Payment
from apps.payments.operations.confirm import bound_to
from apps.portals.demo.story import code_in
from apps.portals.demo.year import Household
from apps.users import operations as people
from apps.users.models import StepUpChallenge, User
from apps.users.operations.ussd import SET_PIN, subject_of

USSD_PIN = "4826"
# Made up, as their paybills are: they exist at the simulated M-Pesa only when somebody pays them.
BILLERS = [
    {
        "code": "maji-kisumu",
        "name": "Maji Kisumu",
        "category": "WATER",
        "paybill": "400111",
        "account_label": "Account number",
        "account_label_sw": "Namba ya akaunti",
        "account_pattern": "W-?[0-9]{4,6}",
        "example": "W-1201",
    },
    {
        "code": "lakeside-academy",
        "name": "Lakeside Academy",
        "category": "SCHOOL",
        "paybill": "400222",
        "account_label": "Admission number",
        "account_label_sw": "Namba ya mwanafunzi",
        "account_pattern": "[0-9]{3,5}/[0-9]{2}",
        "example": "1204/26",
    },
]


def tell_of_phones(households: list[Household], *, maker: User, checker: User, end: datetime) -> None:
    """Staff write two billers down with four eyes; six people buy airtime; Achieng sets her USSD PIN."""
    for facts in BILLERS:
        asked = payments.ask_biller_change(
            code=facts["code"],
            facts={"least_minor": 100_00, "most_minor": 250_000_00, "is_active": True, **facts},
            valid_from=local_date(end),
            reason="Asked for by customers",
            by=maker,
            at=end,
        )
        approvals.approve(approval=asked, by=checker, at=end)
    _fill_float(end - timedelta(days=20))
    for nth, household in enumerate(households[:6]):
        _buy(household, (50, 100, 20, 250, 100, 500)[nth], nth, at=end - timedelta(days=nth, hours=3))
    _leave_in_doubt(households[6:], end)
    _tell_balances(maker, end)
    _set_pin(households[0].account.owner, end)


def _fill_float(at: datetime) -> None:
    """The bank pays Africa's Talking ahead."""
    amount = Money.of("20000", "KES")
    ledger.post(
        reference="demo/airtime-float",
        kind="AIRTIME_FLOAT",
        narrative="Paid ahead for airtime",
        legs=[
            ledger.debit(ledger.gl("airtime:payable", "KES"), amount),
            ledger.credit(ledger.gl("bank:settlement", "KES"), amount),
        ],
        at=at,
    )


def _buy(household: Household, shillings: int, nth: int, *, at: datetime, is_lost: bool = False) -> None:
    owner, amount = household.account.owner, Money(shillings * 100, "KES")
    if household.left < amount.minor + 200_00:
        return
    asked = {"phone": str(owner.phone)}
    payment = payments.start_by_rail(
        payer=owner,
        from_account=household.account,
        rail="airtime",
        kind=TransactionType.AIRTIME,
        destination=payments.find_destination(
            rail="airtime", kind=TransactionType.AIRTIME, asked=asked, amount=amount, at=at
        ),
        amount=amount,
        key=f"demo-airtime-{nth}",
        at=at,
    )
    proof = people.challenge(user=owner, at=at, method=StepUpChallenge.Method.SMS, **bound_to(payment))
    people.answer(challenge_id=proof.pk, user=owner, answer=code_in(f"users/step-up/{proof.pk}"), at=at)
    payment = payments.confirm(payment=payment, challenge_id=proof.pk, by=owner, at=at)
    if payment.status != "PENDING":
        return
    household.left -= amount.minor
    if is_lost:
        AirtimeOrder.objects.create(
            payment=payment, network=payment.destination["network"], status=AirtimeStatus.SENDING, sent_at=at
        )
        Payment.objects.filter(pk=payment.pk).update(sent_at=at)
        payments.doubt(payment=payment, at=at)
        return
    # As the network answered at the time: a year told in seconds asks no provider.
    AirtimeOrder.objects.create(
        payment=payment,
        network=payment.destination["network"],
        request_id=f"ATQid_demo{nth:04d}",
        status=AirtimeStatus.DELIVERED,
        sent_at=at,
        ended_at=at,
    )
    payment.sent_at = at
    payment.save(update_fields=["sent_at"])
    payments.settle(payment=payment, provider_reference=f"ATQid_demo{nth:04d}", at=at + timedelta(seconds=9))


def _leave_in_doubt(households: list[Household], end: datetime) -> None:
    """One order whose answer was lost waits for two people at the desk."""
    buyer = next((one for one in households if one.left >= 300_00 and one.account.status == "ACTIVE"), None)
    if buyer is not None:
        _buy(buyer, 30, 99, at=end - timedelta(minutes=45), is_lost=True)


def _tell_balances(by: User, end: datetime) -> None:
    """What our accounts at M-Pesa held an hour ago, as it would have answered."""
    ours = books.balance(ledger.gl("mpesa:settlement", "KES").id).posted
    asked = BalanceQuestion.objects.create(
        shortcode="174379", asked_by=by, asked_at=end - timedelta(hours=1), ours_minor=ours.minor
    )
    accounts = {"Utility Account": ours.amount, "Working Account": 0, "Charges Paid Account": 0}
    said = "&".join(f"{name}|KES|{held:.2f}|{held:.2f}|0.00|0.00" for name, held in accounts.items())
    told = rules.Outcome(code=rules.PAID, text="", facts={"AccountBalance": said})
    balance.answer_balance(asked, told, end - timedelta(minutes=59))


def _set_pin(user: User, at: datetime) -> None:
    asked = people.challenge(user=user, operation=SET_PIN, subject=subject_of(user), at=at, method="SMS")
    people.answer(challenge_id=asked.pk, user=user, answer=code_in(f"users/step-up/{asked.pk}"), at=at)
    people.set_ussd_pin(user=user, pin=USSD_PIN, challenge_id=asked.pk, at=at)
