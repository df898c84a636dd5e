"""Groups on the pages: founded, joined, begun, paid into; a refusal says why and moves nothing."""

import re
import uuid
from datetime import timedelta

import pytest
import time_machine

from apps.accounts.testing import balance_of, kes, make_account
from apps.chamas import operations, presets, rail
from apps.chamas.models import CashNote, ChamaGroup, ConstitutionVersion, GroupInvitation, Meeting, Membership, PayIn
from apps.chamas.operations.books import balances
from apps.chamas.testing import make_forming, make_group, make_person, member_of, open_next
from apps.kernel.clock import day_start, local_date, now
from apps.ledger.testing import assert_books_balance
from apps.mpesa.models import MpesaTransaction
from apps.notifications.testing import code_sent_to
from apps.payments.models import Payment, StandingOrder
from apps.portals.customer.chama.rule_form import Rules
from apps.portals.testing import faults_of, sign_in
from apps.portals.tests.customer.circle import make_treasurer
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db


def person(name, **fields):
    return make_account(make_customer(full_name=name, **fields), balance="50000").owner


def page_of(browser, address):
    answer = browser.get(address)
    page = answer.content.decode()
    assert (answer.status_code, faults_of(page)) == (200, []), address
    return page


def filled(terms, **more):
    """The form of rules as a browser sends it back, with changes."""
    form = Rules(terms=terms)
    kept = {name: form.get_initial_for_field(field, name) for name, field in form.fields.items()}
    return {name: "" if value is None else value for name, value in kept.items()} | more


def founded(browser, **more):
    sent = filled(presets.preset("savings").terms, name="Umoja Women", idempotency_key=uuid.uuid4().hex)
    return browser.post("/chama/start/savings", sent | more)


def test_the_way_into_groups_stands_in_the_bar_and_leads_to_starting_one():
    browser = sign_in(person("Achieng Otieno"))
    assert 'href="/chama"' in page_of(browser, "/")
    assert "no officer moves money alone" in page_of(browser, "/chama")
    page = page_of(browser, "/chama/start")
    for one in presets.PRESETS:
        assert f"/chama/start/{one.code}" in page
        page_of(browser, f"/chama/start/{one.code}")
    assert browser.get("/chama/start/nothing").status_code == 404


def test_a_group_is_founded_by_plain_words_and_the_same_form_founds_it_once():
    browser, once = sign_in(person("Achieng Otieno")), uuid.uuid4().hex
    more = {"savings_minor": "1,500", "welfare_claims": "Bereavement = 5,000\nIllness=2k", "idempotency_key": once}
    more |= {"loan_rate_bps": "1.5", "members_at_least": "3"}
    for _nth in range(2):
        answer = founded(browser, **more)
        assert (answer.status_code, answer["Location"]) == (303, "/chama/umoja-women")
    terms = ConstitutionVersion.objects.get(group=ChamaGroup.objects.get()).terms
    assert (terms.savings_minor, terms.loan_rate_bps, terms.members_at_least) == (150_000, 150, 3)
    assert terms.welfare_claims == {"Bereavement": 500_000, "Illness": 200_000}
    page = page_of(browser, "/chama/umoja-women")
    assert page.count("Nobody yet") == 2  # treasurer and secretary
    assert "2 are missing" in page
    refused = browser.post("/chama/umoja-women/begin")
    assert (refused.status_code, ChamaGroup.objects.get().status) == (409, "FORMING")


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        ({"savings_minor": "", "welfare_minor": ""}, "Somebody must pay something"),
        ({"rotation": "DRAWN"}, "Say how much everybody pays into the merry-go-round"),
        ({"welfare_claims": "Bereavement 5000"}, "Write one on each line"),
        ({"share_out_by": "SHARES"}, "Give shares a price first"),
        ({"name": "ab"}, "3 to 60"),
        ({"vote_days": "x"}, "Write a number."),
    ],
)
def test_rules_that_cannot_be_carried_out_are_said_at_their_question(sent, said):
    answer = founded(sign_in(person("Achieng Otieno")), **sent)
    page = answer.content.decode()
    assert (answer.status_code, said in page, faults_of(page)) == (422, True, [])
    assert not ChamaGroup.objects.exists()


def test_people_come_by_code_and_by_invitation_and_the_group_begins_when_all_is_there():
    chair, asker, friend = (
        person("Achieng Otieno"),
        person("Baraka Mwangi"),
        person("Chebet Koech", phone="+254733000777"),
    )
    first, second, third = map(sign_in, (chair, asker, friend))
    founded(first, members_at_least="3")
    group = ChamaGroup.objects.get()
    here = f"/chama/{group.slug}"
    assert second.get(here).status_code == 404
    assert group.join_code in page_of(second, f"/chama/join?code={group.join_code}")
    assert second.post("/chama/join", {"code": "ZZZZZZZZ"}).status_code == 422
    assert second.post("/chama/join", {"code": group.join_code.lower()}).status_code == 303
    assert "You asked to join" in page_of(second, "/chama")
    assert "Somebody asks to join" in page_of(first, "/")
    member = Membership.objects.get(user=asker)
    assert first.post(f"{here}/members/{member.pk}", {"answer": "yes"}).status_code == 303
    assert first.post(f"{here}/members", {"phone": "0733 000 777"}).status_code == 303
    assert first.post(f"{here}/members", {"phone": "0733 000 777"}).status_code == 409
    assert "Achieng O. invites you" in page_of(third, "/chama")
    assert "You are invited to join" in page_of(third, "/")
    invitation = GroupInvitation.objects.get()
    assert second.post(f"/chama/invitations/{invitation.public_id}", {"answer": "yes"}).status_code == 404
    assert third.post(f"/chama/invitations/{invitation.public_id}", {"answer": "yes"}).status_code == 303
    other = Membership.objects.get(user=friend)
    assert second.post(f"{here}/members/{other.pk}", {"role": "TREASURER"}).status_code == 403
    for one, role in ((member, "TREASURER"), (other, "SECRETARY")):
        assert first.post(f"{here}/members/{one.pk}", {"role": role}).status_code == 303
    assert first.post(f"{here}/begin").status_code == 409
    for browser in (second, third):
        assert "Paying in" in page_of(browser, f"{here}/rules")
        assert browser.post(f"{here}/rules", {"version": "1"}).status_code == 303
    for _nth in range(2):
        assert first.post(f"{here}/begin").status_code == 303
    group.refresh_from_db()
    assert group.status == "ACTIVE"
    assert "In the pot" in page_of(third, here)


def test_officers_alone_invite_take_in_and_put_rules_forward():
    group = make_group()
    browser = sign_in(member_of(group, "MEMBER").user)
    here = f"/chama/{group.slug}"
    asker = operations.ask_to_join(join_code=group.join_code, by=make_person(), at=now())
    page = page_of(browser, f"{here}/members")
    assert "Invite somebody" not in page
    assert "They ask to join" not in page
    assert browser.post(f"{here}/members", {"phone": "0733000999"}).status_code == 422
    assert browser.post(f"{here}/members/{asker.pk}", {"answer": "yes"}).status_code == 403
    for address in ("rules/new", "meetings/new", "sheet"):
        assert browser.get(f"{here}/{address}").status_code == 403, address
    asker.refresh_from_db()
    assert (asker.status, GroupInvitation.objects.count()) == ("ASKED", 0)


def test_new_rules_before_the_beginning_are_accepted_anew_and_afterwards_voted_on_once():
    forming = make_forming()
    browser = sign_in(forming.created_by)
    sent = filled(forming.versions.get().terms, savings_minor="900", idempotency_key=uuid.uuid4().hex)
    assert browser.post(f"/chama/{forming.slug}/rules/new", sent).status_code == 303
    assert forming.versions.get(status="PROPOSED").terms.savings_minor == 90_000
    group = make_group()
    browser = sign_in(group.created_by)
    sent = filled(operations.in_force(group).terms, savings_minor="2,000", idempotency_key=uuid.uuid4().hex)
    places = {browser.post(f"/chama/{group.slug}/rules/new", sent)["Location"] for _nth in range(2)}
    assert len(places) == 1
    assert group.versions.count() == 2
    page = page_of(browser, f"/chama/{group.slug}/rules")
    assert "Everybody pays KES 1,200.00 each month" in page
    assert "Everybody pays KES 2,200.00 each month" in page
    assert "Version 2" in page_of(browser, places.pop())


# ---- paying in ----


@pytest.fixture
def saving():
    """A group whose first cycle is open, and a browser of its plain member."""
    group = make_group()
    open_next(group)
    member = member_of(group, "MEMBER")
    return group, member, sign_in(member.user)


def test_paying_in_is_a_payment_like_any_other_with_its_name_and_proof(saving):
    group, member, browser = saving
    here = f"/chama/{group.slug}/contribute"
    page = page_of(browser, here)
    assert 'value="1,200.00"' in page
    assert member.reference in page
    sent = {"idempotency_key": uuid.uuid4().hex, "amount": "1200", "from_account": member.account_id}
    places = {browser.post(here, sent)["Location"] for _nth in range(2)}
    assert len(places) == 1
    payment = Payment.objects.get()
    assert payment.payee_name.endswith("Umoja Women")
    confirm = places.pop()
    assert "Umoja Women" in page_of(browser, confirm)
    assert browser.post(confirm, {"code": "000000"}).status_code == 422
    assert browser.post(confirm, {"code": code_sent_to(str(member.user.phone))}).status_code == 303
    rail.ChamaRail().send(payment=Payment.objects.get(), at=now())
    assert PayIn.objects.get().amount == kes("1200")
    assert "Umoja Women" in page_of(browser, f"/pay/done/{payment.public_id}")
    assert "You owe nothing now." in page_of(browser, f"/chama/{group.slug}")
    assert balance_of(member.account) == "48800.00"
    assert_books_balance()


@pytest.mark.parametrize("amount", ["0", "-5", "x", ""])
def test_nothing_begins_with_an_amount_that_is_none(saving, amount):
    group, member, browser = saving
    sent = {"idempotency_key": uuid.uuid4().hex, "amount": amount, "from_account": member.account_id}
    assert browser.post(f"/chama/{group.slug}/contribute", sent).status_code == 422
    assert not Payment.objects.exists()


def test_a_prompt_says_what_it_is_for_and_a_standing_order_knows_the_reference(saving):
    group, member, browser = saving
    sent = {"idempotency_key": uuid.uuid4().hex, "amount": "1200", "phone": str(member.user.phone)}
    answer = browser.post(f"/chama/{group.slug}/contribute/mpesa", sent)
    assert answer.status_code == 303, answer.content.decode()[:3000]
    assert MpesaTransaction.objects.get().purpose == f"chama/{member.reference}"
    assert "Umoja Women" in page_of(browser, f"/pay/scheduled/new?group={member.reference}")
    plan = {"idempotency_key": uuid.uuid4().hex, "group": member.reference, "amount": "1200", "cadence": "MONTHLY"}
    plan |= {"from_account": member.account_id, "starts_on": f"{now().year + 1}-01-05", "day_off": "NEXT"}
    assert browser.post("/pay/scheduled/new", plan).status_code == 303
    assert StandingOrder.objects.get().destination == {"reference": member.reference}
    stranger = sign_in(make_person())
    assert "Umoja Women" not in stranger.get(f"/pay/scheduled/new?group={member.reference}").content.decode()


def test_the_treasurer_notes_cash_with_one_press_and_pays_in_what_was_confirmed(saving):
    group, member, browser = saving
    treasurer = member_of(group, "TREASURER")
    desk, here = sign_in(treasurer.user), f"/chama/{group.slug}/sheet"
    page = page_of(desk, here)
    assert page.count("Gave cash") == 4  # nobody notes their own
    sent = {"key": uuid.uuid4().hex, "member": member.pk, "amount": "1,200.00"}
    for _nth in range(2):
        assert desk.post(here, sent).status_code == 303
    note = CashNote.objects.get()
    assert balances(group)["SAVINGS"] == 0
    assert "Say whether you gave this cash" in page_of(browser, f"/chama/{group.slug}")
    assert desk.post(f"{here}/bank", {"from_account": treasurer.account_id}).status_code == 303
    note.refresh_from_db()
    assert note.status == "RECORDED"
    assert desk.post(f"/chama/{group.slug}/cash/{note.pk}", {"answer": "yes"}).status_code == 404
    assert browser.post(f"/chama/{group.slug}/cash/{note.pk}", {"answer": "yes"}).status_code == 303
    assert "Pay in KES" in page_of(desk, here)
    for _nth in range(2):
        assert desk.post(f"{here}/bank", {"from_account": treasurer.account_id}).status_code == 303
    assert (balances(group)["SAVINGS"], balance_of(treasurer.account)) == (100_000, "48800.00")
    assert_books_balance()


def test_the_sheet_is_the_one_page_of_a_meeting_who_is_here_who_has_paid_and_what_they_give(saving):
    group, member, browser = saving
    treasurer = member_of(group, "TREASURER")
    at = now() + timedelta(days=1)
    meeting = operations.call_meeting(
        group=group, starts_at=at, place="Kondele", agenda=["Loans"], by=group.created_by, at=now()
    )
    here, roll = f"/chama/{group.slug}/sheet", f"/chama/{group.slug}/meetings/{meeting.public_id}/roll"
    with time_machine.travel(day_start(local_date(at)) + timedelta(hours=9), tick=False):
        Meeting.objects.update(starts_at=now() + timedelta(minutes=5))
        desk, browser = sign_in(treasurer.user), sign_in(member.user)
        page = page_of(desk, here)
        assert ("0 of 5 are here" in page, "0 of 5 owe nothing" in page) == (True, True)
        assert page.count('value="PRESENT"') == 5
        answer = desk.post(roll, {"sheet": "1", "member": member.pk, "presence": "PRESENT"})
        assert (answer.status_code, answer["Location"].endswith(f"/sheet#m{member.pk}")) == (303, True)
        assert "1 of 5 are here" in page_of(desk, here)
        assert browser.post(roll, {"member": member.pk, "presence": "PRESENT"}).status_code == 403
        assert browser.post(roll, {"member": "x", "presence": "APOLOGY"}).status_code == 404
        other = sign_in(member_of(group, "SECRETARY").user)
        assert "send my apology" in page_of(other, f"/chama/{group.slug}/meetings/{meeting.public_id}")
        own = member_of(group, "SECRETARY").pk
        assert other.post(roll, {"member": own, "presence": "APOLOGY"}).status_code == 303
        page = page_of(other, f"/chama/{group.slug}/meetings/{meeting.public_id}")
        assert ("You have sent your apology" in page, "Apologies" in page) == (True, True)
        Meeting.objects.update(starts_at=now())
        page = page_of(other, f"/chama/{group.slug}/meetings/{meeting.public_id}/attendance")
        assert [page.count(f'value="{code}" checked') for code in ("PRESENT", "APOLOGY", "ABSENT")] == [1, 1, 3]
        place = f"/chama/{group.slug}/meetings/{meeting.public_id}/attendance"
        seen = re.search(r'name="roll" value="([^"]+)"', page).group(1)
        stale = other.post(place, {"roll": ""})  # somebody was ticked since that page was opened
        assert (stale.status_code, faults_of(stale.content.decode())) == (409, [])
        assert other.post(place, {"roll": seen, f"m{member.pk}": "PRESENT"}).status_code == 303
        assert Meeting.objects.get().attendance.filter(presence="PRESENT").count() == 1


def test_cash_is_denied_taken_back_or_refused_and_nothing_moves(saving):
    group, member, browser = saving
    treasurer = member_of(group, "TREASURER")
    desk, here = sign_in(treasurer.user), f"/chama/{group.slug}/sheet"
    wrong = desk.post(here, {"key": "a" * 32, "member": member.pk, "amount": "0"})
    assert (wrong.status_code in (400, 422), faults_of(wrong.content.decode())) == (True, [])
    assert desk.post(here, {"key": "a" * 32, "member": treasurer.pk, "amount": "5"}).status_code == 403
    for nth, (answer, who, status) in enumerate((("no", browser, "DENIED"), ("back", desk, "WITHDRAWN"))):
        desk.post(here, {"key": f"{nth}" * 32, "member": member.pk, "amount": "300"})
        note = CashNote.objects.latest("pk")
        assert who.post(f"/chama/{group.slug}/cash/{note.pk}", {"answer": answer}).status_code == 303
        note.refresh_from_db()
        assert note.status == status
    assert not PayIn.objects.exists()
    make_treasurer(group, member.user)
    assert "Gave cash" in page_of(browser, here)


def test_leaving_is_shown_before_it_is_said_and_taken_back(saving):
    group, member, browser = saving
    operations.contribute(member=member, amount=kes("1200"), key="1", by=member.user, at=now())
    here = f"/chama/{group.slug}/leave"
    assert "1,000.00" in page_of(browser, here)
    assert browser.post(here, {"answer": "leave"}).status_code == 303
    assert browser.post(here, {"answer": "leave"}).status_code == 409
    assert "You gave notice" in page_of(browser, here)
    assert "Leaves" in page_of(browser, f"/chama/{group.slug}/members")
    assert browser.post(here, {"answer": "stay"}).status_code == 303
    assert "Give notice" in page_of(browser, here)


def test_shares_are_bought_after_their_cost_is_seen_and_once(saving):
    group, member, browser = saving
    here = f"/chama/{group.slug}/shares"
    sent = {"idempotency_key": uuid.uuid4().hex, "count": "3"}
    seen = browser.post(here, sent)
    assert (seen.status_code, "1,500.00" in seen.content.decode(), balances(group)["SHARES"]) == (200, True, 0)
    no = browser.post(here, sent | {"count": "30", "agree": "150000"})
    assert (no.status_code, "No money moved" in no.content.decode(), balances(group)["SHARES"]) == (422, True, 0)
    assert 'name="agree" value="150000"' in seen.content.decode()
    for _nth in range(2):
        assert browser.post(here, sent | {"agree": "150000"}).status_code == 303
    assert (balances(group)["SHARES"], balance_of(member.account)) == (150_000, "48500.00")
    none = make_group(share_price_minor=0)
    assert sign_in(none.created_by).get(f"/chama/{none.slug}/shares").status_code == 400
    assert_books_balance()
