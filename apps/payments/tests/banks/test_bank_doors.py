"""What other banks ask of us over HTTP: whose an account is, taking money, telling what became of it, going back."""

import uuid

import pytest

from apps.accounts import operations as accounts
from apps.accounts.testing import balance_of, make_account
from apps.kernel.clock import now
from apps.payments import iso20022 as iso
from apps.payments.models import AskedBack, IncomingTransfer
from apps.payments.tests.banks.incoming import came
from apps.payments.tests.banks.test_going_back import wished
from apps.payments.tests.test_iso20022 import schema
from apps.users.models import StepUpChallenge
from apps.users.testing import bearer, make_customer, make_staff
from simulators.providers.interbank import wire as theirs

pytestmark = pytest.mark.django_db
DOORS = "/webhooks/banks/pesalink/"
KEY = {"Authorization": "Bearer the-key"}


@pytest.fixture(autouse=True)
def key(settings):
    settings.INTERBANK_CALLER_KEY = "the-key"


def row(account):
    return {
        "message": "OB1", "reference": "E2E1", "uetr": str(uuid.uuid4()), "minor": 500_000, "currency": "KES",
        "payer": "Peter Kamau", "payer_account": "0110123456789", "bank": "EQBLKENA", "account": account.number,
        "name": account.owner.full_name, "words": "Rent & water",
    }  # fmt: skip


def post(client, path, body, **headers):
    return client.post(path, body, content_type="application/xml", headers={**KEY, **headers})


def test_a_transfer_is_answered_by_what_became_of_it_and_asked_again_the_same(client):
    account = make_account()
    sent = row(account)
    assert client.get(f"{DOORS}transfers/{sent['uetr']}/", headers=KEY).status_code == 404
    for _nth in range(2):
        answer = post(client, f"{DOORS}transfers/", theirs.pacs008(sent))
        told = iso.read_status(answer.content).transfers[0]
        assert (answer.status_code, told.status, told.uetr) == (200, "ACCC", sent["uetr"])
    assert told.reference == IncomingTransfer.objects.get().reference
    again = client.get(f"{DOORS}transfers/{sent['uetr']}/", headers=KEY)
    assert iso.read_status(again.content).transfers[0].is_settled
    assert balance_of(account) == "5000.00"
    wrong = post(client, f"{DOORS}transfers/", theirs.pacs008(row(account) | {"account": "1234567", "words": ""}))
    told = iso.read_status(wrong.content).transfers[0]
    assert (told.status, told.reason, told.is_rejected) == ("RJCT", "AC01", True)


def test_nobody_without_the_key_or_by_another_way_is_let_in(client, settings):
    account = make_account()
    body = theirs.pacs008(row(account))
    for headers in ({"Authorization": "Bearer other"}, {"Authorization": ""}, {"Authorization": "the-key"}):
        assert post(client, f"{DOORS}transfers/", body, **headers).status_code == 403
    assert post(client, "/webhooks/banks/bank/transfers/", body).status_code == 404  # files have no door
    assert post(client, "/webhooks/banks/nowhere/recalls/", body).status_code == 404
    settings.INTERBANK_CALLER_KEY = ""
    assert post(client, f"{DOORS}transfers/", body, Authorization="Bearer ").status_code == 403
    assert not IncomingTransfer.objects.exists()


@pytest.mark.parametrize(
    "spoil",
    [
        lambda raw: "",
        lambda raw: raw[:-30],
        lambda raw: raw.replace("<UETR>", "<UETR>x"),
        lambda raw: raw.replace("5000.00", "0.00"),
        lambda raw: raw.replace("5000.00", "-5000.00"),
        lambda raw: raw.replace("5000.00", "1e9"),
        lambda raw: raw.replace("5000.00", "5000.001"),
        lambda raw: raw.replace("5000.00", "٥٠٠٠"),
        lambda raw: raw.replace('Ccy="KES"', 'Ccy="XXX"'),
        lambda raw: raw.replace("pacs.008", "pacs.009"),
        lambda raw: raw.replace("<Document", "<!DOCTYPE x [<!ENTITY a 'b'>]><Document"),
        lambda raw: raw.replace("Rent", "\x00"),
        lambda raw: raw.replace("Rent", "x" * 70_000),
        lambda raw: raw.replace("</CdtTrfTxInf>", "</CdtTrfTxInf><CdtTrfTxInf/>"),
    ],
)
def test_what_is_no_message_is_refused_and_nothing_moves(client, spoil):
    account = make_account()
    answer = post(client, f"{DOORS}transfers/", spoil(theirs.pacs008(row(account))))
    assert (answer.status_code, answer.json()["code"]) == (400, "message_not_readable")
    assert not IncomingTransfer.objects.exists()


def test_tells_whose_an_account_is_with_the_last_name_shortened(client):
    account, gone = make_account(make_customer(full_name="Wanjiku Njeri Kamau")), make_account()
    accounts.close(account=gone, by=gone.owner, at=now())
    found = client.get(f"{DOORS}names/", {"account": account.number}, headers=KEY)
    assert (found.status_code, found.json()["name"]) == (200, "Wanjiku N. K.")
    for number, reason in (("12345678", "AC01"), ("", "AC01"), (gone.number, "AC04")):
        none = client.get(f"{DOORS}names/", {"account": number}, headers=KEY)
        assert (none.status_code, none.json()) == (404, {"reason": reason})


def test_a_wish_is_taken_once_and_its_answer_fetched(client):
    account = make_account()
    sent = row(account)
    post(client, f"{DOORS}transfers/", theirs.pacs008(sent))
    for _nth in range(2):
        assert post(client, f"{DOORS}recalls/", theirs.camt056(sent, "OBC1", "AC03", "Wrong")).status_code == 202
    answer = client.get(f"{DOORS}recalls/OBC1/", headers=KEY).content
    schema("camt.029.001.14").validate(answer.decode())
    told = iso.read_camt029(answer)
    assert (told.case, told.status, AskedBack.objects.count()) == ("OBC1", "PDCR", 1)
    assert client.get(f"{DOORS}recalls/OBC2/", headers=KEY).status_code == 404


def test_the_customer_sees_and_answers_by_api(client):
    account = make_account()
    asked = wished(came(account))
    mine, other = bearer(account.owner), bearer(make_account().owner)
    (sent,) = client.get("/api/v1/incoming-transfers/", headers=mine).json()["results"]
    assert (sent["payer"], sent["status"]) == ("Peter Kamau Mwangi, Equity Bank", "CREDITED")
    (shown,) = client.get("/api/v1/asked-back/", headers=mine).json()["results"]
    assert (shown["because"], shown["status"]) == ("It went to the wrong account", "ASKED")
    path = f"/api/v1/asked-back/{asked.public_id}/"
    assert client.get(path, headers=other).status_code == 404
    assert client.post(f"{path}keep/", headers=other).status_code == 404
    challenge = client.post(f"{path}challenge/", headers=mine).json()["challenge"]
    StepUpChallenge.objects.update(answered_at=now())
    body = {"challenge": challenge["id"]}
    done = client.post(f"{path}send-back/", body, content_type="application/json", headers=mine)
    assert (done.status_code, done.json()["status"], balance_of(account)) == (200, "AGREED", "0.00")
    late = client.post(f"{path}keep/", headers=mine)
    assert (late.status_code, late.json()["code"]) == (409, "asked_back_answered")
    assert client.get("/api/v1/incoming-transfers/", headers=mine).json()["results"][0]["status"] == "RETURNING"


def test_staff_see_place_and_return_by_api(client):
    account = make_account()
    came(account)
    waits = came(account)
    IncomingTransfer.objects.filter(pk=waits.pk).update(status="SUSPENSE", reason="AC01")
    staff, path = bearer(make_staff("BRANCH_MANAGER")), "/api/v1/admin/incoming-transfers/"
    assert len(client.get(path, headers=staff).json()["results"]) == 2
    (shown,) = client.get(path, {"status": "SUSPENSE"}, headers=staff).json()["results"]
    assert shown["reason"] == "AC01"
    one = f"{path}{waits.public_id}/"
    place = {"account": account.number, "reason": "She called"}
    answer = client.post(f"{one}place/", place, content_type="application/json", headers=staff)
    assert (answer.status_code, list(answer.json())) == (202, ["approval"])
    back = {"code": "AC01", "reason": "Nobody's"}
    assert client.post(f"{one}return/", back, content_type="application/json", headers=staff).status_code == 202
    customer = bearer(account.owner)
    assert client.get(path, headers=customer).status_code == 403
    assert client.post(f"{one}place/", place, content_type="application/json", headers=customer).status_code == 403
