"""Other banks in the demo: a few payments to them and from them, as their stand-ins would answer and ask."""

import uuid
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from apps.accounts.models import TransactionType
from apps.kernel.errors import DomainError
from apps.kernel.known import known_as
from apps.kernel.money import Money
from apps.payments import iso20022 as iso
from apps.payments import operations as payments
from apps.payments.models import BankOrder, Channel, OutRail, Payment
from apps.payments.operations import banks
from apps.payments.operations.banks import orders
from apps.payments.operations.banks.receiving import receive_entry
from apps.payments.operations.confirm import bound_to
from apps.payments.rails import Destination
from apps.portals.demo.story import code_in
from apps.portals.demo.year import Household
from apps.users import operations as people
from apps.users.models import StepUpChallenge

TO_BANKS = [
    ("01", "KCBLKENX", "KCB Bank", "01109876543217", "Grace Akinyi Odhiambo", 4_500, OutRail.PESALINK),
    ("68", "EQBLKENA", "Equity Bank", "0180293847561", "Peter Kamau Mwangi", 2_300, OutRail.PESALINK),
    ("16", "CITIKENA", "Citibank", "0987654321", "Amina Hassan Ali", 1_800, OutRail.EFT),
]
SCHOOL = {"name": "Makerere Hall of Residence", "account": "256772123456", "purpose": "EDUC", "town": "Kampala"}


def pay_other_banks(households: list[Household], *, end: datetime) -> int:
    """Two arrived, one waits for its file, one went to Uganda. Returns how many; who cannot pay is left out."""
    made = 0
    for nth, (household, there) in enumerate(zip(households, TO_BANKS, strict=False)):
        made += _tried(lambda h=household, t=there, n=nth: _to_bank(h, t, end - timedelta(hours=30 - n), n))
    return made + _tried(lambda: _abroad(households[0], end))


FROM_BANKS = [  # whose account, what, who, where, words, days ago
    (0, 12_500, "John Kiprono Koech", "KCBLKENX", "Harambee, Achieng's wedding", 9),
    (1, 6_000, "Fatuma Hassan Ali", "EQBLKENA", "School fees", 6),
    (0, 3_200, "Peter Kamau Mwangi", "EQBLKENA", "Rent November", 2),
]


def be_paid_by_other_banks(households: list[Household], *, end: datetime) -> int:
    """Friends elsewhere pay by PesaLink, one asks for it back; a file brings money for an account nobody has."""
    rows = []
    for nth, shillings, payer, bank, words, days in FROM_BANKS:
        account, at = households[nth].account, end - timedelta(days=days)
        told = _told(payer, bank, account.number, Money.of(shillings, "KES"), words)
        rows.append(banks.receive(channel=Channel.PESALINK, told=told, at=at))
    last = rows[-1]
    wish = iso.Wish("KE-2026-00417", last.end_to_end_id, last.uetr, "AC03", "Meant for my landlord", "EQBLKENA")
    banks.hear_wish(channel=Channel.PESALINK, wish=wish, at=end - timedelta(days=1))
    lost = _told("Lakeview Stores Ltd", "CITIKENA", "10000432", Money.of("18400", "KES"), "Invoice 2214")
    receive_entry(channel=Channel.BANK, told=replace(lost, reference="NBK2214"), at=end - timedelta(hours=20))
    return len(rows)


def _told(payer: str, bank: str, account: str, amount: Money, words: str) -> iso.Incoming:
    uetr = uuid.uuid5(uuid.NAMESPACE_URL, f"{payer}/{account}/{amount}")  # the same in every demo
    return iso.Incoming(
        uetr, f"E2E{uetr.hex[:10]}", amount, payer, "0110123456789", bank, account, "", words, "OB-DEMO"
    )


def _tried(act: Any) -> int:
    try:
        act()
    except DomainError:  # the screen, a limit or an empty account: that belongs to a bank's day
        return 0
    return 1


def _to_bank(household: Household, there: tuple[Any, ...], at: datetime, nth: int) -> None:
    code, bic, bank, account, name, shillings, rail = there
    where = {"bank": code, "bic": bic, "account": account, "name": name}
    payment = payments.start_by_rail(
        payer=household.account.owner,
        from_account=household.account,
        rail=rail,
        kind=TransactionType.EXTERNAL_TRANSFER,
        destination=Destination(name, f"{bank} •••{account[-4:]}", known_as(f"bank/{code}/{account}"), where),
        amount=Money.of(shillings, "KES"),
        note="Rent",
        key=f"demo-bank-{nth}",
        at=at,
    )
    household.left -= payment.total.minor
    _carried(payment, rail, Channel.PESALINK if rail == OutRail.PESALINK else Channel.BANK, at)


def _abroad(household: Household, end: datetime) -> None:
    at = end - timedelta(seconds=50)  # the newest rates of the demo are a minute old
    household.account.owner.refresh_from_db()  # their papers were checked since they joined
    found = banks.quote_remittance(
        user=household.account.owner,
        account=household.account,
        country="UG",
        currency="UGX",
        method="WALLET",
        amount=Money.of("3000", "KES"),
        at=at,
    )
    payment = banks.send_abroad(
        payer=household.account.owner, remittance=found, to=SCHOOL, key="demo-abroad", note="Fees", at=at
    )
    household.left -= payment.total.minor
    _carried(payment, OutRail.ABROAD, Channel.ABROAD, at)


def _carried(payment: Payment, rail: OutRail, channel: Channel, at: datetime) -> None:
    """Proven by SMS, set aside, written down for the bank; by PesaLink and abroad it has arrived."""
    asked = people.challenge(user=payment.payer, at=at, method=StepUpChallenge.Method.SMS, **bound_to(payment))
    people.answer(challenge_id=asked.pk, user=payment.payer, answer=code_in(f"users/step-up/{asked.pk}"), at=at)
    payment = payments.confirm(payment=payment, challenge_id=asked.pk, by=payment.payer, at=at)
    if payment.status != "PENDING":
        return
    Payment.objects.filter(pk=payment.pk, sent_at=None).update(sent_at=at)
    if rail == OutRail.EFT:
        orders.wait_for_file(payment=payment, rail=rail, at=at)
        return
    quote = payment.quote
    moved = quote.get if quote else payment.amount
    order = BankOrder.objects.create(
        payment=payment,
        rail=rail,
        channel=channel,
        status="SENT",
        moved_minor=moved.minor,
        currency=moved.currency,
        created_at=at,
    )
    orders.settled(order, their_reference=f"DEMO{payment.reference}", at=at + timedelta(seconds=4))
