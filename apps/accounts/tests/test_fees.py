"""Fees are what the tariff of the day says, with their duty apart, and nobody changes one alone."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import DatabaseError, transaction

from apps.accounts import fees, operations
from apps.accounts.errors import BadTariff, NotOffered
from apps.accounts.models import CashKind, DutyRate, FeeBand, FeeRule, Product, Transaction
from apps.accounts.rules import Band
from apps.accounts.testing import balance_of, kes, make_account, make_teller
from apps.audit_trail.models import AuditLog
from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.errors import NotAllowed
from apps.kernel.models import OutboxEvent
from apps.kernel.testing import at_once, refusals
from apps.ledger import operations as ledger
from apps.ledger.queries import balances
from apps.ledger.testing import assert_books_balance
from apps.users.testing import make_staff

TODAY = local_date(now())
LATER = TODAY + timedelta(days=2)  # tomorrow at the earliest, also when midnight passes


def tariff(
    charged_for: str, *bands: tuple[int | None, int], product: Product | None = None, since: date = TODAY
) -> FeeRule:
    rule = FeeRule.objects.create(charged_for=charged_for, product=product, currency="KES", valid_from=since)
    FeeBand.objects.bulk_create(FeeBand(rule=rule, upto_minor=upto, flat_minor=flat) for upto, flat in bands)
    return rule


def quoted(amount: str, *, charged_for: str = "P2P_TRANSFER", product: Product | None = None, on: date = TODAY):
    charge = fees.quote(charged_for=charged_for, amount=kes(amount), product=product, on=on)
    return f"{charge.fee.amount:f}", f"{charge.duty.amount:f}"


@pytest.mark.django_db
def test_without_a_tariff_an_act_is_free():
    assert quoted("1000000") == ("0.00", "0.00")


@pytest.mark.django_db
def test_the_products_own_tariff_comes_before_the_general_one_and_the_later_day_before_the_earlier():
    current = Product.objects.get(code="CURRENT")
    tariff("P2P_TRANSFER", (None, 1000))
    tariff("P2P_TRANSFER", (None, 2000), since=LATER)
    tariff("P2P_TRANSFER", (None, 300), product=current)
    assert quoted("50") == ("10.00", "1.50")
    assert quoted("50", on=LATER) == ("20.00", "3.00")
    assert quoted("50", product=current, on=LATER) == ("3.00", "0.45")


@pytest.mark.django_db
def test_duty_follows_the_law_of_the_day_and_the_class_of_the_fee():
    tariff("P2P_TRANSFER", (None, 10_000))
    DutyRate.objects.create(duty_class="MONEY_TRANSFER", rate=Decimal("0.10"), valid_from=LATER, source="a later act")
    assert quoted("50") == ("100.00", "15.00")
    assert quoted("50", on=LATER) == ("100.00", "10.00")
    assert quoted("50", charged_for="CASH_WITHDRAWAL") == ("25.00", "5.00")


@pytest.mark.django_db
def test_more_than_the_last_band_is_not_offered():
    with pytest.raises(NotOffered):
        quoted("250000.01", charged_for="MOBILE_MONEY")


@pytest.mark.django_db
def test_a_written_tariff_is_never_changed():
    rule = tariff("P2P_TRANSFER", (None, 1000))
    for act in (
        lambda: FeeBand.objects.filter(rule=rule).update(flat_minor=1),
        lambda: FeeRule.objects.filter(pk=rule.pk).update(valid_from=LATER),
        lambda: DutyRate.objects.all().delete(),
        lambda: tariff("P2P_TRANSFER", (None, 5)),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


@pytest.mark.django_db
def test_the_counter_charges_its_fee_and_duty_as_lines_and_legs_of_their_own():
    account, (teller, _till) = make_account(balance="1000"), make_teller()
    income, duty = (ledger.gl(purpose, "KES") for purpose in ("fees:withdrawal", "tax:excise"))
    operations.withdraw_cash(account=account, amount=kes("500"), by_name="Her", key="k", by=teller, at=now())
    lines = Transaction.objects.filter(account=account).order_by("-pk")[:3]
    assert [(line.txn_type, f"{line.amount.amount:f}") for line in lines] == [
        ("EXCISE_DUTY", "-5.00"),
        ("FEE", "-25.00"),
        ("WITHDRAWAL", "-500.00"),
    ]
    held = balances([income.id, duty.id])
    assert (held[income.id].posted, held[duty.id].posted) == (kes("25"), kes("5"))
    assert balance_of(account) == "470.00"
    assert_books_balance()


@pytest.mark.django_db
def test_paying_in_is_free():
    account = make_account()
    charge = operations.cash_charge(kind=CashKind.DEPOSIT, account=account, amount=kes("500"), at=now())
    assert not charge.total


MONTH_END = date(2026, 3, 31)
NIGHT = datetime(2026, 3, 31, 20, 0, tzinfo=UTC)


@pytest.mark.django_db
def test_monthly_fees_are_charged_once_and_never_make_a_debt():
    before = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    current = Product.objects.get(code="CURRENT")
    rich, poor = make_account(balance="500", at=before), make_account(balance="59.99", at=before)
    new = make_account(balance="500", at=datetime(2026, 3, 9, 9, 0, tzinfo=UTC))
    tariff("MONTHLY", (None, 5000), product=current, since=date(2026, 1, 1))
    assert operations.charge_monthly_fees(day=MONTH_END - timedelta(days=1), at=NIGHT) == (0, 0)
    assert operations.charge_monthly_fees(day=MONTH_END, at=NIGHT) == (1, 1)
    assert operations.charge_monthly_fees(day=MONTH_END, at=NIGHT)[1] == 1
    assert [balance_of(one) for one in (rich, poor, new)] == ["440.00", "59.99", "500.00"]
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_two_nights_at_once_charge_a_month_once():
    before = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
    accounts = [make_account(balance="500", at=before) for _nth in range(5)]
    tariff("MONTHLY", (None, 5000), product=Product.objects.get(code="CURRENT"), since=date(2026, 1, 1))
    tried = at_once(*[lambda: operations.charge_monthly_fees(day=MONTH_END, at=NIGHT)] * 3)
    assert refusals(tried) == []
    assert {balance_of(one) for one in accounts} == {"440.00"}
    assert AuditLog.objects.filter(action="accounts.monthly_fees.charged").exists()
    assert OutboxEvent.objects.filter(name="accounts.monthly_fees.charged").exists()
    assert_books_balance()


def asked(by, **changes):
    words = {
        "charged_for": "P2P_TRANSFER",
        "product": None,
        "currency": "KES",
        "bands": [Band(100_000, 0, Decimal(0)), Band(None, 2000, Decimal(0))],
        "valid_from": LATER,
        "reason": "Costs rose",
    }
    return operations.ask_tariff_change(**{**words, **changes}, by=by, at=now())


@pytest.mark.django_db
def test_a_tariff_changes_when_a_second_person_allows_it():
    maker, checker = make_staff("ADMIN"), make_staff("ADMIN")
    approval = asked(maker)
    assert quoted("1001", on=LATER) == ("0.00", "0.00")
    with pytest.raises(NotAllowed):
        approvals.approve(approval=approval, by=maker, at=now())
    approvals.approve(approval=approval, by=checker, at=now())
    assert quoted("1001", on=LATER) == ("20.00", "3.00")
    assert quoted("1001") == ("0.00", "0.00")
    with pytest.raises(BadTariff):
        approvals.approve(approval=asked(maker), by=checker, at=now())
    assert FeeRule.objects.filter(charged_for="P2P_TRANSFER").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"valid_from": TODAY},
        {"charged_for": "BREATHING"},
        {"bands": []},
        {"bands": [Band(None, -1, Decimal(0))]},
    ],
)
def test_refuses_tariffs_that_make_no_sense(wrong):
    with pytest.raises(BadTariff):
        asked(make_staff("ADMIN"), **wrong)


@pytest.mark.django_db
def test_only_those_with_the_right_ask_for_another_tariff():
    with pytest.raises(NotAllowed):
        asked(make_staff("TELLER"))
