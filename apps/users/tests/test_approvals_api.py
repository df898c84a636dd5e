"""Maker-checker by API: the same four eyes as on the page, and nobody sees what is not theirs to see."""

import pytest

from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.kernel.testing import at_once, refusals
from apps.users import operations
from apps.users.models import StaffMember
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db
PATH = "/api/v1/admin/approvals/"


def ask(maker, member=None):
    """A change of role that waits."""
    staff = (member or make_staff("TELLER")).staff
    return operations.set_role(member=staff, role="AUDITOR", reason="She moves.", by=maker, at=now())


def post(client, row, verb, who, body=None):
    return client.post(f"{PATH}{row.pk}/{verb}/", body, content_type="application/json", headers=bearer(who))


@pytest.fixture
def maker(db):
    return make_staff("SUPER_ADMIN")


@pytest.fixture
def checker(db):
    return make_staff("SUPER_ADMIN")


def test_shows_what_waits_and_who_may_decide(client, maker, checker):
    row = ask(maker)
    shown = client.get(f"{PATH}?status=PENDING&mine=TO_DECIDE", headers=bearer(checker)).json()["results"]
    assert [(each["id"], each["may_decide"], each["title"]) for each in shown] == [(row.pk, True, "Change of role")]
    assert shown[0]["before"] == {"role": "TELLER"}
    assert "payload" not in shown[0]
    assert client.get(f"{PATH}?mine=TO_DECIDE", headers=bearer(maker)).json()["count"] == 0
    mine = client.get(f"{PATH}?mine=ASKED", headers=bearer(maker)).json()["results"]
    assert [each["may_decide"] for each in mine] == [False]


def test_says_its_title_in_the_language_asked_for(client, maker, checker):
    row = ask(maker)
    headers = {**bearer(checker), "Accept-Language": "sw"}
    assert client.get(f"{PATH}{row.pk}/", headers=headers).json()["title"] != "Change of role"


def test_approves_and_does_it(client, maker, checker):
    row = ask(maker)
    shown = post(client, row, "approve", checker, {"note": "Agreed."}).json()
    assert (shown["status"], shown["answer"], shown["checker"]["id"]) == ("APPROVED", "Agreed.", checker.pk)
    assert StaffMember.objects.get(pk=row.payload["member"]).role == "AUDITOR"
    assert client.get(f"{PATH}?mine=DECIDED", headers=bearer(checker)).json()["count"] == 1


def test_rejects_with_a_reason_and_does_nothing(client, maker, checker):
    row = ask(maker)
    assert post(client, row, "reject", checker, {}).status_code == 400
    assert post(client, row, "reject", checker, {"reason": "Not yet."}).json()["status"] == "RETURNED"
    assert StaffMember.objects.get(pk=row.payload["member"]).role == "TELLER"


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_the_maker_is_never_the_checker(client, maker, verb):
    row = ask(maker)
    assert post(client, row, verb, maker, {"reason": "Mine."}).status_code == 403
    row.refresh_from_db()
    assert row.status == "PENDING"


def test_no_one_decides_on_their_own_role(client, maker, checker):
    row = ask(maker, member=checker)
    assert post(client, row, "approve", checker).status_code == 403
    row.refresh_from_db()
    assert row.status == "PENDING"


@pytest.mark.parametrize("verb", ["approve", "reject"])
def test_what_was_decided_is_not_decided_again(client, maker, checker, verb):
    row = ask(maker)
    post(client, row, "approve", checker)
    again = post(client, row, verb, make_staff("SUPER_ADMIN"), {"reason": "Late."})
    assert (again.status_code, again.json()["code"]) == (409, "illegal_move")
    row.refresh_from_db()
    assert (row.status, row.checker) == ("APPROVED", checker)


def test_staff_without_the_right_do_not_find_it_and_customers_are_turned_away(client, maker):
    row, teller = ask(maker), make_staff("TELLER")
    assert client.get(f"{PATH}{row.pk}/", headers=bearer(teller)).status_code == 404
    assert post(client, row, "approve", teller).status_code == 404
    assert client.get(PATH, headers=bearer(teller)).json()["count"] == 0
    assert client.get(PATH, headers=bearer(make_customer())).status_code == 403
    assert client.get(PATH).status_code == 401


def test_auditors_see_and_decide_nothing(client, maker):
    row, auditor = ask(maker), make_staff("AUDITOR")
    assert client.get(f"{PATH}{row.pk}/", headers=bearer(auditor)).json()["may_decide"] is False
    assert post(client, row, "approve", auditor).status_code == 403


@pytest.mark.parametrize("query", ["status=LOST", "mine=EVERYTHING", "page=0", "page=x"])
def test_what_cannot_be_asked_is_said_so(client, checker, query):
    assert client.get(f"{PATH}?{query}", headers=bearer(checker)).status_code in {400, 404}


@pytest.mark.django_db(transaction=True)
def test_two_who_approve_at_once_do_it_once(client):
    maker = make_staff("SUPER_ADMIN")
    row, checkers = ask(maker), [make_staff("SUPER_ADMIN"), make_staff("SUPER_ADMIN")]
    tokens = [bearer(checker) for checker in checkers]

    def approve(headers):
        return type(client)().post(f"{PATH}{row.pk}/approve/", content_type="application/json", headers=headers)

    answers = at_once(*(lambda headers=headers: approve(headers) for headers in tokens))
    assert sorted(answer.status_code for answer in answers) == [200, 409]
    assert Approval.objects.get().status == "APPROVED"


def test_lists_cost_the_same_whatever_their_length(client, maker, checker, django_assert_num_queries):
    for _nth in range(3):
        ask(maker)
    headers = bearer(checker)
    with django_assert_num_queries(6):  # token, rate, rights of a person and of their groups, count, rows with names
        assert client.get(PATH, headers=headers).json()["count"] == 3


def test_only_its_maker_withdraws_and_only_what_waits(client, maker, checker):
    row = ask(maker)
    assert post(client, row, "withdraw", checker).status_code == 403
    assert post(client, row, "withdraw", maker).json()["status"] == "WITHDRAWN"
    assert post(client, row, "withdraw", maker).status_code == 409
    assert post(client, row, "approve", checker).status_code == 409
    assert StaffMember.objects.get(pk=row.payload["member"]).role == "TELLER"


def test_a_decision_and_a_withdrawal_at_once_leave_one(transactional_db):
    maker, checker = make_staff("SUPER_ADMIN"), make_staff("SUPER_ADMIN")
    row = ask(maker)
    tried = at_once(
        lambda: approvals.approve(approval=Approval.objects.get(pk=row.pk), by=checker, at=now()),
        lambda: approvals.withdraw(approval=Approval.objects.get(pk=row.pk), by=maker, at=now()),
    )
    assert len(refusals(tried)) == 1
    is_done = Approval.objects.get(pk=row.pk).status == "APPROVED"
    assert StaffMember.objects.get(pk=row.payload["member"]).role == ("AUDITOR" if is_done else "TELLER")


@pytest.mark.parametrize("status", ["SUSPENDED", "CLOSED"])
def test_what_a_colleague_asked_for_who_was_stopped_since_is_returned_not_done(client, maker, checker, status):
    row = ask(maker)
    operations.set_status(person=maker, status=status, reason="Under a look", by=make_staff("SUPER_ADMIN"), at=now())
    refused = post(client, row, "approve", checker)
    assert (refused.status_code, refused.json()["code"]) == (403, "not_allowed")
    assert "Return it" in refused.json()["detail"]
    assert StaffMember.objects.get(pk=row.payload["member"]).role == "TELLER"
    assert post(client, row, "reject", checker, {"reason": "Ask anew"}).json()["status"] == "RETURNED"
