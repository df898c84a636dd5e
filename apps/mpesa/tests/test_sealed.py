"""Phones and names lie sealed in the database: read by whom they are for, found by a whole number, gone when erased."""

import pytest
from django.contrib import admin

from apps.kernel import personal
from apps.kernel.clock import local_date, now
from apps.kernel.testing import on_disk
from apps.mpesa import operations, rules
from apps.mpesa.admin import MpesaTransactions
from apps.mpesa.models import MpesaTransaction, StatementRow
from apps.mpesa.operations.c2b import confirm_c2b
from apps.mpesa.tests.test_statement import row, sheet
from apps.users.queries import system_user
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db
PHONE, NAME = "+254733000222", "AMINA HASSAN"


def came(**more):
    told = {"receipt": "SKL7H2M0QX", "minor": 700_00, "reference": "ROSE", "shortcode": "174379"}
    return confirm_c2b(told=rules.Received(**(told | {"name": NAME, "masked_phone": PHONE} | more)), at=now())


def test_a_transaction_says_nothing_to_who_reads_the_disk():
    came()
    kept = MpesaTransaction.objects.get()
    assert (kept.phone, kept.name) == (PHONE, NAME)
    assert not {word for word in (PHONE, PHONE[1:], "AMINA", "HASSAN") if word in on_disk(MpesaTransaction)}


def test_a_statement_says_nothing_either_though_told_again():
    words = {"details": f"Customer Payment to {PHONE} - {NAME}", "other": f"{PHONE} - {NAME}"}
    day = local_date(now())
    for receipts in (1, 2):  # the second statement tells of the first one's receipt again
        lines = [row(f"SKL7H2M0Q{nth}", "10.00", when=f"{day:%d-%m-%Y} 00:00:01", **words) for nth in range(receipts)]
        operations.reconcile(day=day, statement=sheet(*lines), by=system_user(), at=now())
    first = StatementRow.objects.order_by("pk").first()
    assert (first.details, first.other_party) == (words["details"], words["other"])
    assert StatementRow.objects.count() == 2
    assert not {word for word in (PHONE[1:], "AMINA") if word in on_disk(StatementRow)}


def test_a_whole_phone_finds_its_transactions_and_a_part_of_one_finds_none():
    kept = came()
    came(receipt="SKL7H2M0QY", masked_phone="2547****111")
    search = MpesaTransactions(MpesaTransaction, admin.site).get_search_results
    every = MpesaTransaction.objects.all()
    assert [list(search(None, every, words)[0]) for words in ("0733 000 222", "0733 000", "SKL7H2M0QX")] == [
        [kept], [], [kept],
    ]  # fmt: skip


def test_staff_read_the_name_and_a_masked_phone(client):
    came()
    headers = bearer(make_staff("BRANCH_MANAGER"))
    shown = client.get("/api/v1/mpesa/suspense/", headers=headers).json()["results"][0]
    assert (shown["name"], shown["phone"]) == (NAME, "+254…222")


def test_who_is_erased_leaves_the_receipt_alone():
    kept, person = came(), make_customer()
    MpesaTransaction.objects.update(user=person)
    step = next(one for one in personal.steps(at_once=False) if one.code == "mpesa.phones")
    assert step.act([person.pk], now()) == 1
    kept = MpesaTransaction.objects.get(pk=kept.pk)
    assert (kept.phone, kept.phone_print, kept.name, kept.receipt) == (None, None, None, "SKL7H2M0QX")
