"""What things cost, for anyone: what holds today, what comes next, and the law behind the duty."""

import re
from datetime import date, timedelta
from decimal import Decimal

import pytest

from apps.accounts.models import DutyRate, FeeBand, FeeRule, Product
from apps.kernel.clock import local_date, now
from apps.portals import tariffs
from apps.portals.testing import faults_of, sign_in
from apps.users.testing import make_customer

pytestmark = pytest.mark.django_db


def text_of(answer):
    page = answer.content.decode()
    assert faults_of(page) == []
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ")


def change(act="BILL_PAYMENT", *, days=10, flat=1_500, product=None, rate="0", most=None):
    rule = FeeRule.objects.create(
        charged_for=act, currency="KES", product=product, valid_from=local_date(now()) + timedelta(days=days)
    )
    FeeBand.objects.create(rule=rule, upto_minor=None, flat_minor=flat, rate=Decimal(rate), most_minor=most)
    return rule


def test_tells_every_fee_of_today_with_its_duty(client):
    words = text_of(client.get("/tariffs"))
    for said in ("Sending to M-Pesa", "KES 100.01 – 1,500.00", "KES 7.00", "KES 8.05", "15%", "20%",
                 "Finance Act 2023", "Sending inside KitBank", "At most KES 250,000.00"):  # fmt: skip
        assert said in words, said


def test_tells_the_next_change_and_no_later_one(client):
    change(days=10, flat=1_500)
    change(days=20, flat=98_700)
    words = text_of(client.get("/tariffs"))
    assert "KES 15.00" in words
    assert "987.00" not in words
    assert "Changes on" in words


def test_what_becomes_charged_says_so_beforehand(client):
    change("P2P_TRANSFER", flat=100)
    words = text_of(client.get("/tariffs"))
    assert "Free today." in words
    assert "KES 1.15" in words


def test_a_product_may_have_its_own(client):
    change(days=0, flat=700, product=Product.objects.get(code="SAVINGS"))
    words = text_of(client.get("/tariffs"))
    assert "Paying a bill · " in words
    assert "KES 8.05" in words


def test_a_share_is_told_with_its_bounds(client):
    words = text_of(client.get("/tariffs"))
    assert "1%" in words
    assert "at most KES 5,000.00" in words


def test_a_duty_that_changes_is_told_with_its_law(client):
    DutyRate.objects.create(duty_class="OTHER", rate="0.16", valid_from=date(2099, 7, 1), source="Finance Act 2099")
    words = text_of(client.get("/tariffs"))
    assert "16%" in words
    assert "Finance Act 2099" in words


def test_reads_the_same_with_and_without_signing_in(client, django_assert_max_num_queries):
    with django_assert_max_num_queries(16):
        open_ = text_of(client.get("/tariffs"))
    inside = text_of(sign_in(make_customer()).get("/tariffs"))
    assert "Sending to M-Pesa" in open_
    assert "Sending to M-Pesa" in inside


def test_speaks_kiswahili(client):
    client.cookies["kitbank_language"] = "sw"
    words = text_of(client.get("/tariffs"))
    assert "up to" not in words
    assert "Fee" not in words


def test_is_linked_from_help_and_where_people_send(client):
    assert "/tariffs" in client.get("/help").content.decode()
    browser = sign_in(make_customer())
    assert "/tariffs" in browser.get("/pay").content.decode()


def test_a_fixed_fee_within_bounds_is_one_figure():
    band = tariffs.rules.Band(None, 500, Decimal(0), 1_000, 2_000)
    (shown,) = tariffs.shown([band], "KES", Decimal("0.15"))
    assert (shown.flat.minor, shown.with_duty.minor, shown.is_free) == (1_000, 1_150, False)
