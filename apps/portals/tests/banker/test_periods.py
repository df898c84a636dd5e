"""Accounting periods at the desk: declared, closed once they are over, reopened by two, and what a closed one says."""

from datetime import timedelta

import pytest

from apps.accounts import operations as accounts
from apps.accounts.testing import kes, make_account, make_teller
from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.ledger import eod, queries
from apps.ledger import operations as ledger
from apps.ledger.testing import assert_books_balance, make_period
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
PLACE = "/workbench/periods/"


def words(answer):
    page = answer.content.decode()
    assert faults_of(page) == []
    return page


def days_ago(days):
    return local_date(now()) - timedelta(days=days)


def declare(name="Old", first=40, last=10, by=None):
    days = {"first_on": days_ago(first), "last_on": days_ago(last)}
    return ledger.open_period(name=name, **days, by=by or make_staff("ADMIN"), at=now())


def typed(name="Old", first=40, last=10, **given):
    days = {"first_on": days_ago(first).isoformat(), "last_on": days_ago(last).isoformat()}
    return {"name": name} | days | given


def test_declared_closed_and_reopened_by_two():
    maker, second = make_staff("ADMIN", full_name="Naomi Wambui"), make_staff("SUPER_ADMIN", full_name="Otieno Were")
    desk = enter(maker)
    assert PLACE in words(desk.get("/workbench/")), "the menu leads to it"
    assert PLACE in words(desk.get("/workbench/go/?q=accounting"))
    assert "No period is declared" in words(desk.get(PLACE))
    there = desk.post(PLACE, typed()).headers["Location"]
    assert "Open, may be closed" in words(desk.get(PLACE))
    assert "Close this period" in words(desk.get(there))
    assert desk.post(there, {"act": "close"}).headers["Location"] == there
    asked = desk.post(there, {"act": "reopen", "reason": "Late invoice"})
    waits = Approval.objects.get()
    assert asked.headers["Location"] == f"/workbench/approvals/{waits.pk}/"
    assert "Asked to be reopened" in words(desk.get(PLACE))
    shown = words(desk.get(there))
    assert f"/workbench/approvals/{waits.pk}/" in shown
    assert "Naomi Wambui: Late invoice" in shown
    assert 'value="reopen"' not in shown, "one request waits at a time"
    approvals.approve(approval=waits, by=second, at=now())
    shown = words(desk.get(there))
    assert "Asked for by Naomi Wambui, allowed by Otieno Were · Late invoice" in shown
    assert "Declared by mistake?" not in shown, "it was closed once"
    assert [shown.index(one) for one in ("Reopened", ">Closed<", ">Declared<")] == sorted(
        shown.index(one) for one in ("Reopened", ">Closed<", ">Declared<")
    )


def test_a_second_press_says_that_it_is_done_and_closes_nothing_anew():
    desk, period = enter(make_staff("ADMIN")), declare()
    there = f"{PLACE}{period.pk}/"
    assert desk.post(there, {"act": "close"}).status_code == 303
    again = desk.post(there, {"act": "close"})
    assert again.status_code == 409
    assert "Nothing was changed" in words(again)
    assert period.changes.filter(status="CLOSED").count() == 1


def test_a_period_that_runs_is_not_closed_and_the_page_says_why():
    desk, period = enter(make_staff("ADMIN")), declare("Now", 3, 0)
    there = f"{PLACE}{period.pk}/"
    page = words(desk.get(there))
    assert "once its last day is over" in page
    assert "Close this period" not in page
    answer = desk.post(there, {"act": "close"})
    assert answer.status_code == 409
    assert "it would stop every payment of the bank" in words(answer)
    period.refresh_from_db()
    assert period.status == "OPEN"


def test_waits_for_the_end_of_day():
    desk, period = enter(make_staff("ADMIN")), declare("Yesterday", 3, 1)
    eod.open_day(days_ago(1), at=now())
    answer = desk.post(f"{PLACE}{period.pk}/", {"act": "close"})
    assert answer.status_code == 409
    assert "The end of day has not run" in words(answer)
    assert "Open, may be closed" not in words(desk.get(PLACE))


def test_one_declared_by_mistake_is_taken_back_with_a_reason():
    desk, period = enter(make_staff("ADMIN")), declare()
    there = f"{PLACE}{period.pk}/"
    assert desk.post(there, {"act": "withdraw", "reason": ""}).status_code == 422
    assert desk.post(there, {"act": "withdraw", "reason": "Wrong year"}).headers["Location"] == PLACE
    assert there not in words(desk.get(PLACE))
    assert "Wrong year" in words(desk.get(there))
    assert desk.post(PLACE, typed()).status_code == 303, "its days and its name are free"


@pytest.mark.parametrize(
    ("given", "status"),
    [
        (typed(name=""), 422),
        (typed(first=5, last=9), 422),
        (typed(first=800, last=10), 422),
        (typed(name="Later", first=-400, last=-401), 422),
        (typed(first_on="soon"), 422),
        (typed(last_on="9999-12-31"), 422),
        (typed(name="Other", first=100, last=20), 409),
        (typed(name="Held", first=9, last=5), 409),
    ],
)
def test_a_slip_of_the_hand_is_told_and_declares_nothing(given, status):
    declare("Held", 20, 10)
    answer = enter(make_staff("ADMIN")).post(PLACE, given)
    assert answer.status_code == status
    assert 'role="alert"' in words(answer) or "aria-invalid" in words(answer)
    assert [one.name for one in queries.periods(now())] == ["Held"]


def test_days_without_a_period_are_shown_and_the_next_days_are_offered():
    declare("First", 90, 60)
    declare("Second", 50, 31)
    page = words(enter(make_staff("ADMIN")).get(PLACE))
    assert page.count("No period has") == 1
    assert page.index("Second") < page.index("No period has") < page.index("First</a>")
    assert f'value="{days_ago(30).isoformat()}"' in page


def test_many_come_in_pages_with_the_same_few_questions(django_assert_max_num_queries):
    officer = make_staff("ADMIN")
    for nth in range(27):
        declare(f"Week {nth:02}", 7 * nth + 13, 7 * nth + 7, officer)
    desk = enter(officer)
    with django_assert_max_num_queries(16):
        page = words(desk.get(PLACE))
    assert page.count('class="strong" href="/workbench/periods/') == 24
    earlier = f"?before={days_ago(7 * 23 + 13).isoformat()}"
    assert earlier in page
    assert words(desk.get(PLACE + earlier)).count('class="strong" href="/workbench/periods/') == 3
    for nonsense in ("?before=x", "?before=2026-13-40", "?before=0000-00-00"):
        assert desk.get(PLACE + nonsense).status_code == 200


@pytest.mark.parametrize(("role", "status"), [("AUDITOR", 200), ("BRANCH_MANAGER", 200), ("TELLER", 403)])
def test_others_look_at_most(role, status):
    period, desk = declare(), enter(make_staff(role))
    there = f"{PLACE}{period.pk}/"
    assert [desk.get(one).status_code for one in (PLACE, there)] == [status, status]
    for address, given in ((PLACE, typed("Mine", 9, 5)), (there, {"act": "close"})):
        assert desk.post(address, given).status_code == 403
    if status == 200:
        assert "<form" not in words(desk.get(there)).split("<main")[1].split("</main")[0]
    assert [(one.name, one.is_closed) for one in queries.periods(now())] == [("Old", False)]


def test_what_is_not_there_is_not_found_and_a_wrong_act_is_told():
    desk, period = enter(make_staff("ADMIN")), declare()
    assert desk.get(f"{PLACE}{period.pk + 99}/").status_code == 404
    for given in ({}, {"act": "open", "reason": "x"}, {"act": "reopen", "reason": "x"}):
        assert desk.post(f"{PLACE}{period.pk}/", given).status_code in {409, 422}
    period.refresh_from_db()
    assert period.status == "OPEN"


def test_it_speaks_kiswahili():
    desk, period = enter(make_staff("ADMIN", language="sw")), declare()
    assert "Vipindi vya hesabu" in words(desk.get(PLACE))
    assert "Funga kipindi hiki" in words(desk.get(f"{PLACE}{period.pk}/"))


class TestClosedToday:
    """A period over today that was closed before closing asked for days that are over: every door says it in words."""

    @pytest.fixture(autouse=True)
    def closed(self):
        self.teller, _till = make_teller()
        self.account = make_account(make_customer(kyc_tier="TIER_3"), balance="5000")
        slip = {"account": self.account, "amount": kes("500"), "by_name": "Nyambura", "key": "k0"}
        self.done = accounts.deposit_cash(**slip, by=self.teller, at=now())
        make_period("Held", days_ago(3), days_ago(-3), status="CLOSED")

    def test_at_the_counter(self):
        slip = {"kind": "DEPOSIT", "amount": "500", "by_name": "Nyambura", "key": "k", "seen": "on"}
        answer = enter(self.teller).post(f"/workbench/teller/?account={self.account.number}", slip)
        assert answer.status_code == 422
        assert "The books of that day are closed" in words(answer)
        assert_books_balance()

    def test_at_a_reversal(self):
        maker, checker = make_staff("ADMIN"), make_staff("SUPER_ADMIN", limit_minor=1_000_00)
        asked = ledger.ask_reversal(transfer_id=self.done.transfer_id, reason="Wrong account", by=maker, at=now())
        answer = enter(checker).post(f"/workbench/approvals/{asked.pk}/", {"decision": "approve"})
        assert answer.status_code == 422
        assert "The books of that day are closed" in words(answer)
        asked.refresh_from_db()
        assert asked.status == "PENDING"
        assert_books_balance()
