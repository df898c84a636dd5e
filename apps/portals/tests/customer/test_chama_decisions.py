"""What groups decide on the pages: proposed by a form, voted on, signed with proof; meetings, loans, rounds, fines."""

import uuid
from datetime import timedelta

import pytest
import time_machine

from apps.accounts.testing import balance_of
from apps.chamas import rail
from apps.chamas.models import Fine, GroupDispute, GroupEntry, GroupLoan, Meeting, Minutes, Proposal, Round, Swap, Turn
from apps.chamas.operations.books import balances
from apps.chamas.testing import decide, make_group, member_of, members_of, open_next, pay_all, sign
from apps.kernel.clock import local_date, now
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import code_sent_to
from apps.payments.models import Payment
from apps.portals.testing import faults_of, sign_in

pytestmark = pytest.mark.django_db


def page_of(browser, address):
    answer = browser.get(address)
    page = answer.content.decode()
    assert (answer.status_code, faults_of(page)) == (200, []), address
    return page


def key():
    return uuid.uuid4().hex


class Later:
    """A browser that signs in when it is first used."""

    def __init__(self, user):
        self.user, self.client = user, None

    def __getattr__(self, name):
        self.client = self.client or sign_in(self.user)
        return getattr(self.client, name)


def browsers(group):
    """One of each officer, and of a plain member."""
    return [Later(member_of(group, role).user) for role in ("CHAIR", "TREASURER", "SECRETARY", "MEMBER")]


def saved(**rules):
    """A group in which everybody has saved 1,000."""
    group = make_group(**rules)
    pay_all(open_next(group), at=now())
    return group


def propose(browser, group, act, **asked):
    return browser.post(f"/chama/{group.slug}/approvals/new/{act}", {"idempotency_key": key(), "why": ""} | asked)


def put_name(browser, officer, place):
    """Read and sign with the code of an SMS."""
    assert browser.post(f"{place}/code", {"way": "SMS"}).status_code == 303
    return browser.post(f"{place}/sign", {"code": code_sent_to(str(officer.phone))})


def test_savings_leave_after_two_officers_have_signed_with_proof_and_once():
    group = saved()
    chair, treasurer, _secretary, plain = browsers(group)
    member = member_of(group, "MEMBER")
    once = key()
    asked = {"idempotency_key": once, "member": member.pk, "minor": "300", "why": "School fees"}
    places = {propose(plain, group, "withdraw_savings", **asked)["Location"] for _nth in range(2)}
    assert len(places) == 1
    place = places.pop()
    page = page_of(plain, place)
    assert "This is about you" in page
    assert "Read and sign" not in page
    assert "Sign: Pay out savings" in page_of(chair, "/")
    sheet = page_of(chair, f"{place}/sign")
    assert "School fees" in sheet
    assert chair.post(f"{place}/sign", {"code": "123456"}).status_code == 422
    assert Proposal.objects.get().sign_offs.count() == 0
    assert put_name(chair, member_of(group, "CHAIR").user, place).status_code == 303
    assert chair.get(f"{place}/sign").status_code == 303
    assert "1 signature is missing" in page_of(plain, place)
    assert put_name(treasurer, member_of(group, "TREASURER").user, place).status_code == 303
    done = Proposal.objects.get()
    assert (done.status, balances(group)["SAVINGS"], balance_of(member.account)) == ("CARRIED_OUT", 470_000, "49100.00")
    assert done.reference in page_of(plain, f"/chama/{group.slug}/ledger")
    assert plain.get(f"{place}/sign").status_code in (200, 303, 403)
    assert_books_balance()


REFUSED = (
    ("withdraw_savings", {"minor": "1,000.01"}, "They can take out"),
    ("withdraw_savings", {"minor": "x"}, ""),
    ("pay_welfare", {"what": "Wedding", "happened_on": "2026-01-01"}, "Choose one of the list"),
    ("pay_welfare", {"what": "Bereavement", "happened_on": "2026-01-01"}, "long enough"),
    ("pay_dividend", {"minor": "5", "until": "2026-01-01"}, ""),
)


def test_what_cannot_be_asked_for_is_refused_in_words_and_nothing_is_written():
    group = saved()
    browser = sign_in(group.created_by)
    for act, asked, said in REFUSED:
        answer = propose(browser, group, act, member=member_of(group, "CHAIR").pk, **asked)
        page = answer.content.decode()
        assert (answer.status_code in (409, 422), said in page, faults_of(page)) == (True, True, []), (act, asked)
    assert not Proposal.objects.exists()


def test_a_vote_shows_who_voted_what_is_missing_and_counts_once():
    group = saved(vote_above_minor=1)
    chair, treasurer, secretary, _plain = browsers(group)
    member = member_of(group, "MEMBER")
    place = propose(chair, group, "withdraw_savings", member=member.pk, minor="300")["Location"]
    assert "Vote: Pay out savings" in page_of(treasurer, f"/chama/{group.slug}")
    assert chair.post(f"{place}/vote", {"choice": "YES"}).status_code == 303
    again = chair.post(f"{place}/vote", {"choice": "NO"})
    assert (again.status_code, "it counts once" in again.content.decode()) == (409, True)
    assert "3 have not voted" in page_of(treasurer, place)
    assert sign_in(member.user).post(f"{place}/vote", {"choice": "YES"}).status_code == 403
    assert "Turn it down" in page_of(secretary, place)
    assert secretary.post(f"{place}/act", {"do": "no", "because": " "}).status_code == 400
    assert secretary.post(f"{place}/act", {"do": "no", "because": "No papers were shown"}).status_code == 303
    page = page_of(chair, place)
    assert "No papers were shown" in page
    assert Proposal.objects.get().status == "REJECTED"


def test_what_could_not_be_done_is_carried_out_again_and_a_proposal_is_taken_back():
    group = saved(welfare_claims={"Illness": 150_000}, welfare_waiting_months=0)
    chair, _treasurer, secretary, _plain = browsers(group)
    member = member_of(group, "MEMBER")
    asked = {"member": member.pk, "what": "Illness", "happened_on": str(local_date(now()))}
    place = propose(chair, group, "pay_welfare", **asked)["Location"]
    row = Proposal.objects.get()
    for role in ("TREASURER", "SECRETARY"):
        sign(row, member_of(group, role).user)
    assert "Carry it out" in page_of(chair, place)
    assert chair.post(f"{place}/act", {"do": "again"}).status_code == 422 or Proposal.objects.get().status == "PASSED"
    pay_all(open_next(group), at=now())
    assert secretary.post(f"{place}/act", {"do": "again"}).status_code == 303
    row.refresh_from_db()
    assert row.status == "CARRIED_OUT"
    other = propose(chair, group, "withdraw_savings", member=member.pk, minor="10")["Location"]
    assert secretary.post(f"{other}/act", {"do": "back"}).status_code == 403
    assert chair.post(f"{other}/act", {"do": "back"}).status_code == 303
    assert Proposal.objects.latest("pk").status == "WITHDRAWN"
    assert_books_balance()


def test_an_election_needs_votes_alone_and_an_auditor_proposes_nothing():
    group = make_group(members=4)
    chair, *_others = browsers(group)
    member = member_of(group, "MEMBER")
    place = propose(chair, group, "role", member=member.pk, role="TREASURER")["Location"]
    assert "Signatures of officers" not in page_of(chair, place)
    for browser in browsers(group)[:3]:
        browser.post(f"{place}/vote", {"choice": "YES"})
    member.refresh_from_db()
    assert member.role == "TREASURER"
    assert propose(chair, group, "nothing").status_code == 404


def test_a_meeting_is_called_attended_written_down_and_signed():
    group = make_group()
    chair, _treasurer, secretary, plain = browsers(group)
    here = f"/chama/{group.slug}/meetings"
    assert "No meeting is called." in page_of(plain, here)
    day = local_date(now()) + timedelta(days=1)
    asked = {"on_day": f"{day:%F}", "at_time": "10:00", "place": "Kisumu", "agenda": "Money\nOther"}
    assert chair.post(f"{here}/new", asked | {"on_day": "2020-01-01"}).status_code == 422
    place = chair.post(f"{here}/new", asked)["Location"]
    assert "Kisumu" in page_of(plain, place)
    assert secretary.post(f"{place}/attendance", {}).status_code == 400  # it has not begun
    with time_machine.travel(now() + timedelta(days=2), tick=True):
        chair, _treasurer, secretary, plain = browsers(group)
        assert plain.get(f"{place}/attendance").status_code == 403
        page_of(secretary, f"{place}/attendance")
        present = {f"m{one.pk}": "PRESENT" for one in members_of(group)[:4]}
        for _nth in range(2):
            assert secretary.post(f"{place}/attendance", present).status_code == 303
        assert "4 of 5 were there" in page_of(plain, place)
        assert "1. Money" in page_of(secretary, f"{place}/minutes")
        for _nth in range(2):
            assert secretary.post(f"{place}/minutes", {"body": "All was well."}).status_code == 303
        assert Minutes.objects.count() == 1
        assert "Sign the minutes" in page_of(chair, f"/chama/{group.slug}")
        assert chair.post(f"{place}/act", {"do": "sign", "version": "1"}).status_code == 303
        assert chair.post(f"{place}/act", {"do": "sign", "version": "1"}).status_code == 409
        assert "Not signed yet" not in page_of(plain, place)
        assert secretary.post(f"{place}/minutes", {"body": "All was very well."}).status_code == 303
        page = page_of(plain, place)
        assert "Not signed yet" in page
        assert "Version 1 of" in page
        assert chair.post(f"{place}/act", {"do": "cancel"}).status_code == 409
        _disputed(place, chair, secretary, plain)
    assert Meeting.objects.get().status == "HELD"


def _disputed(place, chair, secretary, plain):
    """A member disputes the minutes; the secretary wrote them, so the chair answers."""
    said = {"version": "2", "text": "We said otherwise"}
    assert plain.post(place, said | {"text": ""}).status_code == 422
    assert plain.post(place, said | {"version": "9"}).status_code == 404
    assert plain.post(place, said).status_code == 303
    assert plain.post(place, said).status_code == 409
    page = page_of(plain, place)
    assert ("About version 2" in page, "Dispute the minutes" in page) == (True, False)
    dispute = GroupDispute.objects.get()
    answer = f"{place.split('/meetings/')[0]}/disputes/{dispute.public_id}"
    assert "They are right" not in page_of(secretary, place)
    assert "They are right" in page_of(chair, place)
    assert secretary.post(answer, {"answer": "wrong", "text": "No"}).status_code == 403
    sent = chair.post(answer, {"answer": "right", "text": "It will be corrected"})
    assert (sent.status_code, sent["Location"]) == (303, place)
    assert "It will be corrected" in page_of(plain, place)


def test_a_loan_is_asked_for_within_the_limit_stood_for_lent_and_paid_back():
    group = saved(loan_guarantors=1)
    chair, treasurer, _secretary, plain = browsers(group)
    member, head = member_of(group, "MEMBER"), member_of(group, "CHAIR")
    here = f"/chama/{group.slug}/loans"
    assert "4,000.00" in page_of(plain, here)
    asked = {"idempotency_key": key(), "amount": "2000", "months": "2", "guarantors": [head.pk], "purpose": "Stock"}
    too_much = plain.post(f"{here}/new", asked | {"amount": "4000.01"})
    assert (too_much.status_code, "at most KES 4,000.00" in too_much.content.decode()) == (422, True)
    assert plain.post(f"{here}/new", asked | {"guarantors": []}).status_code == 422
    place = {plain.post(f"{here}/new", asked)["Location"] for _nth in range(2)}.pop()
    loan = GroupLoan.objects.get()
    assert plain.post(place, {"do": "agree"}).status_code == 404
    assert "Somebody asks you to stand" in page_of(chair, "/chama")
    assert chair.post(place, {"do": "agree"}).status_code == 303
    asked_at = propose(treasurer, group, "lend_to_member", loan=loan.pk)["Location"]
    assert "Lend KES 2,000.00" in page_of(treasurer, asked_at)
    decide("LEND_TO_MEMBER", group, {"loan": loan.pk}, at=now())
    page_of(plain, f"{place}/pay")
    pay = {"idempotency_key": key(), "amount": "9000", "from_account": member.account_id}
    assert plain.post(f"{place}/pay", pay).status_code == 422
    confirm = plain.post(f"{place}/pay", pay | {"amount": "2000"})["Location"]
    plain.post(confirm, {"code": code_sent_to(str(member.user.phone))})
    rail.ChamaRail().send(payment=Payment.objects.get(), at=now())
    assert GroupLoan.objects.get().status == "PAID"
    assert plain.get(f"{place}/pay").status_code == 303
    assert plain.get(f"/chama/{group.slug}/contribute/mpesa?loan={loan.reference}").status_code == 404
    assert_books_balance()


def test_a_round_is_drawn_with_members_words_checked_and_turns_swapped():
    group = make_group(rotation="DRAWN", rotation_minor=10_000)
    chair, treasurer, _secretary, plain = browsers(group)
    here = f"/chama/{group.slug}/rounds"
    assert plain.post(here, {"hours": "24"}).status_code == 403
    assert chair.post(here, {"hours": "24"}).status_code == 303
    assert chair.post(here, {"hours": "24"}).status_code == 409
    row = Round.objects.get()
    assert row.seed_hash in page_of(plain, here)
    place = f"{here}/{row.public_id}"
    assert plain.post(place, {"do": "word", "word": "harambee"}).status_code == 303
    assert plain.post(place, {"do": "word", "word": "other"}).status_code == 409
    assert plain.post(place, {"do": "order"}).status_code == 409
    with time_machine.travel(now() + timedelta(days=2), tick=True):
        chair, treasurer, _secretary, plain = browsers(group)
        assert plain.post(place, {"do": "order"}).status_code == 303
        row.refresh_from_db()
        page = page_of(plain, here)
        assert row.shown_seed in page
        assert "harambee" in page
        mine = Turn.objects.get(member=member_of(group, "MEMBER"))
        theirs = Turn.objects.get(member=member_of(group, "TREASURER"))
        asking = f"/chama/{group.slug}/turns/{theirs.pk}/swap"
        assert plain.post(asking).status_code == 303
        mistake = Swap.objects.get()
        assert "Without an answer it lapses after 3 days" in page_of(plain, here)
        back = f"/chama/{group.slug}/swaps/{mistake.pk}/take-back"
        assert (treasurer.post(back).status_code, plain.post(back).status_code) == (404, 303)
        assert "You may ask another member" in page_of(plain, here)
        assert plain.post(asking).status_code == 303
        swap = Swap.objects.get(status="ASKED")
        assert "Somebody asks to swap turns" in page_of(treasurer, "/")
        assert chair.post(f"/chama/{group.slug}/swaps/{swap.pk}", {"answer": "yes"}).status_code == 404
        assert treasurer.post(f"/chama/{group.slug}/swaps/{swap.pk}", {"answer": "yes"}).status_code == 303
        before = (mine.position, theirs.position)
        mine.refresh_from_db()
        theirs.refresh_from_db()
        assert (theirs.position, mine.position) == before


def test_an_auction_takes_sealed_offers_and_a_list_takes_none():
    group = make_group(rotation="AUCTIONED", rotation_minor=10_000)
    chair, *_others, plain = browsers(group)
    here = f"/chama/{group.slug}/rounds"
    chair.post(here, {"hours": "2"})
    place = f"{here}/{Round.objects.get().public_id}"
    assert plain.post(place, {"do": "bid", "amount": "9000"}).status_code == 400
    assert plain.post(place, {"do": "bid", "amount": "100"}).status_code == 303
    page = page_of(chair, here)
    assert "1 offer is in" in page
    assert "100.00" not in page
    listed = make_group(rotation="FIXED", rotation_minor=10_000)
    browser = sign_in(listed.created_by)
    assert browser.post(f"/chama/{listed.slug}/rounds", {}).status_code == 303
    assert "Under way" not in page_of(browser, f"/chama/{listed.slug}/rounds")
    assert "Next turn" in page_of(browser, f"/chama/{listed.slug}")


def test_a_fine_is_given_once_a_day_appealed_and_decided():
    group = make_group(other_fines={"Phone rings": 5_000})
    chair, _treasurer, _secretary, plain = browsers(group)
    member, here = member_of(group, "MEMBER"), f"/chama/{group.slug}/fines"
    sent = {"member": member.pk, "name": "Phone rings"}
    assert plain.post(here, sent).status_code == 403
    assert chair.post(here, sent).status_code == 303
    assert chair.post(here, sent).status_code == 422
    fine = Fine.objects.get()
    assert "50.00" in page_of(plain, f"/chama/{group.slug}/contribute")
    assert chair.post(f"{here}/{fine.pk}/appeal", {"says": "Not mine"}).status_code == 404
    assert plain.post(f"{here}/{fine.pk}/appeal", {"says": "It was not my phone"}).status_code == 303
    assert "It was not my phone" in page_of(chair, here)
    place = propose(chair, group, "decide_fine", fine=fine.pk)["Location"]
    assert "Waive the fine of KES 50.00" in page_of(chair, place)
    for browser, role in ((chair, "CHAIR"), (_treasurer, "TREASURER")):
        page_of(browser, f"{place}/sign")
        assert browser.post(f"{place}/sign", {}).status_code == 303, role
    fine.refresh_from_db()
    assert fine.status == "WAIVED"


def test_a_disputed_row_is_marked_everywhere_and_answered_by_whom_it_does_not_concern():
    group = saved()
    chair, treasurer, _secretary, plain = browsers(group)
    row = GroupEntry.objects.filter(member=member_of(group, "CHAIR"))[0]
    place = f"/chama/{group.slug}/ledger/{row.pk}"
    assert plain.post(place, {"text": ""}).status_code == 422
    assert plain.post(place, {"text": "She paid less"}).status_code == 303
    assert plain.post(place, {"text": "She paid less"}).status_code == 409
    assert "1 row of the ledger is disputed" in page_of(plain, f"/chama/{group.slug}")
    assert "Disputed" in page_of(chair, f"/chama/{group.slug}/ledger")
    one = GroupDispute.objects.get()
    answer = f"/chama/{group.slug}/disputes/{one.public_id}"
    assert "They are right" not in page_of(chair, place)
    assert chair.post(answer, {"answer": "wrong", "text": "No"}).status_code == 403
    assert plain.post(answer, {"answer": "right", "text": "Yes"}).status_code == 403
    assert treasurer.post(answer, {"answer": "wrong", "text": "The receipt is with us"}).status_code == 303
    assert "The receipt is with us" in page_of(plain, place)


def test_an_officer_makes_a_new_code_to_join_and_members_see_no_button_for_it():
    group = make_group()
    chair, *_others, plain = browsers(group)
    old = group.join_code
    assert "Make a new code" in page_of(chair, f"/chama/{group.slug}/members")
    assert "Make a new code" not in page_of(plain, f"/chama/{group.slug}/members")
    assert plain.post(f"/chama/{group.slug}/join-code").status_code == 403
    assert chair.post(f"/chama/{group.slug}/join-code").status_code == 303
    group.refresh_from_db()
    page = page_of(chair, f"/chama/{group.slug}/members")
    assert group.join_code in page
    assert old not in page
