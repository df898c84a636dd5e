"""Another bank asks for money back: the customer reads who and why, sends it back with a code, or keeps it."""

import pytest

from apps.accounts.models import Transaction
from apps.accounts.signing import SOME, Band
from apps.accounts.testing import balance_of, make_account
from apps.kernel.clock import now
from apps.notifications.testing import code_sent_to
from apps.payments.models import AskedBack
from apps.payments.tests.banks.incoming import came
from apps.payments.tests.banks.test_asked_of_business import wish_for
from apps.payments.tests.banks.test_going_back import wished
from apps.portals.testing import faults_of, sign_in
from apps.users.testing import make_business, make_member

pytestmark = pytest.mark.django_db
HOME = "/pay/asked-back"


@pytest.fixture
def asked():
    return wished(came(make_account()))


@pytest.mark.parametrize("language", ["en", "sw"])
def test_shows_who_asks_and_sends_it_back_with_a_code(asked, language):
    account = asked.incoming.account
    client = sign_in(account.owner, kitbank_language=language)
    assert HOME in client.get("/pay").content.decode()
    path = f"{HOME}/{asked.public_id}"
    for url in (HOME, path):
        page = client.get(url).content.decode()
        assert faults_of(page) == []
        assert "Peter Kamau Mwangi, Equity Bank" in page
    assert client.post(f"{path}/code", {"way": "SMS"}).status_code == 303
    wrong = client.post(path, {"code": "000000"})
    assert (wrong.status_code, faults_of(wrong.content.decode())) == (422, [])
    client.post(path, {"code": code_sent_to(str(account.owner.phone))})
    asked.refresh_from_db()
    assert (asked.status, balance_of(account)) == ("AGREED", "0.00")
    came_in, gone = Transaction.objects.filter(account=account).order_by("pk")
    for line, words in ((came_in, "Received" if language == "en" else "Imepokewa"), (gone, "Peter Kamau Mwangi")):
        shown = client.get(f"/money/transactions/{line.pk}")
        assert (shown.status_code, words in shown.content.decode()) == (200, True), line.txn_type
    again = client.get(path).content.decode()
    assert faults_of(again) == []
    assert f"{path}/keep" not in again
    assert HOME not in client.get("/pay").content.decode()


@pytest.mark.parametrize("language", ["en", "sw"])
def test_a_business_sends_it_back_with_the_second_of_two_signatures(language):
    firm = make_business()
    people = [firm.created_by, make_member(firm, "SIGNATORY")]
    asked = wish_for(firm, people, [Band(None, SOME, 2)])
    viewer = sign_in(make_member(firm, "VIEWER")).get(f"{HOME}/{asked.public_id}").content.decode()
    assert (faults_of(viewer), "/code" in viewer, "/keep" in viewer) == ([], False, False)
    for nth, person in enumerate(people):
        client, path = sign_in(person, kitbank_language=language), f"{HOME}/{asked.public_id}"
        page = client.get(path).content.decode()
        assert (faults_of(page), people[0].full_name in page.partition('id="sigs"')[2]) == ([], nth == 1)
        client.post(f"{path}/code", {"way": "SMS"})
        client.post(path, {"code": code_sent_to(str(person.phone))})
        asked.refresh_from_db()
        assert asked.status == ("AGREED" if nth else "ASKED")
        after = client.get(path).content.decode()
        assert (faults_of(after), f"{path}/code" in after) == ([], False)
        waiting = {"en": "Waits for the others", "sw": "Inasubiri wengine"}[language]
        assert (waiting in client.get(HOME).content.decode()) == (nth == 0)
    assert balance_of(asked.incoming.account) == "0.00"


def test_keeps_it_and_nobody_else_sees_it(asked):
    client = sign_in(make_account().owner)
    path = f"{HOME}/{asked.public_id}"
    assert {client.get(path).status_code, client.post(f"{path}/keep").status_code} == {404}
    account = asked.incoming.account
    client = sign_in(account.owner)
    client.post(f"{path}/keep")
    asked.refresh_from_db()
    assert (asked.status, asked.answer, balance_of(account)) == ("REFUSED", "CUST", "5000.00")
    late = client.post(path, {"code": "123456"})
    assert late.status_code in {409, 422}
    assert balance_of(account) == "5000.00"


def test_one_whose_time_is_over_asks_for_nothing(asked):
    AskedBack.objects.update(due_at=now())
    client = sign_in(asked.incoming.account.owner)
    assert '/keep"' not in client.get(f"{HOME}/{asked.public_id}").content.decode()


def test_tells_how_another_bank_pays_in():
    account = make_account()
    client = sign_in(account.owner)
    page = client.get("/money/add").content.decode()
    assert faults_of(page) == []
    assert all(words in page for words in ("KITBKENA", "99", account.owner.full_name))
