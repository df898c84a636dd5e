"""A line said to be wrong: reported once at a time, answered once by somebody else; no money moves by it."""

from datetime import timedelta

import pytest

from apps.accounts.models import Transaction
from apps.accounts.testing import balance_of, business_account, make_account, spend
from apps.audit_trail.models import AuditLog
from apps.fraud import operations
from apps.fraud.errors import DisputedAlready, NothingToDispute
from apps.fraud.models import Dispute, DisputeReason
from apps.fraud.operations.review import ReasonNeeded
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.kernel.testing import at_once, refusals
from apps.ledger.testing import assert_books_balance
from apps.notifications import operations as notifications
from apps.notifications.models import SecureThread
from apps.notifications.testing import messages_to
from apps.users.testing import bearer, make_business, make_customer, make_member, make_staff

PATH = "/api/v1/disputes/"


def line_of(account):
    return Transaction.objects.select_related("account__owner").filter(account=account).latest("pk")


@pytest.fixture
def line(db):
    return line_of(make_account(balance="500"))


def report(line, *, by=None, **more):
    asked = {"reason": "WRONG_AMOUNT", "text": "It was 50, not 500", "at": now()} | more
    return operations.open_dispute(line=line, by=by or line.account.owner, **asked)


def test_money_that_came_in_is_not_offered_as_gone_to_the_wrong_person(line):
    assert [str(one) for one in DisputeReason.of(line)] == ["NOT_EXPECTED", "WRONG_AMOUNT", "OTHER"]
    spend(line.account, "50")
    assert set(DisputeReason) - set(DisputeReason.of(line_of(line.account))) == {DisputeReason.NOT_EXPECTED}


def officer():
    return make_staff("COMPLIANCE_OFFICER")


def test_is_reported_looked_into_and_answered(line):
    row, by = report(line), officer()
    assert "we look into" in messages_to(row.owner.phone)[-1].body
    operations.take_up_dispute(dispute=row, by=by, at=now())
    operations.resolve_dispute(dispute=row, upheld=True, answer="You paid 500 as shown.", by=by, at=now())
    row.refresh_from_db()
    assert (row.status, row.resolved_by) == ("UPHELD", by)
    assert "You paid 500" in row.thread.letters.latest("pk").body
    assert "in your inbox" in messages_to(row.owner.phone)[-1].body
    assert list(
        AuditLog.objects.filter(action__startswith="fraud.dispute").order_by("pk").values_list("action", flat=True)
    ) == [
        "fraud.dispute.opened",
        "fraud.dispute.taken_up",
        "fraud.dispute.resolved",
    ]
    assert balance_of(line.account) == "500.00"
    assert_books_balance()


def test_one_at_a_time_and_again_when_it_is_over(line):
    first = report(line)
    with pytest.raises(DisputedAlready) as no:
        report(line)
    assert no.value.facts["dispute"] == str(first.public_id)
    operations.withdraw_dispute(dispute=first, by=first.owner, at=now())
    assert report(line).status == "OPEN"


@pytest.mark.django_db(transaction=True)
def test_six_who_report_it_at_once_report_it_once():
    line = line_of(make_account(balance="500"))
    tried = at_once(*[lambda: report(line) for _nth in range(6)])
    assert [type(no) for no in refusals(tried)] == [DisputedAlready] * 5
    assert Dispute.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_answer_at_once_answer_once():
    row = report(line_of(make_account(balance="500")))
    people = [officer(), officer()]
    tried = at_once(
        *[
            lambda by=by, upheld=bool(nth): operations.resolve_dispute(
                dispute=Dispute.objects.get(pk=row.pk), upheld=upheld, answer="So it is", by=by, at=now()
            )
            for nth, by in enumerate(people)
        ]
    )
    assert [type(no) for no in refusals(tried)] == [IllegalMove]
    assert row.thread.letters.count() == 2


def test_refuses_who_may_not(line):
    with pytest.raises(NotFound):
        report(line, by=make_customer())
    row = report(line, by=make_staff("SUPPORT_AGENT"))
    assert row.owner == line.account.owner
    with pytest.raises(NotAllowed):
        operations.resolve_dispute(dispute=row, upheld=False, answer="no", by=make_staff("TELLER"), at=now())
    with pytest.raises(NotFound):
        operations.withdraw_dispute(dispute=row, by=make_customer(), at=now())
    with pytest.raises(ReasonNeeded):
        operations.resolve_dispute(dispute=row, upheld=False, answer=" ", by=officer(), at=now())
    row.refresh_from_db()
    assert row.status == "OPEN"


def test_refuses_what_is_too_old_or_says_nothing(line):
    with pytest.raises(NothingToDispute):
        report(line, at=now() + timedelta(days=181))
    for wrong in ({"text": " "}, {"reason": "BECAUSE"}):
        with pytest.raises(ReasonNeeded):
            report(line, **wrong)
    assert not Dispute.objects.exists()


def test_by_api_each_sees_their_own(client, line, django_assert_max_num_queries):
    owner, other, staff = line.account.owner, make_customer(), officer()
    body = {"transaction": line.pk, "reason": "TWICE", "text": "Two of them"}
    sent = {"content_type": "application/json"}
    assert client.post(PATH, body, headers=bearer(other), **sent).status_code == 404
    made = client.post(PATH, body, headers=bearer(owner), **sent)
    assert (made.status_code, made.json()["status"]) == (201, "OPEN")
    assert client.post(PATH, body, headers=bearer(owner), **sent).status_code == 409
    one = f"{PATH}{made.json()['id']}/"
    assert client.get(one, headers=bearer(other)).status_code == 404
    assert client.get(PATH, headers=bearer(other)).json()["results"] == []
    report(line_of(make_account(other, balance="1")))
    head = bearer(staff)
    with django_assert_max_num_queries(6):
        assert len(client.get(PATH, headers=head).json()["results"]) == 2
    decision = {"decision": "DECLINED", "answer": "Two different shops."}
    assert client.post(f"{one}resolve/", decision, headers=bearer(owner), **sent).status_code == 403
    assert client.post(f"{one}resolve/", decision, headers=bearer(staff), **sent).json()["status"] == "DECLINED"
    assert client.post(f"{one}resolve/", decision, headers=bearer(staff), **sent).status_code == 409
    assert client.post(f"{one}withdraw/", headers=bearer(owner), **sent).status_code == 409


class TestOfABusiness:
    """Whoever signs for it tells us of its lines; a viewer looks, and strangers see nothing."""

    def test_is_opened_answered_and_taken_back_by_who_signs(self, db):
        firm = make_business(make_customer())
        clerk, viewer = make_member(firm, "SIGNATORY"), make_member(firm, "VIEWER")
        line = line_of(business_account(firm, balance="500"))
        for other in (viewer, make_customer()):
            with pytest.raises(NotFound):
                report(line, by=other)
        row = report(line, by=clerk)
        assert (row.owner, row.opened_by) == (firm.party, clerk)
        assert "we look into" in messages_to(firm.created_by.phone)[-1].body
        written = row.thread.letters.get()
        assert written.author == firm.party, "the letter is the business's"
        assert AuditLog.objects.get(action="notifications.letter.written_for").actor == clerk
        assert SecureThread.objects.for_staff(officer()).waiting().filter(pk=row.thread_id).exists()
        for other in (viewer, make_customer()):
            with pytest.raises(NotFound):
                operations.withdraw_dispute(dispute=row, by=other, at=now())
        operations.withdraw_dispute(dispute=row, by=firm.created_by, at=now())
        row.refresh_from_db()
        assert row.status == "WITHDRAWN"

    def test_is_not_decided_by_staff_who_belong_to_it(self, db):
        firm, by = make_business(make_customer()), officer()
        row = report(line_of(business_account(firm, balance="500")), by=firm.created_by)
        firm.members.create(user=by, role="SIGNATORY", joined_at=now())
        with pytest.raises(NotAllowed):
            operations.resolve_dispute(dispute=row, upheld=True, answer="Ours", by=by, at=now())
        with pytest.raises(NotAllowed):
            notifications.answer_letter(thread=row.thread, body="Ours", by=by, at=now())
        assert not SecureThread.objects.for_staff(by).filter(pk=row.thread_id).exists()
        row.refresh_from_db()
        assert row.status == "OPEN"

    def test_by_api_with_its_conversation(self, client, db):
        firm = make_business(make_customer())
        mine, viewer = bearer(make_member(firm, "SIGNATORY")), bearer(make_member(firm, "VIEWER"))
        line = line_of(business_account(firm, balance="500"))
        sent = {"content_type": "application/json"}
        body = {"transaction": line.pk, "reason": "TWICE", "text": "Two of them"}
        for hand in (viewer, bearer(make_customer())):
            assert client.post(PATH, body, headers=hand, **sent).status_code == 404
        made = client.post(PATH, body, headers=mine, **sent)
        assert made.status_code == 201
        thread = f"/api/v1/notifications/threads/{made.json()['thread']}/"
        letters = client.get(thread, headers=mine).json()["letters"]
        assert [(one["is_from_bank"], one["body"]) for one in letters] == [(False, "Two of them")]
        for hand in (viewer, bearer(make_customer())):
            assert client.get(f"{PATH}{made.json()['id']}/", headers=hand).status_code == 404
            assert client.get(thread, headers=hand).status_code == 404
        assert client.post(f"{PATH}{made.json()['id']}/withdraw/", headers=mine, **sent).json()["status"] == "WITHDRAWN"
