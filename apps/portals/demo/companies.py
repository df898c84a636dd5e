"""Businesses in the demo: a company that two officers know, with an account that two sign for, which pays its rent by
itself; another that waits.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.test.utils import override_settings

from apps.accounts import operations as accounts
from apps.accounts.models import Account, Product
from apps.accounts.signing import ALL, ANY, Band
from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.kyc.models import BusinessPerson, VerificationWorkflow
from apps.kyc.operations import business as kyc
from apps.kyc.operations import papers
from apps.kyc.operations.business import Person
from apps.kyc.operations.papers import Paper
from apps.kyc.rules import needs
from apps.ledger import operations as ledger
from apps.payments import operations as payments
from apps.payments.schedule import Schedule
from apps.portals.demo.papers import drawn
from apps.portals.demo.plans import live
from apps.portals.demo.story import code_in
from apps.portals.demo.year import Household
from apps.users import operations as people
from apps.users.models import BusinessMember, BusinessProfile, User

PINS = ("P051234567X", "P052345678Y")
RECEIPTS = Money.of("640000", "KES")
ALONE = Money.of("20000", "KES")
RENT = Money.of("45000", "KES")


def found_businesses(households: Sequence[Household], *, officer: User, second: User, end: datetime) -> int:
    """Two companies of customers on the second tier. Returns how many payments wait for a signature."""
    ids = [each.account.owner_id for each in households]
    one, other, third = User.objects.filter(pk__in=ids, kyc_tier="TIER_2", status="ACTIVE").order_by("pk")[:3]
    start = end - timedelta(days=40)
    firm = _registered("Ziwa Fresh Fish Ltd", "PVT-ZIWA26KE", [one, other], at=start)
    workflow = _handed_in(firm, PINS[0], [6_000, 4_000], at=start)
    with override_settings(BRS_KEY=""):  # the registrar is not asked inside the demo's one transaction
        papers.check_papers(workflow_id=workflow.pk, at=start)
    papers.claim(workflow=workflow, by=officer, at=start)
    reason = "CR12 compared with the one of the registrar"
    asked = papers.approve(workflow=workflow, by=officer, at=start, compared=True, reason=reason)
    if asked:
        approvals.approve(approval=asked, by=second, at=start + timedelta(hours=1))
    _banks_here(firm, other, households[5].account, end=end)
    waits = _registered("Mlima Transport Ltd", "PVT-MLIMA6KE", [third], at=end - timedelta(days=1))
    stranger = Person(
        is_director=True, is_owner=True, share_bp=4_500, full_name="Baraka Mwangi", born_on=date(1980, 5, 1),
        id_kind="PASSPORT", id_number="AK7654321",
    )  # fmt: skip
    _handed_in(waits, PINS[1], [5_500], at=end - timedelta(hours=3), stranger=stranger)
    return 1


def _registered(name: str, number: str, owners: Sequence[User], *, at: datetime) -> BusinessProfile:
    firm = people.register_business(name=name, registration_number=number, kind="COMPANY", by=owners[0], at=at)
    for owner in owners[1:]:
        asked = people.invite_member(business=firm, phone=str(owner.phone), role="OWNER", by=owners[0], at=at)
        people.accept_invitation(invitation=asked, by=owner, at=at)
    return firm


def _handed_in(
    firm: BusinessProfile, pin: str, shares: Sequence[int], *, at: datetime, stranger: Person | None = None
) -> VerificationWorkflow:
    """Its owners named by their shares in basis points, its papers drawn, all of it handed in."""
    by = firm.created_by
    kyc.start(business=firm, by=by, at=at)
    members = BusinessMember.objects.filter(business=firm, left_at=None).order_by("pk")
    for member, share in zip(members, shares, strict=True):
        person = Person(is_director=True, is_owner=True, share_bp=share, member=member.pk)
        kyc.name_person(business=firm, person=person, by=by, at=at)
    if stranger is not None:
        row = kyc.name_person(business=firm, person=stranger, by=by, at=at)
        valid = Paper("PASSPORT", "PAGE", stranger.id_number, stranger.born_on, date(at.year + 4, 1, 1))
        _bring(firm, valid, ["PASSPORT", stranger.full_name, stranger.id_number], at, person=row)
    numbers = {"BUSINESS_REGISTRATION": firm.registration_number, "TAX_PIN": pin}
    for kind in needs.OF_BUSINESS[firm.kind]:
        number = numbers.get(kind, "")
        _bring(firm, Paper(kind, "PAGE", number), [kind.replace("_", " "), firm.name, number], at)
    return kyc.hand_in(business=firm, says_complete=True, by=by, at=at)


def _bring(
    firm: BusinessProfile, paper: Paper, lines: list[str], at: datetime, *, person: BusinessPerson | None = None
) -> None:
    kyc.bring_paper(
        business=firm, paper=paper, raw=drawn(lines, is_face=person is not None), name="p.png", by=firm.created_by,
        at=at, key=f"demo/{firm.pk}/{paper.kind}", person=person,
    )  # fmt: skip


def _banks_here(firm: BusinessProfile, other: User, payee: Account, *, end: datetime) -> None:
    """An account with money, small amounts by one of the two, larger ones by both; one waits for the second."""
    one, at = firm.created_by, end - timedelta(days=30)
    product = Product.objects.get(code="BUSINESS")
    account = accounts.open_business_account(business=firm, product=product, by=one, at=at)
    accounts.post(
        reference="demo/ziwa", kind="DEPOSIT", narrative="Receipts of the firm, from another bank",
        movements=[accounts.into(account, RECEIPTS, "Receipts, Lake Basin Traders")],
        legs=[ledger.debit("bank:settlement", RECEIPTS)], at=at,
    )  # fmt: skip
    bands = [Band(ALONE.minor, ANY), Band(None, ALL)]
    mandate = accounts.propose_mandate(business=firm, signatories=[one.pk, other.pk], bands=bands, by=one, at=at)
    for who in (one, other):
        row = accounts.challenge_mandate(mandate=mandate, by=who, at=at, method="SMS")
        people.answer(challenge_id=row.pk, user=who, answer=code_in(f"users/step-up/{row.pk}"), at=at)
        mandate = accounts.sign_mandate(mandate=mandate, challenge_id=row.pk, by=who, at=at)
    asked = [("9500", "Ice", end - timedelta(days=2)), ("86000", "New nets", end - timedelta(minutes=50))]
    for amount, note, moment in asked:
        joint = payments.ask_joint(
            from_account=account, to=payee.number, amount=Money.of(amount, "KES"), key=f"demo-{note}", by=one,
            at=moment, note=note,
        )  # fmt: skip
        row = payments.challenge_joint(joint=joint, by=one, at=moment, method="SMS")
        people.answer(challenge_id=row.pk, user=one, answer=code_in(f"users/step-up/{row.pk}"), at=moment)
        payments.sign_joint(joint=joint, challenge_id=row.pk, by=one, at=moment)
    _pays_rent(account, payee, (one, other), end=end)


def _pays_rent(account: Account, payee: Account, signatories: Sequence[User], *, end: datetime) -> None:
    """A standing order that both have signed, with the date behind it that it paid."""
    at = end - timedelta(days=25)
    joint = payments.ask_joint_order(
        from_account=account, where=payments.place_here(to=payee.number, owner=account.owner, at=at), amount=RENT,
        schedule=Schedule("MONTHLY", local_date(end) - timedelta(days=20)), note="Rent of the cold store",
        key="demo-rent", by=signatories[0], at=at,
    )  # fmt: skip
    for who in signatories:
        row = payments.challenge_joint_order(joint=joint, by=who, at=at, method="SMS")
        people.answer(challenge_id=row.pk, user=who, answer=code_in(f"users/step-up/{row.pk}"), at=at)
        joint = payments.sign_joint_order(joint=joint, challenge_id=row.pk, by=who, at=at)
    live(joint.order, end)
