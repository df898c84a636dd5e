"""What people do one at a time in the demo: join, pay in cash, send money to each other, freeze, ask."""

from datetime import datetime, timedelta
from random import Random

from apps.accounts import operations as accounts
from apps.accounts.models import Account, Till
from apps.fraud.errors import PaymentBlocked
from apps.kernel import approvals
from apps.kernel.money import Money
from apps.kernel.written import Written
from apps.kyc import operations as kyc
from apps.notifications.models import Message
from apps.payments import operations as payments
from apps.payments.operations.confirm import bound_to
from apps.portals.demo.people import EMPLOYERS, LANDLORDS, Someone
from apps.portals.demo.year import Household
from apps.users import operations as people
from apps.users.models import OtpChallenge, StepUpChallenge, User
from apps.users.queries import system_user

JOIN = OtpChallenge.Purpose.JOIN


def join(who: Someone, *, password: str, at: datetime) -> Household:
    """A person joins by the front door: code, details, password; two accounts wait for them."""
    sent = people.send_code(purpose=JOIN, address=who.phone, at=at)
    proof = people.check_code(challenge_id=sent.pk, code=code_in(f"users/code/{sent.pk}"), purpose=JOIN, at=at)
    user = people.register(
        phone_proof=proof.pk,
        full_name=who.full_name,
        id_number=who.id_number,
        email=who.email,
        password=password,
        language=who.language,
        at=at,
    )
    opened = {
        account.account_type: account for account in accounts.open_first_accounts(owner=user, by=system_user(), at=at)
    }
    have = opened or {
        account.account_type: account for account in Account.objects.filter(owner=user).select_related("product")
    }
    return Household(who=who, account=have["TRANSACTION"], savings=have["SAVINGS"], joined_at=at)


_SAID = Written(lambda key: Message.objects.filter(key=key), key="-")


def code_in(key: str) -> str:
    """The code in the SMS of that key."""
    body = str(_SAID.rows(key=key)[0].body)
    return next(
        word.strip(".:,") for word in body.split() if word.strip(".:,").isdigit() and len(word.strip(".:,")) == 6
    )


def found_firms(*, password: str, officer: User, second: User, at: datetime) -> dict[str, Account]:
    """Employers and landlords bank here too, on the highest tier."""
    firms = {}
    for nth, name in enumerate([*EMPLOYERS, *LANDLORDS]):
        who = Someone(name, f"+254733{nth:06d}", str(51_000_000 + nth), "", "en", 0, 0, 0)
        household = join(who, password=password, at=at)
        asked = kyc.ask_tier(
            person=household.account.owner, tier="TIER_3", reason="Registration papers checked", by=officer, at=at
        )
        if asked:
            approvals.approve(approval=asked, by=second, at=at)
        firms[name] = household.account
    return firms


def prove_who_they_are(household: Household, *, officer: User, second: User, at: datetime) -> None:
    """Those who earn more bring their papers to a branch, and may then hold and send more."""
    owner = household.account.owner
    asked = kyc.ask_tier(person=owner, tier="TIER_2", reason="ID and KRA PIN seen at the branch", by=officer, at=at)
    if asked:
        approvals.approve(approval=asked, by=second, at=at)


def pay_in_cash(household: Household, shillings: int, *, teller: User, at: datetime, key: str) -> None:
    """Cash over the counter."""
    amount = Money(shillings * 100, "KES")
    accounts.deposit_cash(
        account=household.account, amount=amount, by_name=household.who.full_name, key=key, by=teller, at=at
    )
    household.left += amount.minor


def send(payer: Household, payee: Household, shillings: int, *, note: str, at: datetime, key: str) -> None:
    """One person pays another: named, proven by the code that came by SMS, done."""
    amount = Money(shillings * 100, "KES")
    payment = payments.start(
        payer=payer.account.owner,
        from_account=payer.account,
        to=payee.who.phone,
        amount=amount,
        note=note,
        key=key,
        at=at,
    )
    asked = people.challenge(user=payment.payer, at=at, method=StepUpChallenge.Method.SMS, **bound_to(payment))
    people.answer(challenge_id=asked.pk, user=payment.payer, answer=code_in(f"users/step-up/{asked.pk}"), at=at)
    payment = payments.confirm(payment=payment, challenge_id=asked.pk, by=payment.payer, at=at)
    if payment.held_until:
        payments.let_go_on(payment=payment, at=payment.held_until)
    payer.left -= amount.minor
    payee.left += amount.minor


def send_around(households: list[Household], *, end: datetime, times: int, dice: Random) -> int:
    """People pay each other through the last six weeks, Achieng often among them. Returns how many paid."""
    notes = [
        "Lunch",
        "Chama",
        "School fees",
        "Nauli",
        "Thank you",
        "Mboga",
        "Rent share",
        "Harambee",
        "Asante sana",
        "",
    ]
    moments = sorted(end - timedelta(minutes=dice.randrange(30, 42 * 24 * 60)) for _nth in range(times))
    made = 0
    for nth, at in enumerate(moments):
        payer, payee = dice.sample(households, 2)
        if nth % 8 == 0:
            payer, payee = (households[0], payee) if nth % 16 and payee is not households[0] else (payer, households[0])
        shillings = dice.choice([50, 120, 200, 350, 500, 800, 1000, 1500, 2000])
        if payer is payee or payer.left < shillings * 100 + 500_00:
            continue
        try:
            send(payer, payee, shillings, note=dice.choice(notes), at=at, key=f"demo-send-{nth}")
        except PaymentBlocked:  # the screen finds some of these hours and people odd, as it would any day
            continue
        made += 1
    return made


def leave_work_waiting(firms: dict[str, Account], *, teller: User, at: datetime) -> None:
    """Two requests that wait for a second person: cash over the threshold, and cash from the vault."""
    firm = firms[EMPLOYERS[0]]
    accounts.deposit_cash(
        account=firm,
        amount=Money.of("245000", "KES"),
        by_name="Collins Were",
        note="Takings of the week",
        key="demo-large-cash",
        by=teller,
        at=at,
    )
    till = Till.objects.get(teller=teller)
    accounts.fund_till(till=till, amount=Money.of("300000", "KES"), reason="Market day tomorrow", by=teller, at=at)
