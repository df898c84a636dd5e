"""Another bank asks a business for money back: it answers as it pays, by as many as its mandate asks for."""

import pytest

from apps.accounts.errors import NoMandate
from apps.accounts.signing import ALL, ANY, SOME, Band
from apps.accounts.testing import balance_of, business_account, make_mandate
from apps.kernel.clock import now
from apps.kernel.errors import NotFound
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.errors import InsufficientFunds
from apps.notifications.testing import code_sent_to, messages_to
from apps.payments.errors import AnsweredAlready, NotASignatory
from apps.payments.models import AskedBack, AskedBackSignature, IncomingReturn
from apps.payments.operations import banks
from apps.payments.signing_back import signing_back
from apps.payments.tests.banks.desk import settles_at, sound
from apps.payments.tests.banks.incoming import came
from apps.payments.tests.banks.test_going_back import proof, wished
from apps.payments.tests.joint.hand import ask as ask_joint
from apps.payments.tests.joint.hand import sign as sign_joint
from apps.users import operations as people
from apps.users.testing import bearer, make_business, make_customer, make_member

pytestmark = pytest.mark.django_db
TWO = [Band(1000_00, ANY), Band(None, SOME, 2)]


@pytest.fixture
def firm():
    return make_business()


@pytest.fixture
def three(firm):
    return [firm.created_by, make_member(firm, "SIGNATORY"), make_member(firm, "SIGNATORY")]


@pytest.fixture
def asked(firm, three):
    """Five thousand that came to a firm of three, two of whom sign, and is asked back."""
    return wish_for(firm, three, TWO)


def wish_for(firm, named, bands, amount="5000"):
    account = business_account(firm)
    make_mandate(firm, *named, bands=bands)
    return wished(came(account, amount))


def sign(asked, by):
    return banks.send_back(asked=asked, challenge_id=proof(asked, by), by=by, at=now())


@pytest.mark.parametrize(
    ("bands", "amount", "needed"),
    [([Band(None, ANY)], "5000", 1), (TWO, "5000", 2), (TWO, "1000", 1), ([Band(None, ALL)], "5000", 3)],
)
def test_it_goes_with_the_last_signature_its_mandate_asks_for(firm, three, bands, amount, needed):
    asked = wish_for(firm, three, bands, amount)
    account = asked.incoming.account
    for nth, person in enumerate(three[:needed], start=1):
        assert (asked.status, balance_of(account)) == ("ASKED", f"{amount}.00")
        assert (signing_back(asked).needed, len(signing_back(asked).signed)) == (needed, nth - 1)
        asked = AskedBack.objects.of(person).get(pk=sign(asked, person).pk)
    assert (asked.status, balance_of(account)) == ("AGREED", "0.00")
    assert settles_at("suspense:receipts") == int(amount) * 100
    assert banks.answer_of(asked).is_accepted
    assert banks.send_back(asked=asked, challenge_id=None, by=three[0], at=now()).status == "AGREED"
    assert IncomingReturn.objects.count() == 1
    sound()


def test_everybody_who_signs_is_told(asked, three):
    deliver_events()
    for person in three:
        assert ["asks for KES 5,000.00 back" in one.body for one in messages_to(str(person.phone))].count(True) == 1


def test_one_who_signed_and_left_does_not_count(asked, firm, three):
    sign(asked, three[2])
    people.remove_member(member=firm.members.get(user=three[2]), by=three[0], at=now())
    assert sign(asked, three[0]).status == "ASKED"
    with pytest.raises(NotFound):
        banks.keep(asked=asked, by=three[2], at=now())
    assert sign(asked, three[1]).status == "AGREED"
    sound()


def test_who_is_not_named_neither_sends_nor_keeps_it(asked, firm):
    for who, no in ((make_customer(), NotFound), (make_member(firm, "VIEWER"), NotASignatory)):
        for act in (
            lambda who=who: banks.challenge_sending_back(asked=asked, by=who, at=now()),
            lambda who=who: banks.send_back(asked=asked, challenge_id=None, by=who, at=now()),
            lambda who=who: banks.keep(asked=asked, by=who, at=now()),
        ):
            with pytest.raises(no):
                act()
    assert (AskedBack.objects.get().status, balance_of(asked.incoming.account)) == ("ASKED", "5000.00")


def test_without_a_mandate_nobody_answers(firm):
    asked = wished(came(business_account(firm)))
    for act in (banks.challenge_sending_back, banks.keep):
        with pytest.raises(NoMandate):
            act(asked=asked, by=firm.created_by, at=now())
    assert signing_back(asked).needed is None


def test_money_that_was_spent_takes_no_signature(asked, three):
    account = asked.incoming.account
    sign(asked, three[0])
    joint = ask_joint(account, business_account(make_business()), "3000", by=three[0])
    sign_joint(sign_joint(joint, three[0]), three[1])
    with pytest.raises(InsufficientFunds):
        sign(asked, three[1])
    assert AskedBackSignature.objects.count() == 1
    assert banks.keep(asked=asked, by=three[1], at=now()).answer == "CUST"
    asked.refresh_from_db()
    with pytest.raises(AnsweredAlready):
        sign(asked, three[2])
    sound()


@pytest.mark.parametrize("rival", ["signs", "keeps"])
def test_signing_at_once_sends_it_once_or_keeps_it(transactional_db, firm, three, rival):
    asked = wish_for(firm, three, TWO)
    proofs = {person: proof(asked, person) for person in three}
    acts = [lambda one=one: banks.send_back(asked=asked, challenge_id=proofs[one], by=one, at=now()) for one in three]
    if rival == "keeps":
        acts[2] = lambda: banks.keep(asked=asked, by=three[2], at=now())
    results = at_once(*acts)
    asked.refresh_from_db()
    went = asked.status == "AGREED"
    assert went or rival == "keeps"
    assert (balance_of(asked.incoming.account), IncomingReturn.objects.count()) == (
        ("0.00", 1) if went else ("5000.00", 0)
    )
    assert all(isinstance(no, AnsweredAlready) for no in refusals(results))
    sound()


def test_signed_by_api_it_tells_how_far_it_is(asked, firm, three, client):
    url = f"/api/v1/asked-back/{asked.public_id}/"
    assert client.get(url, headers=bearer(make_customer())).status_code == 404
    for person in three[:2]:
        headers = bearer(person)
        challenge = client.post(f"{url}challenge/", headers=headers).json()["challenge"]["id"]
        body = {"challenge": challenge, "code": code_sent_to(str(person.phone))}
        said = client.post(f"{url}send-back/", body, headers=headers, content_type="application/json").json()
    assert (said["status"], said["signatures"]["signed_by"]) == ("AGREED", [one.full_name for one in three[:2]])
    assert (said["signatures"]["business"], said["signatures"]["needed"]) == (firm.name, None)
    late = client.post(f"{url}keep/", headers=bearer(three[2]))
    assert (late.status_code, late.json()["code"]) == (409, "asked_back_answered")
