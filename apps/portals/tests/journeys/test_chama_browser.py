"""A group in Chromium on a phone: three people find each other, agree on rules, pay in by M-Pesa, and pay one of them
out after a vote, two signatures and two proofs; M-Pesa is the stand-in beside the bank, phone and callback and all.
"""

import pytest
from playwright.sync_api import expect

from apps.accounts.testing import balance_of, make_account
from apps.chamas.models import ChamaGroup, GroupEntry, Membership
from apps.chamas.operations.books import balances
from apps.chamas.testing import open_next
from apps.kernel.clock import now
from apps.kernel.testing import deliver_events
from apps.ledger.testing import assert_books_balance
from apps.mpesa import operations as mpesa
from apps.mpesa.models import MpesaTransaction
from apps.notifications.testing import code_sent_to
from apps.portals.tests.journeys.test_customer_browser import sign_in
from apps.users.testing import make_customer

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def people():
    """A chair, a treasurer and a secretary to be, each with some money."""
    named = (("Achieng Otieno", "+254722000201"), ("Baraka Mwangi", "+254722000202"), ("Chebet Koech", "+254722000203"))
    return [
        make_account(make_customer(full_name=name, phone=phone, kyc_tier="TIER_3"), balance="20000").owner
        for name, phone in named
    ]


class Hand:
    """One phone that goes from hand to hand; no page on it is wider than its screen."""

    def __init__(self, phone, address):
        self.phone, self.address = phone, address
        phone.set_viewport_size({"width": 390, "height": 844})

    def take(self, person):
        """The next one signs in."""
        self.phone.context.clear_cookies()
        sign_in(self.phone, self.address, person)

    def go(self, path):
        """To a page."""
        self.phone.goto(f"{self.address}{path}")
        self.fits()

    def press(self, words):
        """A link or button of the page itself."""
        self.phone.click(f"main :is(a, button):has-text('{words}') >> nth=0")
        self.phone.wait_for_load_state()
        self.fits()

    def fits(self):
        """Nothing runs off to the right."""
        assert self.phone.evaluate("document.documentElement.scrollWidth") <= 390, self.phone.url

    def reads(self, words):
        """It stands on the page."""
        expect(self.phone.locator("main")).to_contain_text(words)

    def proves(self, person):
        """With the code of the SMS."""
        self.press("Send me a code by SMS")
        self.phone.fill("#id_code", code_sent_to(str(person.phone)))


def test_from_the_idea_to_money_on_a_members_account(phone, live_server, people, phones):
    chair, treasurer, secretary = people
    hand = Hand(phone, live_server.url)
    group = _come_together(hand, people)
    here = f"/chama/{group.slug}"
    _pay_in_by_mpesa(hand, people, group, phones)
    _propose_and_vote(hand, people, here)
    before = balance_of(Membership.objects.get(user=secretary).account)
    for nth, officer in enumerate((chair, treasurer)):
        hand.take(officer)
        hand.go(here)
        hand.press("Sign: Pay out savings")
        hand.reads("1,000.00")
        hand.press("Read and sign")
        hand.proves(officer)
        phone.dblclick("button:has-text('Sign: KES')")
        hand.reads("Signed, and done." if nth else "Others must agree as well.")
    hand.take(secretary)
    hand.go(f"{here}/ledger")
    hand.reads("Savings taken out")
    row = GroupEntry.objects.get(kind="WITHDRAWAL")
    hand.reads(row.reference)
    after = balance_of(Membership.objects.get(user=secretary).account)
    assert float(after) - float(before) == 1_000
    assert balances(group)["SAVINGS"] == 200_000
    assert_books_balance()
    assert phone.wrong == []


def _come_together(hand, people):
    """Founded, two invited who join and accept, roles given, begun."""
    chair, treasurer, secretary = people
    phone = hand.phone
    hand.take(chair)
    phone.click("nav >> text=Chama")
    hand.press("Start a group")
    hand.press("Savings group")
    phone.fill("#id_name", "Umoja wa Kisumu")
    phone.fill("#id_savings_minor", "1000")
    phone.fill("#id_welfare_minor", "")
    phone.click("summary:has-text('Deciding')")
    phone.fill("#id_members_at_least", "3")
    phone.fill("#id_vote_above_minor", "1")
    hand.press("Start the group")
    hand.reads("What is still missing")
    group = ChamaGroup.objects.get()
    hand.press("Invite, take in, give roles")
    for other in (treasurer, secretary):
        phone.fill("#id_phone", str(other.phone))
        phone.click("button:has-text('Invite')")
        hand.reads("Asked by SMS")
    for other in (treasurer, secretary):
        hand.take(other)
        hand.press("You are invited to join")
        hand.press("Join")
        hand.press("I accept these rules")
        hand.reads("You accepted the rules.")
    hand.take(chair)
    hand.go(f"/chama/{group.slug}/members")
    for other, role in ((treasurer, "TREASURER"), (secretary, "SECRETARY")):
        pk = Membership.objects.get(user=other).pk
        phone.select_option(f"#role-{pk}", role)
        phone.click(f"form[action$='/members/{pk}'] button")
        hand.reads("The role was given.")
    hand.go(f"/chama/{group.slug}")
    hand.press("Begin")
    hand.reads("In the pot")
    return group


def _pay_in_by_mpesa(hand, people, group, phones):
    """All owe the first cycle; each is sent a prompt, types the PIN on the phone, and Safaricom calls the bank back."""
    open_next(group)
    here = f"/chama/{group.slug}"
    for nth, person in enumerate(people):
        if nth:
            hand.take(person)
        hand.go(here)
        hand.press("Pay in")
        hand.reads("1,000.00")
        hand.press("By M-Pesa")
        assert hand.phone.input_value("#id_amount") == "1,000.00"
        hand.press("Send the prompt")
        push = MpesaTransaction.objects.latest("pk")
        member = Membership.objects.get(user=person)
        assert push.purpose == f"chama/{member.reference}"
        mpesa.send_push(push_id=push.pk, at=now())
        before = balance_of(member.account)
        _type_the_pin(hand.phone, phones, person)
        phones.tell()
        deliver_events()
        assert balance_of(member.account) == before  # it went on into the group
    hand.take(people[0])
    hand.go(here)
    hand.reads("You owe nothing now.")
    hand.reads("3 of 3")


def _type_the_pin(page, phones, person):
    """On the phone's own screen, beside the bank."""
    page.goto(f"{phones.address}/phone/{str(person.phone).lstrip('+')}/")
    page.fill("form[action*='/stk/'] input[name=pin]", "1234")
    page.press("form[action*='/stk/'] input[name=pin]", "Enter")
    page.wait_for_load_state()


def _propose_and_vote(hand, people, here):
    """The secretary asks for their savings, the others vote for it."""
    chair, treasurer, secretary = people
    hand.take(secretary)
    hand.go(f"{here}/approvals")
    hand.press("Pay out savings")
    hand.phone.fill("#id_minor", "1000")
    hand.phone.fill("#id_why", "School fees")
    hand.press("Propose it")
    hand.reads("the others decide")
    for other in (chair, treasurer):
        hand.take(other)
        hand.press("Vote: Pay out savings")
        hand.press("For")
        hand.reads("Your vote counts.")
