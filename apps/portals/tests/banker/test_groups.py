"""Groups at the desk: found by who belongs to them, seen whole beside the books, restricted by two."""

from datetime import timedelta

import pytest

from apps.accounts.testing import balance_of, kes
from apps.chamas import operations
from apps.chamas.errors import GroupRestricted
from apps.chamas.models import ChamaGroup, GroupLoan, Proposal
from apps.chamas.testing import decide, make_group, make_lost_loan, member_of, members_of, open_next, pay_all
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import Conflict, NotAllowed
from apps.kernel.models import Approval
from apps.ledger.testing import assert_books_balance
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter, look
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
ALL = "/workbench/groups/"
PAGE_OF_ONE = 50  # queries of the page of one group, with those of its audit


@pytest.fixture
def group():
    made = make_group(members=5)
    pay_all(open_next(made), but=[member_of(made, "MEMBER")])
    return made


def disputed_minutes(group, by):
    """Of a meeting tomorrow, as if it were over."""
    chair, at = group.created_by, now() + timedelta(days=1)
    meeting = operations.call_meeting(group=group, starts_at=at, place="Here", agenda=["x"], by=chair, at=now())
    operations.hold_meeting(meeting=meeting, presences={}, by=chair, at=at)
    minutes = operations.write_minutes(meeting=meeting, body="All agreed.", by=chair, at=at)
    operations.dispute_minutes(minutes=minutes, text="We said otherwise", by=by, at=at)


@pytest.mark.parametrize("language", ["en", "sw"])
def test_is_found_by_name_member_and_reference_and_shown_whole(group, language):
    member = member_of(group, "MEMBER")
    staff = make_staff("BRANCH_MANAGER")
    desk = enter(staff, kitbank_language=language)
    for text in ("umoja", str(member.user.phone), member.reference, ""):
        page = desk.get(ALL, {"group": text, "status": "ACTIVE", "kind": "SAVINGS"}).content.decode()
        assert (faults_of(page), f"{ALL}{group.slug}/" in page) == ([], True), text
    assert group.slug not in desk.get(ALL, {"group": "nothing like it"}).content.decode()
    disputed_minutes(group, member.user)
    page = desk.get(f"{ALL}{group.slug}/").content.decode()
    assert faults_of(page) == []
    assert "4,000" in page
    assert "We said otherwise" in page
    look(staff, member.user)
    assert f"{ALL}{group.slug}/" in desk.get(f"/workbench/customer/{member.user_id}/").content.decode()
    assert enter(make_staff("TELLER")).get(ALL).status_code == 403


def test_the_list_asks_as_little_for_many_as_for_one_and_a_broken_rule_is_named(group, django_assert_max_num_queries):
    desk = enter(make_staff("AUDITOR"))
    desk.get(ALL)
    with django_assert_max_num_queries(14):
        desk.get(ALL)
    loan = operations.ask_loan(
        group=group,
        amount=kes("1000"),
        months=1,
        guarantors=[member_of(group, "TREASURER").pk, member_of(group, "SECRETARY").pk],
        key="1",
        by=group.created_by,
        at=now(),
    )
    for role in ("TREASURER", "SECRETARY"):
        operations.agree_to_guarantee(loan=loan, by=member_of(group, role).user, at=now())
    decide("LEND_TO_MEMBER", group, {"loan": loan.pk}, at=now())
    GroupLoan.objects.update(rate_bps=1)
    page = desk.get(f"{ALL}{group.slug}/").content.decode()
    assert (faults_of(page), "loan_terms" in page) == ([], True)
    assert desk.get(f"{ALL}{group.slug}/restrict/").status_code == 403


@pytest.mark.parametrize(
    ("language", "lost", "back"), [("en", "Lost", "Came back since"), ("sw", "Hasara", "Kilichorudi")]
)
def test_a_written_off_loan_is_shown_with_its_loss_its_act_and_what_came_back(language, lost, back):
    loan = make_lost_loan(rate=0)
    desk, address = enter(make_staff("BRANCH_MANAGER"), kitbank_language=language), f"{ALL}{loan.group.slug}/"
    assert 'id="lost"' not in desk.get(address).content.decode()
    receipt = decide("WRITE_OFF_LOAN", loan.group, {"loan": loan.pk, "reason": "Moved away"}, at=now())
    loan.refresh_from_db()
    operations.repay_loan(loan=loan, amount=kes("123.45"), key="back", by=loan.member.user, at=now())
    page = desk.get(address).content.decode()
    assert faults_of(page) == []
    shown = page.partition('id="lost"')[2].partition("</section>")[0]
    for said in (loan.reference, receipt, "1,000.00", "123.45", "Moved away", lost, back):
        assert said in shown, said
    assert "pill neg" not in shown
    assert loan.reference not in page.partition('id="loans"')[2].partition("</section>")[0]
    Proposal.objects.filter(act="WRITE_OFF_LOAN").update(status="REJECTED")
    assert "pill neg" in desk.get(address).content.decode().partition('id="lost"')[2].partition("</section>")[0]


def test_one_group_asks_as_little_with_many_written_off_loans_as_with_one(django_assert_num_queries):
    loan = make_lost_loan(rate=0)
    desk, address = enter(make_staff("BRANCH_MANAGER")), f"{ALL}{loan.group.slug}/"
    decide("WRITE_OFF_LOAN", loan.group, {"loan": loan.pk, "reason": "Moved away"}, at=now())
    desk.get(address)
    with django_assert_num_queries(PAGE_OF_ONE):
        desk.get(address)
    loan.refresh_from_db()
    for nth, member in enumerate(members_of(loan.group)[:3]):
        more = {"pk": None, "member": member, "reference": f"TMANYMOR{nth}", "key": f"more-{nth}"}
        GroupLoan.objects.create(**{f.attname: getattr(loan, f.attname) for f in GroupLoan._meta.fields} | more)
    with django_assert_num_queries(PAGE_OF_ONE):
        page = desk.get(address).content.decode()
    assert page.partition('id="lost"')[2].partition("</section>")[0].count("TMANYMOR") == 3


def test_two_of_the_bank_stop_money_from_leaving_and_let_it_leave_again(group):
    maker, checker = make_staff("BRANCH_MANAGER"), make_staff("BRANCH_MANAGER")
    desk, address = enter(maker), f"{ALL}{group.slug}/restrict/"
    assert faults_of(desk.get(address).content.decode()) == []
    assert desk.post(address, {"reason": ""}).status_code == 422
    assert desk.post(address, {"reason": "Court order 7"}).status_code == 303
    facts = {"member": member_of(group, "CHAIR").pk, "minor": 10_000}
    with pytest.raises(NotAllowed):
        approvals.approve(approval=Approval.objects.get(), by=maker, at=now())
    approvals.approve(approval=Approval.objects.get(), by=checker, at=now())
    with pytest.raises(GroupRestricted):
        decide("WITHDRAW_SAVINGS", group, facts, at=now())
    with pytest.raises(Conflict):
        operations.ask_restriction(group=_again(group), restrict=True, reason="Twice", by=maker, at=now())
    assert balance_of(member_of(group, "CHAIR").account) == "48800.00"
    pay_all(open_next(group))
    page = desk.get(f"{ALL}{group.slug}/").content.decode()
    assert (faults_of(page), "Court order 7" in page) == ([], True)
    assert desk.post(address, {"reason": "Lifted"}).status_code == 303
    approvals.approve(approval=Approval.objects.latest("pk"), by=checker, at=now())
    decide("WITHDRAW_SAVINGS", group, facts, at=now())
    assert set(Proposal.objects.values_list("status", flat=True)) == {"LAPSED", "CARRIED_OUT"}
    assert_books_balance()


def _again(group):
    return ChamaGroup.objects.get(pk=group.pk)
