"""Decisions by API: officers with proof, votes, loans, meetings, rounds and statements, by the same operations."""

import io
from datetime import timedelta

import openpyxl
import pytest

from apps.accounts.statements import check_address
from apps.accounts.testing import balance_of
from apps.chamas import operations
from apps.chamas.models import GroupEntry, GroupStatement, Meeting, Proposal, Round
from apps.chamas.testing import make_group, make_person, member_of, open_next, pay_all
from apps.chamas.tests.app import App, apps_of, money
from apps.chamas.tests.test_rounds import make_round
from apps.kernel.clock import now
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to

pytestmark = pytest.mark.django_db


@pytest.fixture
def group():
    made = make_group(members=5)
    pay_all(open_next(made))
    return made


@pytest.fixture
def apps(client, group):
    return apps_of(client, group)


def approve(app, proposal, status=200):
    """An officer's approval with the code that was sent."""
    asked = app.post(f"approvals/{proposal['id']}/challenge/", status=201)
    proof = {"approve": True, "challenge": asked["id"], "code": code_sent_to(str(app.user.phone))}
    return app.post(f"approvals/{proposal['id']}/decide/", proof, status)


def test_two_officers_with_proof_let_money_out_and_nobody_their_own(client, group, apps):
    asked = {"act": "WITHDRAW_SAVINGS", "member": 2, "amount": money("400.00"), "why": "School"}
    made = apps["TREASURER"].post("payouts/", asked, 201, key="p")
    assert apps["TREASURER"].post("payouts/", asked, 201, key="p")["id"] == made["id"]
    assert (made["amount"], made["concerned"], made["sign_offs_needed"]) == (money("400.00"), [2], 2)
    assert "400" in made["says"]
    path = f"approvals/{made['id']}/"
    assert apps["TREASURER"].post(f"{path}challenge/", status=403)["code"] == "own_matter"
    assert apps["TREASURER"].post(f"{path}decide/", {"approve": True}, 403)["code"] == "own_matter"
    assert apps["MEMBER"].post(f"{path}decide/", {"approve": True}, 403)["code"] == "not_allowed"
    App(client, make_person(), group).post(f"{path}decide/", {"approve": True}, 404)
    assert apps["CHAIR"].post(f"{path}decide/", {"approve": True}, 403)["code"] == "step_up_required"
    apps["CHAIR"].post(f"{path}decide/", {"approve": True, "vote": "YES"}, 400)
    assert Proposal.objects.get().sign_offs.count() == 0
    assert approve(apps["CHAIR"], made)["status"] == "OPEN"
    done = approve(apps["SECRETARY"], made)
    assert (done["status"], [one["member"]["number"] for one in done["signed"]]) == ("CARRIED_OUT", [1, 3])
    assert balance_of(member_of(group, "TREASURER").account) == "49200.00"
    assert apps["MEMBER"].get("payouts/")["results"][0]["reference"] == done["reference"]
    assert_books_balance()


def test_what_an_act_needs_is_said_by_name_and_nothing_of_another_group_is_found(client, group, apps):
    app = apps["MEMBER"]
    wrong = app.post("approvals/", {"act": "WITHDRAW_SAVINGS", "loan": "T123"}, 400)["errors"]
    assert sorted(wrong) == ["amount", "loan", "member"]
    app.post("approvals/", {"act": "WITHDRAW_SAVINGS", "member": 99, "amount": money("1")}, 404)
    app.post("approvals/", {"act": "WITHDRAW_SAVINGS", "member": 4, "amount": money("99999")}, 422)
    app.post("approvals/", {"act": "LEND_TO_MEMBER", "loan": "TTTTTTTTTT"}, 404)
    app.post("payouts/", {"act": "AMENDMENT", "version": 1}, 400)
    app.post("approvals/", {"act": "PAY_TURN", "member": 2}, 400)
    assert not Proposal.objects.exists()


def test_members_vote_once_and_lists_show_how_it_stands(group, apps, django_assert_max_num_queries):
    made = apps["CHAIR"].post("approvals/", {"act": "ROLE", "member": 4, "role": "AUDITOR"}, 201)
    path = f"approvals/{made['id']}/decide/"
    shown = apps["MEMBER"].post(path, {"vote": "NO"})
    assert (shown["votes"], shown["my_vote"]) == ({"voters": 5, "yes": 0, "no": 1, "abstained": 0}, "NO")
    apps["MEMBER"].post(path, {"vote": "YES"}, 409)
    apps["CHAIR"].post(path, {"approve": True}, 409)
    apps["TREASURER"].post("approvals/", {"act": "ROLE", "member": 5, "role": "AUDITOR"}, 201)
    with django_assert_max_num_queries(12):
        assert len(apps["MEMBER"].get("approvals/")["results"]) == 2
    apps["MEMBER"].post(f"approvals/{made['id']}/withdraw/", status=403)
    assert apps["CHAIR"].post(f"approvals/{made['id']}/withdraw/")["status"] == "WITHDRAWN"
    apps["CHAIR"].post(f"approvals/{made['id']}/carry-out/", status=409)


def test_a_loan_is_asked_guaranteed_lent_and_paid_back(group, apps):
    borrower = apps["MEMBER"]
    asked = {"amount": money("2000.00"), "months": 2, "guarantors": [2, 3], "purpose": "Sewing machine"}
    loan = borrower.post("loans/", asked, 201, key="l")
    assert borrower.post("loans/", asked, 201, key="l")["reference"] == loan["reference"]
    path = f"loans/{loan['reference']}/"
    borrower.post("approvals/", {"act": "LEND_TO_MEMBER", "loan": loan["reference"]}, 409)
    apps["CHAIR"].post(f"{path}guarantee/", status=404)
    for role in ("TREASURER", "SECRETARY"):
        apps[role].post(f"{path}guarantee/")
    made = borrower.post("approvals/", {"act": "LEND_TO_MEMBER", "loan": loan["reference"]}, 201)
    for role in ("CHAIR", "TREASURER", "SECRETARY"):
        apps[role].post(f"approvals/{made['id']}/decide/", {"vote": "YES"})
    for role in ("CHAIR", "TREASURER"):
        approve(apps[role], made)
    shown = borrower.get(path)
    assert (shown["status"], len(shown["instalments"]), shown["rate"]) == ("ACTIVE", 2, "10.00")
    assert borrower.post(f"{path}repay/", {"amount": money("9000.00")}, 400)["code"] == "invalid"
    begun = borrower.post(f"{path}repay/", {"amount": money("500.00")}, 201, key="r")
    assert (begun["kind"], begun["challenge"]["method"]) == ("CONTRIBUTION", "SMS")
    assert apps["CHAIR"].get("loans/")["results"][0]["left"] == money("2000.00")
    borrower.post(f"{path}cancel/", status=409)
    assert_books_balance()


def test_a_meeting_is_called_held_minuted_signed_and_printed(group, apps):
    asked = {"starts_at": (now() + timedelta(days=2)).isoformat(), "place": "Kondele", "agenda": ["Loans"]}
    apps["MEMBER"].post("meetings/", asked, 403)
    made = apps["CHAIR"].post("meetings/", asked, 201)
    path = f"meetings/{made['id']}/"
    came = {"presences": [{"member": 1, "presence": "PRESENT"}, {"member": 3, "presence": "PRESENT"}]}
    apps["SECRETARY"].post(f"{path}hold/", came, 400)
    apps["MEMBER"].post(f"{path}roll/", {"member": 4, "presence": "PRESENT"}, 403)
    apps["MEMBER"].post(f"{path}roll/", {"member": 4, "presence": "APOLOGY"})
    Meeting.objects.update(starts_at=now())
    shown = apps["TREASURER"].post(f"{path}roll/", {"member": 2, "presence": "PRESENT"})
    assert [(one["member"]["number"], one["presence"], one["marked_by"]["number"]) for one in shown["roll"]] == [
        (4, "APOLOGY", 4),
        (2, "PRESENT", 2),
    ]
    apps["SECRETARY"].post(f"{path}hold/", {"presences": [{"member": 99, "presence": "PRESENT"}]}, 400)
    twice = {"presences": [{"member": 4, "presence": "PRESENT"}, {"member": 4, "presence": "ABSENT"}]}
    assert "presences" in apps["SECRETARY"].post(f"{path}hold/", twice, 400)["errors"]
    held = apps["SECRETARY"].post(f"{path}hold/", came)
    assert (held["status"], [one["presence"] for one in held["attendance"]]) == (
        "HELD",
        ["PRESENT", "PRESENT", "PRESENT", "APOLOGY", "ABSENT"],
    )
    apps["TREASURER"].post(f"{path}roll/", {"member": 2, "presence": "ABSENT"}, 409)
    apps["SECRETARY"].post(f"{path}hold/", came, 409)
    apps["CHAIR"].post(f"{path}sign/", status=404)
    apps["SECRETARY"].post(f"{path}minutes/", {"body": "1. Agreed.\n\n2. Chickens <b>"}, 201)
    apps["MEMBER"].post(f"{path}sign/", status=409)
    shown = apps["CHAIR"].post(f"{path}sign/")
    assert (shown["minutes"]["are_signed"], len(shown["attendance"])) == (True, 5)
    disputed(apps, held["id"], path)
    paper = apps["MEMBER"].get(f"{path}minutes.pdf")
    assert (paper.headers["Content-Type"], paper.content[:5]) == ("application/pdf", b"%PDF-")
    apps["CHAIR"].post(f"{path}cancel/", status=409)
    assert len(apps["MEMBER"].get("meetings/")["results"]) == 1


def disputed(apps, meeting, path):
    """A member disputes the minutes; who wrote them does not answer."""
    said = {"meeting": meeting, "text": "Ducks, not chickens"}
    apps["MEMBER"].post("disputes/", {"text": "x"}, 400)
    apps["MEMBER"].post("disputes/", said | {"entry": meeting}, 400)
    raised = apps["MEMBER"].post("disputes/", said, 201)
    assert (raised["entry"], raised["meeting"], raised["version"]) == (None, meeting, 1)
    assert apps["CHAIR"].get(path)["minutes"]["are_disputed"]
    answer = {"is_right": True, "answer": "Ducks"}
    assert apps["SECRETARY"].post(f"disputes/{raised['id']}/answer/", answer, 403)["code"] == "own_matter"
    assert apps["CHAIR"].post(f"disputes/{raised['id']}/answer/", answer)["status"] == "UPHELD"


def test_a_round_is_drawn_with_words_and_turns_swap_by_consent(client):
    row = make_round("DRAWN", members=4)
    apps = apps_of(client, row.group)
    path = f"rounds/{row.public_id}/"
    apps["MEMBER"].post(f"{path}word/", {"word": "harambee"}, 201)
    apps["MEMBER"].post(f"{path}word/", {"word": "again"}, 409)
    apps["MEMBER"].post(f"{path}bid/", {"amount": money("10")}, 409)
    assert apps["MEMBER"].get(path)["seed"] == ""
    apps["MEMBER"].post(f"{path}order/", status=409)
    operations.order_round(round=row, by=row.group.created_by, at=row.until)
    shown = apps["MEMBER"].get(path)
    assert (shown["status"], len(shown["seed"]), shown["words"][0]["word"]) == ("RUNNING", 64, "harambee")
    before = {one["member"]["number"]: one["position"] for one in shown["turns"]}
    apps["MEMBER"].post(f"{path}swaps/", {"member": 2}, 201)
    apps["TREASURER"].post(f"{path}swaps/withdraw/", {}, 404)
    back = apps["MEMBER"].post(f"{path}swaps/withdraw/", {})
    assert [one["status"] for one in back["swaps"]] == ["WITHDRAWN"]
    apps["MEMBER"].post(f"{path}swaps/withdraw/", {}, 404)
    apps["MEMBER"].post(f"{path}swaps/", {"member": 1}, 201)
    apps["TREASURER"].post(f"{path}swaps/4/answer/", {"agree": True}, 404)
    after = apps["CHAIR"].post(f"{path}swaps/4/answer/", {"agree": True})
    places = {one["member"]["number"]: one["position"] for one in after["turns"]}
    assert (places[1], places[4]) == (before[4], before[1])
    apps["CHAIR"].post("rounds/", {"until": (now() + timedelta(days=1)).isoformat()}, 409)
    apps["MEMBER"].post("rounds/", {}, 403)
    assert len(apps["MEMBER"].get("rounds/")["results"]) == Round.objects.count() == 1


def test_a_statement_adds_up_in_every_form_and_is_ones_own(client, group, apps):
    until = (now() + timedelta(days=60)).date().isoformat()
    whole = apps["MEMBER"].get(f"statement/?from_date=2020-01-01&to_date={until}")
    assert (whole["opening"], whole["closing"]) == (money("0.00"), money("6000.00"))
    assert len(whole["lines"]) == GroupEntry.objects.count() == 10
    mine = apps["MEMBER"].get(f"statement/?from_date=2020-01-01&to_date={until}&member=4")
    assert {one["fund"]: one["closing"] for one in mine["funds"]} == {
        "SAVINGS": money("1000.00"),
        "WELFARE": money("200.00"),
    }
    later = apps["MEMBER"].get(f"statement/?from_date={until}&to_date={until}")
    assert (later["opening"], later["lines"]) == (whole["closing"], [])
    apps["MEMBER"].get("statement/?member=1", 403)
    apps["CHAIR"].get("statement/?member=4")
    for asked in ("kind=doc", "from_date=x", "from_date=2026-12-01&to_date=2026-11-01", "member=99"):
        apps["CHAIR"].get(f"statement/?{asked}", 404 if asked == "member=99" else 400)
    period = f"statement/?from_date=2020-01-01&to_date={until}&kind="
    assert apps["MEMBER"].get(f"{period}pdf").content[:5] == b"%PDF-"
    book = openpyxl.load_workbook(io.BytesIO(apps["MEMBER"].get(f"{period}xlsx").content))
    assert [sheet.max_row for sheet in book] == [8, 11]
    sealed = GroupStatement.objects.latest("made_at")
    assert [book.worksheets[0].cell(nth, 2).value for nth in (7, 8)] == [check_address(sealed), sealed.seal]
    assert client.get(f"/verify/{sealed.pk}").status_code == 200
    text = apps["MEMBER"].get(f"{period}text").content.decode()
    assert "*Umoja Women*" in text
    assert "*KES 6,000.00*" in text
