"""A loan of a group written off by API: proposed, voted on, signed, seen by all, and paid back by its reference."""

import pytest

from apps.accounts.testing import kes
from apps.chamas import rail
from apps.chamas.errors import Invalid
from apps.chamas.testing import decide, make_lost_loan
from apps.chamas.tests.app import App, apps_of, money
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.ledger.testing import assert_books_balance

pytestmark = pytest.mark.django_db


def test_a_loan_is_written_off_by_vote_and_two_officers_and_what_comes_back_is_taken(client):
    loan = make_lost_loan(members=6, rate=0)
    apps, borrower = apps_of(client, loan.group), App(client, loan.member.user, loan.group)
    asked = {"act": "WRITE_OFF_LOAN", "loan": loan.reference, "reason": "Moved away"}
    wrong = apps["CHAIR"].post("approvals/", {"act": "WRITE_OFF_LOAN", "loan": loan.reference}, 400)
    assert list(wrong["errors"]) == ["reason"]
    made = apps["CHAIR"].post("approvals/", asked, 201, key="w")
    assert apps["CHAIR"].post("approvals/", asked, 201, key="w")["id"] == made["id"]
    path = f"approvals/{made['id']}/decide/"
    assert borrower.post(path, {"vote": "NO"}, 403)["code"] == "own_matter"
    for role in ("CHAIR", "TREASURER"):
        apps[role].post(path, {"approve": True})
    for role in ("CHAIR", "TREASURER", "SECRETARY"):
        done = apps[role].post(path, {"vote": "YES"})
    assert done["status"] == "CARRIED_OUT"
    shown = apps["SECRETARY"].get(f"loans/{loan.reference}/")
    assert (shown["status"], shown["left"], shown["written_off"]) == ("WRITTEN_OFF", money("0.00"), money("1000.00"))
    assert {row["left"]["amount"] for row in shown["instalments"]} == {"0.00"}  # not owed by instalments any more
    rows = apps["SECRETARY"].get("ledger/")["results"]
    assert {row["kind"] for row in rows} >= {"LOAN_LOSS", "LOAN_REPAYMENT"}
    apps["CHAIR"].post("approvals/", asked, 409)
    apps["CHAIR"].post("approvals/", asked | {"loan": "TTTTTTTTTT"}, 404)
    repay = f"loans/{loan.reference}/repay/"
    assert borrower.post(repay, {"amount": money("1000.01")}, 400)["code"] == "invalid"
    assert borrower.post(repay, {"amount": money("1000.00")}, 201, key="r")["kind"] == "CONTRIBUTION"
    assert_books_balance()


def test_the_rail_takes_at_most_what_was_lost_and_nothing_once_it_is_back():
    loan = make_lost_loan(rate=0)
    decide("WRITE_OFF_LOAN", loan.group, {"loan": loan.pk, "reason": "Moved away"}, at=now())
    to = rail.ChamaRail().destination
    asked = {"kind": "GROUP", "asked": {"reference": loan.reference}, "at": now()}
    with pytest.raises(Invalid):
        to(amount=kes("1000.01"), **asked)
    assert loan.group.name in to(amount=kes("1000"), **asked).name
    type(loan).objects.filter(pk=loan.pk).update(recovered_minor=100_000)
    with pytest.raises(NotFound):
        to(amount=kes("1"), **asked)
