"""Tariffs at the desk: seen before it is asked, asked before it is done, and tried on what customers did."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest

from apps.accounts import operations as accounts
from apps.accounts.models import FeeRule, Product, Transaction
from apps.accounts.rules import Band, fee
from apps.accounts.testing import kes, make_account
from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.portals.banker.backtest import back_test
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
CHANGE = "/workbench/tariffs/change/?act=BILL_PAYMENT&currency=KES"


def text_of(answer):
    page = answer.content.decode()
    assert faults_of(page) == []
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ")


def paid(account, amounts, *, kind="BILL_PAYMENT", charged="10", at=None):
    """Bills that were paid, each with its fee."""
    for nth, amount in enumerate(amounts):
        moved = [accounts.out_of(account, kes(amount), "A bill")]
        fees = [accounts.out_of(account, kes(charged), "Fee", txn_type="FEE")] if charged else []
        legs = [ledger.credit(ledger.gl("bank:settlement", "KES"), kes(amount))]
        if charged:
            legs.append(ledger.credit(ledger.gl("fees:transfer", "KES"), kes(charged)))
        accounts.post(
            reference=f"test/{kind}/{account.pk}/{nth}/{at}",
            kind=kind,
            narrative="A bill",
            movements=[*moved, *fees],
            legs=legs,
            at=at or now(),
        )


def form(bands, *, days=20, reason="Costs went up", **more):
    asked = {"form-TOTAL_FORMS": len(bands), "form-INITIAL_FORMS": 0, "reason": reason, "seen": "", **more}
    asked["valid_from"] = (local_date(now()) + timedelta(days=days)).isoformat()
    for nth, band in enumerate(bands):
        asked |= {f"form-{nth}-{name}": band.get(name, "") for name in ("upto", "flat", "share", "least", "most")}
    return asked


TWO = [{"upto": "1,000", "flat": "5"}, {"upto": "250,000", "flat": "0", "share": "1.5", "least": "10", "most": "100"}]


@pytest.fixture
def maker():
    return make_staff("ADMIN", limit_minor=1_000_000_00)


@pytest.fixture
def client(maker):
    return enter(maker)


class TestAsking:
    """From the figures that hold to a request of a second person."""

    def test_begins_with_what_holds(self, client):
        page = client.get(CHANGE).content.decode()
        assert 'value="5,000.00"' in page
        assert 'value="20.00"' in page
        assert "Proposed" not in page

    def test_shows_the_effect_first_and_asks_only_for_what_was_seen(self, client, maker):
        paid(make_account(balance="90000"), ["500", "2000", "20000"])
        seen = client.post(CHANGE, form(TWO))
        words = text_of(seen)
        assert not Approval.objects.exists()
        assert "What it would have done" in words
        assert "KES 135.00" in words  # 5 + 30 + 100
        assert "+ KES 105.00" in words
        seal = re.search(r'name="seen" value="([0-9a-f]{64})"', seen.content.decode())[1]
        other = client.post(CHANGE, form([TWO[0] | {"flat": "6"}, TWO[1]], seen=seal))
        assert other.status_code == 200
        assert not Approval.objects.exists()
        asked = client.post(CHANGE, form(TWO, seen=seal))
        approval = Approval.objects.get()
        assert asked.headers["Location"] == f"/workbench/approvals/{approval.pk}/"
        assert (approval.maker, approval.status) == (maker, "PENDING")
        assert approval.payload["bands"][1] == {
            "upto_minor": 25_000_000, "flat_minor": 0, "rate": "0.015", "least_minor": 1_000, "most_minor": 10_000,
        }  # fmt: skip
        assert not FeeRule.objects.filter(charged_for="BILL_PAYMENT").exclude(valid_from__year=2023).exists()

    def test_another_decides_on_bands_they_can_read(self, client):
        seal = re.search(r'name="seen" value="(.{64})"', client.post(CHANGE, form(TWO)).content.decode())[1]
        client.post(CHANGE, form(TWO, seen=seal))
        checker = enter(make_staff("SUPER_ADMIN"))
        address = f"/workbench/approvals/{Approval.objects.get().pk}/"
        words = text_of(checker.get(address))
        for said in ("Paying a bill", "Before", "KES 11.50", "After", "1.5%", "at most KES 100.00", "changed"):
            assert said in words, said
        assert "upto_minor" not in words
        assert checker.post(address, {"decision": "approve", "note": ""}).status_code == 303
        assert FeeRule.objects.filter(charged_for="BILL_PAYMENT").count() == 2
        words = text_of(client.get("/workbench/tariffs/"))
        assert "Allowed, and coming" in words
        assert "Changes on" in words

    @pytest.mark.parametrize(
        ("bands", "more", "words"),
        [
            ([{"upto": "1,000", "flat": "5"}, {"upto": "500", "flat": "6"}], {}, "must rise"),
            ([{"flat": "5"}, {"upto": "500", "flat": "6"}], {}, "without an upper end"),
            ([], {}, "at least one band"),
            ([{"flat": "x"}], {}, "Band 1, Fee: Write an amount like"),
            ([{"flat": "٥"}], {}, "Write an amount like"),
            ([{"share": "٥"}], {}, "digits 0 to 9"),
            ([{"share": "100"}], {}, "Band 1"),
            ([{"share": "NaN"}], {}, "Band 1"),
            ([{"least": "10", "most": "5"}], {}, "below the least"),
            ([{"upto": "0", "flat": "5"}], {}, "more than zero"),
            (TWO, {"reason": ""}, "required"),
        ],
    )
    def test_refuses_what_does_not_hold_together(self, client, bands, more, words):
        answer = client.post(CHANGE, form(bands, **more))
        assert answer.status_code == 422
        assert words in text_of(answer)
        assert not Approval.objects.exists()

    def test_a_change_begins_tomorrow_at_the_earliest(self, client):
        seen = client.post(CHANGE, form(TWO, days=0)).content.decode()
        seal = re.search(r'name="seen" value="(.{64})"', seen)[1]
        answer = client.post(CHANGE, form(TWO, days=0, seen=seal))
        assert answer.status_code == 422
        assert "tomorrow at the earliest" in text_of(answer)
        assert not Approval.objects.exists()

    def test_more_rows_keep_what_was_typed(self, client):
        page = client.post(CHANGE, form(TWO, more="1")).content.decode()
        assert 'value="1,000"' in page
        assert 'name="form-3-upto"' in page
        assert "Costs went up" in page
        strange = form(TWO, more="1") | {"form-TOTAL_FORMS": "9" * 50}
        assert client.post(CHANGE, strange).status_code == 200
        for total in ("x", "-1", "9" * 50):
            assert client.post(CHANGE, form(TWO) | {"form-TOTAL_FORMS": total}).status_code in {200, 422}

    def test_strange_addresses_lead_back(self, client):
        assert client.get("/workbench/tariffs/change/?act=NOTHING").headers["Location"] == "/workbench/tariffs/"
        assert client.get(f"{CHANGE}&product=999999").status_code == 404
        assert client.get(f"{CHANGE}&product=x").status_code == 200

    def test_the_list_asks_the_database_little(self, client, django_assert_max_num_queries):
        with django_assert_max_num_queries(24):
            client.get("/workbench/tariffs/")


class TestBackTest:
    """What bands would have charged, counted by the database as the bank itself would."""

    def look(self, bands, **more):
        asked = {"charged_for": "BILL_PAYMENT", "product_id": None, "currency": "KES", "on": local_date(now())}
        return back_test(bands=bands, **asked | more)

    def test_counts_like_the_tariff_itself(self):
        amounts = ["0.50", "10", "100", "333.33", "1000", "1000.01", "4999.50", "20000"]
        paid(make_account(balance="90000"), amounts)
        bands = [
            Band(10_000, 0, Decimal(0)),
            Band(100_000, 150, Decimal("0.005"), 200, None),
            Band(None, 0, Decimal("0.01"), 500, 15_000),
        ]
        found = self.look(bands)
        expected = sum(fee(kes(amount), bands).minor for amount in amounts)
        assert (found.total.count, found.total.would.minor) == (len(amounts), expected)
        assert found.total.was == kes("80")
        assert found.total.moved == sum((kes(amount) for amount in amounts), kes("0"))
        assert [share.count for share in found.shares] == [3, 2, 3]
        assert found.refused is None

    @pytest.mark.parametrize("minor", [50, 150, 250, 350, 49, 51, 149, 151])
    def test_rounds_half_to_even(self, minor):
        paid(make_account(balance="90"), [f"{Money(minor, 'KES').amount:f}"], charged="")
        bands = [Band(None, 0, Decimal("0.01"))]
        assert self.look(bands).total.would == fee(Money(minor, "KES"), bands)

    def test_tells_what_would_be_refused(self):
        paid(make_account(balance="90000"), ["500", "2000"])
        found = self.look([Band(100_000, 500, Decimal(0))])
        assert (found.refused.count, found.refused.moved, found.refused.would) == (1, kes("2000"), kes("0"))
        assert found.total.difference == kes("-15")

    def test_looks_at_ninety_days_of_this_kind_and_currency(self):
        account = make_account(balance="90000", at=now() - timedelta(days=200))
        paid(account, ["500"], at=now() - timedelta(days=91))
        paid(account, ["600"], kind="MERCHANT_PAYMENT")
        paid(account, ["700"])
        assert self.look([Band(None, 500, Decimal(0))]).total.moved == kes("700")

    def test_a_products_own_tariff_hides_the_general_one(self):
        savings = Product.objects.get(code="SAVINGS")
        paid(make_account(balance="90000"), ["500"])
        paid(make_account(balance="90000", product="SAVINGS"), ["700", "800"])
        band = [Band(None, 500, Decimal(0))]
        assert self.look(band).total.count == 3
        assert self.look(band, product_id=savings.pk).total.count == 2
        FeeRule.objects.create(charged_for="BILL_PAYMENT", currency="KES", product=savings, valid_from="2024-01-01")
        assert self.look(band).total.count == 1

    def test_a_monthly_fee_is_counted_by_accounts(self):
        make_account()
        make_account(product="SAVINGS")
        found = self.look([Band(None, 5_000, Decimal(0))], charged_for="MONTHLY")
        assert (found.total.count, found.total.would) == (6, kes("300"))

    def test_with_nothing_done_there_is_nothing_to_tell(self):
        assert self.look([Band(None, 500, Decimal(0))]).total.count == 0

    def test_is_one_question(self, django_assert_num_queries):
        paid(make_account(balance="90000"), ["500"] * 5)
        with django_assert_num_queries(1):
            self.look([Band(None, 500, Decimal(0))])
        assert Transaction.objects.count() == 11
