"""A file of movements taken into a linked account by API: once, whole unless said otherwise, and one's own alone."""

from functools import partial

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apps.accounts import operations as accounts
from apps.accounts.models import ImportBatch
from apps.accounts.testing import make_account
from apps.kernel.clock import local_date, now
from apps.kernel.testing import at_once, refusals
from apps.open_banking.models import LinkedAccount, LinkedLine
from apps.users.testing import bearer, make_customer

pytestmark = pytest.mark.django_db
FILE = "date,amount,description\n2020-05-01,-120.50,Naivas\n2020-05-02,5000,Salary\n2020-05-02,5000,Salary\n"


def send(client, user, account, text=FILE, **more):
    file = SimpleUploadedFile("may.csv", text.encode(), content_type="text/csv")
    body = {"account": account, "file": file} | more
    return client.post("/api/v1/transactions/import/", body, headers=bearer(user))


def test_rows_are_taken_once_and_beside_what_the_bank_told(client, user, linked):
    account = LinkedAccount.objects.filter(link=linked)[0]
    before = LinkedLine.objects.filter(account=account).count()
    answer = send(client, user, str(account.public_id))
    assert (answer.status_code, answer.json()["accepted"], answer.json()["duplicates"]) == (201, 2, 1)
    again = send(client, user, str(account.public_id)).json()
    assert (again["accepted"], again["duplicates"], again["rejected"]) == (0, 3, [])
    told = LinkedLine.objects.filter(account=account).exclude(their_id__startswith="csv/").first()
    if told is not None:
        line = f"{local_date(told.booked_at)},{told.amount.amount},{told.description}"
        same = send(client, user, str(account.public_id), f"date,amount,description\n{line}\n").json()
        assert (same["accepted"], same["duplicates"]) == (0, 1)
    assert LinkedLine.objects.filter(account=account).count() == before + 2
    assert sorted(LinkedLine.objects.filter(their_id__startswith="csv/").values_list("amount_minor", flat=True)) == [
        -12_050,
        500_000,
    ]


def test_a_file_with_bad_rows_is_refused_whole_with_each_or_taken_in_part(client, user, linked):
    account = str(LinkedAccount.objects.filter(link=linked)[0].public_id)
    bad = FILE + "2020-05-03,x,Nothing\n"
    answer = send(client, user, account, bad)
    assert (answer.status_code, answer.json()["code"], answer.json()["rows"]) == (
        422,
        "import_refused",
        [{"line": 5, "column": "amount"}],
    )
    assert send(client, user, account, "day,sum\n1,2\n").json()["because"] == "columns"
    assert not ImportBatch.objects.exists()
    taken = send(client, user, account, bad, partial="true")
    assert (taken.status_code, taken.json()["accepted"], taken.json()["rejected"]) == (
        201,
        2,
        [{"line": 5, "column": "amount"}],
    )


def test_another_customers_account_and_one_of_this_bank_are_not_there(client, user, linked):
    account = LinkedAccount.objects.filter(link=linked)[0]
    assert send(client, make_customer(), str(account.public_id)).status_code == 404
    assert send(client, user, str(make_account(user).pk)).status_code == 400
    assert not ImportBatch.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_same_file_sent_by_four_at_once_is_taken_once(user, linked):
    account = LinkedAccount.objects.filter(link=linked)[0].public_id
    act = partial(accounts.import_lines, account=account, raw=FILE.encode(), partial=False, by=user, at=now())
    assert not refusals(at_once(act, act, act, act))
    assert sorted(ImportBatch.objects.values_list("accepted", flat=True)) == [0, 0, 0, 2]
