"""Billers by API and by rule: accounts that fit, patterns that cannot be slow, states that stay written."""

import re
import time
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.utils import InternalError, ProgrammingError
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from apps.accounts.testing import balance_of, make_account
from apps.kernel.clock import local_date, now
from apps.payments.models import Biller, Payment
from apps.payments.patterns import LONGEST, BadPattern, check_pattern

TODAY = local_date(now())


@pytest.fixture(autouse=True)
def _no_names(settings):
    settings.DARAJA_NAMES = False


@pytest.fixture
def account(db):
    return make_account(balance="5000")


@pytest.fixture
def api(account):
    client = APIClient()
    client.force_authenticate(account.owner)
    return client


def bill(api, **body):
    asked = {"amount": {"amount": "500.00", "currency": "KES"}, **body}
    return api.post("/api/v1/transactions/bill-pay/", asked, format="json", headers={"Idempotency-Key": "k-1"})


def test_lists_what_holds_today(api, django_assert_num_queries):
    with django_assert_num_queries(3):
        found = api.get("/api/v1/billers").json()["results"]
    assert [row["code"] for row in found] == ["kplc-postpaid", "kplc-prepaid"]
    assert found[1]["paybill"] == "888880"
    assert api.get("/api/v1/billers?search=prepaid").json()["count"] == 1
    assert api.get("/api/v1/billers?search=888888").json()["count"] == 1
    assert api.get("/api/v1/billers?category=WATER").json()["count"] == 0
    assert api.get("/api/v1/billers", headers={"Accept-Language": "sw"}).json()["results"][1]["account_label"] == (
        "Namba ya mita"
    )


def test_pays_a_biller_by_its_code(api, account):
    answer = bill(api, biller="kplc-prepaid", account="1425-3647-586".replace("-", " "))
    assert answer.status_code == 201, answer.json()
    payment = Payment.objects.get()
    assert payment.destination["paybill"] == "888880"
    assert payment.destination["biller"] == "kplc-prepaid"
    assert payment.payee_name == "KPLC Prepaid"


def test_says_400_at_the_field_for_an_account_that_does_not_fit(api, account):
    answer = bill(api, biller="kplc-prepaid", account="123")
    assert answer.status_code == 400
    assert answer.json()["code"] == "bill_account_not_valid"
    assert list(answer.json()["errors"]) == ["account"]
    assert not Payment.objects.exists()
    assert balance_of(account) == "5000.00"


@pytest.mark.parametrize("body", [{}, {"biller": "kplc-prepaid", "paybill": "888880"}])
def test_wants_either_a_biller_or_a_paybill(api, body):
    assert bill(api, account="14253647586", **body).status_code == 400


def test_does_not_know_every_biller(api):
    assert bill(api, biller="nobody", account="1").status_code == 404


def test_still_pays_any_paybill(api):
    assert bill(api, paybill="300584", account="W-1201").status_code == 201


def test_buys_airtime_for_oneself_and_others(api, account):
    for nth, body in enumerate(({}, {"phone": "0733 000 114"})):
        asked = {"amount": {"amount": "50.00", "currency": "KES"}, **body}
        key = {"Idempotency-Key": f"a-{nth}"}
        answer = api.post("/api/v1/transactions/airtime/", asked, format="json", headers=key)
        assert answer.status_code == 201, answer.json()
    phones = [payment.destination["phone"] for payment in Payment.objects.order_by("pk")]
    assert phones == [str(account.owner.phone), "+254733000114"]


def test_a_change_holds_from_its_day_and_what_was_stays_written(db):
    known = Biller.objects.get(code="kplc-prepaid")
    known.pk, known.valid_from, known.is_active = None, TODAY + timedelta(days=5), False
    known._state.adding = True
    known.save()
    assert Biller.objects.on(TODAY).filter(code="kplc-prepaid").exists()
    assert not Biller.objects.on(TODAY + timedelta(days=5)).filter(code="kplc-prepaid").exists()
    with pytest.raises((InternalError, ProgrammingError)), transaction.atomic():
        Biller.objects.filter(code="kplc-prepaid").update(name="Other")


@pytest.mark.parametrize(
    "pattern", ["[0-9]{11}", "[A-Z]{2}[0-9]{4,6}", r"\d{4}\/\d{2}", "W-[0-9]{4}|[0-9]{7,8}", "A?1"]
)
def test_takes_simple_patterns(pattern):
    check_pattern(pattern)


@pytest.mark.parametrize(
    "pattern",
    ["", "(a+)+", "a*", "a+", ".*", "[0-9]{1,9}[0-9]{1,9}[0-9]{1,9}", "(?=a)", r"\1", "a||b", "[z-a]", "^a$", "a" * 81,
     "[0-9]{5,2}", "a{", "é"],
)  # fmt: skip
def test_takes_no_other(pattern):
    with pytest.raises(BadPattern):
        check_pattern(pattern)


@given(
    st.lists(
        st.sampled_from(["[0-9]", "[A-Z0-9]", r"\d", "A", "/", "-", "{1,13}", "{4}", "?", "|", "{0,13}"]), max_size=24
    ),
    st.text(alphabet="A0-/", max_size=20),
)
def test_no_pattern_that_is_taken_is_slow(parts, account):
    pattern = "".join(parts)
    try:
        check_pattern(pattern)
    except BadPattern:
        return
    assert len(pattern) <= LONGEST
    began = time.perf_counter()
    re.fullmatch(pattern, account, re.ASCII)
    assert time.perf_counter() - began < 0.2
