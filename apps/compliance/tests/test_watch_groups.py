"""Money through a group of savers: seen when one takes what others brought, not when people save as people do."""

from datetime import timedelta

import pytest

from apps.accounts.testing import give, make_account
from apps.chamas.operations import start_round
from apps.chamas.testing import decide, make_group, member_of, members_of, open_next, pay_all
from apps.compliance import wording
from apps.compliance.detectors import seen
from apps.compliance.models import Case, SuspiciousActivityAlert
from apps.compliance.operations import sweep_day
from apps.compliance.policies import is_involved
from apps.compliance.rules import first_parameters
from apps.kernel.clock import day_start, local_date, now
from apps.ledger.testing import assert_books_balance
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
SHARES = {"kind": "SHARES", "name": "Plot LR 4711", "units": "1", "custodian": "Ardhi", "custody_reference": "LR 4711"}


@pytest.fixture
def group():
    """Five people who save KES 40,000 each in a cycle."""
    return make_group(members=5, verified=True, savings_minor=4_000_000, welfare_minor=0, welfare_claims={})


def make_seller():
    return make_account(make_customer(kyc_tier="TIER_2"), balance="0")


def sights(since, **changes):
    return seen(
        "CHAMA_THROUGH", first_parameters("CHAMA_THROUGH") | changes, since=since, until=since + timedelta(days=1)
    )


def sold_to(group, seller, minor, at):
    decide("BUY_INVESTMENT", group, SHARES | {"account": seller.number, "minor": minor}, at=at, key=f"buy/{at}")


def test_sees_a_stranger_take_what_members_brought(group):
    seller = make_seller()
    cycle = open_next(group)
    pay_all(cycle)
    at = cycle.opened_at + timedelta(days=2)
    sold_to(group, seller, 19_000_000, at)
    (one,) = sights(day_start(local_date(at)))
    assert (one.subject_id, one.amount_minor, one.actual) == (seller.owner_id, 19_000_000, 950)
    assert (one.facts["payers"], one.facts["came"], one.facts["own"], one.usual) == (5, 20_000_000, 0, 0)
    assert len(one.lines) == 6  # five who paid in and one who took
    assert sights(day_start(local_date(at)) + timedelta(days=1)) == []
    assert sights(day_start(local_date(at)), least_minor=19_000_001) == []
    assert_books_balance()


def test_leaves_a_group_alone_that_lives_like_this(group):
    for one in members_of(group):
        give(one.account, "160000")
    for _month in range(4):
        cycle = open_next(group)
        pay_all(cycle)
    at = cycle.opened_at + timedelta(days=2)
    sold_to(group, make_seller(), 19_000_000, at)
    since = day_start(local_date(at))
    assert sights(since) == []
    assert [one.usual for one in sights(since, times_usual="0.5")] == [20_000_000]  # 600,000 in the 90 days before


def test_leaves_alone_who_takes_their_own(group):
    cycle = open_next(group)
    pay_all(cycle)
    member = member_of(group, "MEMBER")
    at = cycle.opened_at + timedelta(days=2)
    decide("WITHDRAW_SAVINGS", group, {"member": member.pk, "minor": 3_900_000}, at=at)
    since = day_start(local_date(at))
    assert sights(since, least_minor=100_000, share="0.1") == []
    assert len(sights(since, least_minor=100_000, share="0.1", times_own="0.5")) == 1


def test_leaves_turns_of_a_merry_go_round_alone():
    rules = {"savings_minor": 0, "welfare_minor": 0, "welfare_claims": {}, "rotation_minor": 2_400_000}
    group = make_group(members=3, verified=True, rotation="FIXED", **rules)
    turns = start_round(group=group, by=group.created_by, at=now()).turns.order_by("position")
    cycle = open_next(group)
    pay_all(cycle)
    at = cycle.opened_at + timedelta(days=2)
    decide("PAY_TURN", group, {"turn": turns[0].pk, "partial": False}, at=at)
    assert sights(day_start(local_date(at)), least_minor=100_000, times_own="1") == []


def test_opens_a_case_that_says_so_and_members_keep_away(group):
    seller = make_seller()
    cycle = open_next(group)
    pay_all(cycle)
    at = cycle.opened_at + timedelta(days=2)
    sold_to(group, seller, 19_000_000, at)
    sweep_day(day=local_date(at), at=at + timedelta(days=1))
    case = Case.objects.get(subject=seller.owner)
    alert = SuspiciousActivityAlert.objects.get(case=case, code="CHAMA_THROUGH")
    assert wording.sentence(alert).replace("\xa0", " ") == (
        "KES 190,000.00 taken out of Umoja Women, 95% of what others paid in within 14 days"
    )
    assert "Usual for this group: KES 0.00 a month in." in wording.measure(alert).replace("\xa0", " ")
    paid_in, stranger = member_of(group, "TREASURER").user, make_staff("COMPLIANCE_OFFICER")
    assert is_involved(paid_in, case)
    assert not is_involved(stranger, case)
