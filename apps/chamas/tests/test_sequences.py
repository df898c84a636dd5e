"""Whatever a group does, in whatever order: its rows are its funds, its funds the books, and refusals move nothing."""

from datetime import datetime, timedelta
from random import Random

import pytest
from django.db import transaction
from django.db.models import F, Q

from apps.accounts.testing import balance_of, kes, make_account
from apps.chamas import checks, operations
from apps.chamas.models import Contribution, Cycle, Fine, GroupLoan, GroupLoanRow, Investment, PayIn, Sharing, Turn
from apps.chamas.operations.books import balances
from apps.chamas.rules.funds import PURSES, cash_of
from apps.chamas.testing import bring_paper, decide, make_group, members_of
from apps.kernel.clock import day_start, local_date, now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.ledger.testing import assert_books_balance

pytestmark = pytest.mark.django_db


PLOT = {"kind": "LAND", "name": "Plot", "units": "1", "custodian": "Ardhi House", "custody_reference": "LR 1"}


class Anything:
    """Acts of one group, drawn at random; most are legal, some are not."""

    def __init__(self, seed: int) -> None:
        self.chance = Random(seed)  # no secret
        self.group = make_group(members=4, rotation="FIXED", rotation_minor=30_000, loan_guarantors=1,
                                share_out_investments="KEEP")  # fmt: skip
        self.seller, self.paper = make_account(), str(bring_paper(self.group).public_id)
        self.people = members_of(self.group)
        self.at: datetime = now()
        self.nth = 0

    def pass_time(self) -> None:
        """Up to six days, each ended by the bank."""
        for _day in range(self.chance.randint(0, 6)):
            self.at += timedelta(days=1)
            operations.open_due(day=local_date(self.at), at=day_start(local_date(self.at)))
        self.at += timedelta(minutes=1)

    def act(self) -> None:
        """One of them."""
        self.nth += 1
        self.chance.choice(self.acts())()

    def acts(self):
        return (self.pay, self.pay, self.pay, self.late, self.turn, self.take_out, self.borrow, self.repay,
                self.waive, self.give_back, self.shares, self.round, self.share_out, self.bring, self.buy, self.sell,
                self.value)  # fmt: skip

    def who(self):
        return self.chance.choice(self.people)

    def one_of(self, rows):
        found = list(rows)
        return self.chance.choice(found).pk if found else 10**9

    def decided(self, code: str, **facts) -> None:
        decide(code, self.group, facts, at=self.at, key=str(self.nth))

    def pay(self) -> None:
        one, minor = self.who(), self.chance.randint(1, 400_000)
        operations.contribute(member=one, amount=Money(minor, "KES"), key=str(self.nth), by=one.user, at=self.at)

    def late(self) -> None:
        operations.mark_late(at=self.at)
        operations.fine_late_instalments(at=self.at)

    def turn(self) -> None:
        turns = Turn.objects.filter(round__group=self.group, paid_at=None)
        self.decided("PAY_TURN", turn=self.one_of(turns), partial=self.chance.random() < 0.8)

    def take_out(self) -> None:
        self.decided("WITHDRAW_SAVINGS", member=self.who().pk, minor=self.chance.randint(1, 150_000))

    def borrow(self) -> None:
        one, other = self.chance.sample(self.people, 2)
        loan = operations.ask_loan(
            group=self.group, amount=Money(self.chance.randint(1, 300_000), "KES"), months=2, guarantors=[other.pk],
            key=str(self.nth), by=one.user, at=self.at,
        )  # fmt: skip
        operations.agree_to_guarantee(loan=loan, by=other.user, at=self.at)
        self.decided("LEND_TO_MEMBER", loan=loan.pk)

    def repay(self) -> None:
        owed = Q(status="ACTIVE") | Q(written_off_minor__gt=F("recovered_minor"))
        loan = GroupLoan.objects.filter(pk=self.one_of(GroupLoan.objects.filter(owed))).first()
        if loan:
            left = loan.left_minor or loan.written_off_minor - loan.recovered_minor
            amount = Money(self.chance.randint(1, left), "KES")
            operations.repay_loan(loan=loan, amount=amount, key=str(self.nth), by=loan.member.user, at=self.at)

    def write_off(self) -> None:
        """A loan that runs, late for years."""
        loan = self.one_of(GroupLoan.objects.filter(status="ACTIVE"))
        GroupLoanRow.objects.filter(loan=loan).update(due_on=F("due_on") - timedelta(days=3_000))
        self.decided("WRITE_OFF_LOAN", loan=loan, reason="Gone")

    def waive(self) -> None:
        self.decided("WAIVE_CONTRIBUTION", contribution=self.one_of(Contribution.objects.all()), reason="Ill")

    def give_back(self) -> None:
        self.decided("REFUND_PAY_IN", pay_in=self.one_of(PayIn.objects.all()), reason="Wrong group")

    def shares(self) -> None:
        operations.buy_shares(group=self.group, count=1, key=str(self.nth), by=self.who().user, at=self.at)

    def round(self) -> None:
        operations.start_round(group=self.group, by=self.group.created_by, at=self.at)

    def bring(self) -> None:
        facts = {"split": self.chance.choice(["EQUALLY", "AS_SAVED"]), "paper": self.paper, "says": "A valuer"}
        facts |= {"value_minor": self.chance.randint(1, 100_000), "valued_on": str(local_date(now()))}
        self.decided("BRING_INVESTMENT", **PLOT | facts)

    def buy(self) -> None:
        self.decided("BUY_INVESTMENT", **PLOT, account=self.seller.number, minor=self.chance.randint(1, 100_000))

    def value(self) -> None:
        one = self.one_of(Investment.objects.held())
        facts = {"value_minor": self.chance.randint(0, 200_000), "valued_on": str(local_date(self.at)), "says": "All"}
        self.decided("VALUE_INVESTMENT", investment=one, **facts)

    def sell(self) -> None:
        """For nothing: it is written off at once, and what it cost is lost together."""
        self.decided("SELL_INVESTMENT", investment=self.one_of(Investment.objects.held()), units="1", price_minor=0)

    def share_out(self) -> None:
        self.decided("SHARE_OUT")


class Lending(Anything):
    """A group that lends and loses: loans are written off as soon as they were paid out."""

    def acts(self):
        return (self.pay, self.pay, self.borrow, self.borrow, self.repay, self.write_off, self.write_off,
                self.share_out, self.shares, self.take_out, self.late)  # fmt: skip


def live(life, times):
    """So many acts; returns how many were done, and how many refused."""
    done = refused = 0
    for _nth in range(times):
        life.pass_time()
        before = state(life)
        try:
            with transaction.atomic():
                life.act()
        except DomainError:
            refused += 1
            assert state(life) == before
        else:
            done += 1
        held = balances(life.group)
        assert all(cash_of(purse, held) >= 0 for purse in PURSES)
        accounts = [life.seller, *(one.account for one in life.people)]
        on_accounts = sum(kes(balance_of(one)).minor for one in accounts)
        assert on_accounts + sum(held.values()) == 4 * 50_000_00
    assert_books_balance()
    return done, refused


@pytest.mark.parametrize("seed", [1])
def test_any_sequence_of_acts_keeps_every_purse_and_every_cent(seed):
    done, refused = live(Anything(seed), 60)
    assert done > 20
    assert refused > 2
    assert Cycle.objects.count() > 3
    assert Fine.objects.exists()
    assert {row.is_brought for row in Investment.objects.all()} == {True, False}


def state(life):
    """What a refusal must leave as it was."""
    return balances(life.group), list(Contribution.objects.order_by("pk").values_list("status", "paid_savings_minor"))


@pytest.mark.parametrize("seed", [3])
def test_any_sequence_of_loans_lost_and_paid_back_keeps_every_cent(seed):
    live(Lending(seed), 60)
    assert GroupLoan.objects.filter(status="WRITTEN_OFF", recovered_minor__gt=0).exists()
    assert Sharing.objects.exists()
    assert [found for ask in checks._QUESTIONS.values() for found in checks._findings(ask)] == []
