"""What a group owns: bought out of the pot, valued, sold with its gain or loss; nothing is lost in silence."""

from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest

from apps.accounts.testing import balance_of, kes, make_account
from apps.chamas import audit, investment_parts, operations, rail
from apps.chamas.errors import AlreadyDone, Invalid, NotEnoughInPurse, NotYet
from apps.chamas.models import (
    Investment,
    InvestmentReceipt,
    InvestmentSale,
    InvestmentValuation,
    Proposal,
)
from apps.chamas.operations.books import balances
from apps.chamas.queries.investments import holdings
from apps.chamas.testing import (
    bring_paper,
    decide,
    make_group,
    make_person,
    member_of,
    members_of,
    open_next,
    pay_all,
    sign,
)
from apps.chamas.tests.test_orders import order_of
from apps.kernel.clock import local_date, now
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.ledger.testing import assert_books_balance
from apps.notifications.testing import messages_to
from apps.payments import operations as payments
from apps.payments.models import PaymentStatus

pytestmark = pytest.mark.django_db

SHARES = {"kind": "SHARES", "name": "Safaricom PLC", "units": "200", "custodian": "CDSC", "custody_reference": "123/LI"}


def saved_group(*, members=4, **rules):
    """A group in which everybody saved 1000: 4000 in the pot, and a seller's account here."""
    group = make_group(members=members, **rules)
    pay_all(open_next(group))
    return group, make_account(balance="0")


def asked(seller, minor=300_001, **more):
    return SHARES | {"account": seller.number, "minor": minor} | more


def bought(group, seller, **more):
    decide("BUY_INVESTMENT", group, asked(seller, **more), at=now(), key="buy")
    return Investment.objects.get(group=group)


def sold(row, *, units="100", price=200_000, key="sell", at=None):
    decide("SELL_INVESTMENT", row.group, {"investment": row.pk, "units": units, "price_minor": price},
           at=at or now(), key=key)  # fmt: skip
    return InvestmentSale.objects.filter(investment=row).latest("pk")


def paid(sale, amount=None, *, who=None):
    """The buyer pays by the reference of the sale."""
    payment = order_of(who or make_person(), sale.reference, amount or str(sale.price.amount))
    rail.ChamaRail().send(payment=payment, at=now())
    payment.refresh_from_db()
    return payment


def worth(row, minor, *, on=None, key="1", **more):
    facts = {"investment": row.pk, "value_minor": minor, "valued_on": str(on or local_date(now())), "says": "CDSC"}
    decide("VALUE_INVESTMENT", row.group, facts | more, at=now(), key=key)


def test_it_is_bought_out_of_the_pot_by_vote_and_two_signatures_and_the_seller_is_paid_once():
    group, seller = saved_group()
    chair, treasurer, secretary, member = members_of(group)
    row = operations.propose(
        group=group, act="BUY_INVESTMENT", facts=asked(seller), by=member.user, at=now(), key="1", why="Dividends"
    )
    assert (row.amount_minor, row.is_voted_on, row.sign_offs_needed) == (300_001, True, 2)
    assert seller.masked_number in str(operations.decide.bound_to(row)["payee"])
    for one in (chair, treasurer, secretary):
        operations.vote(proposal=row, choice="YES", by=one.user, at=now())
    sign(row, chair.user)
    assert not Investment.objects.exists()
    row = sign(row, treasurer.user)
    made = Investment.objects.get()
    assert (row.status, row.reference) == ("CARRIED_OUT", made.receipt)
    deliver_events()
    assert "Safaricom PLC" in str(messages_to(str(member.user.phone))[-1].body)
    assert (made.cost_left_minor, made.units_left, made.bought_on) == (300_001, Decimal(200), local_date(now()))
    assert balance_of(seller) == "3000.01"
    assert (balances(group)["INVESTMENTS"], balances(group)["SAVINGS"]) == (-300_001, 400_000)
    assert_books_balance()
    assert audit.audit([group], at=now()) == []


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"kind": "GOLD"}, Invalid),
        ({"units": "0"}, Invalid),
        ({"units": "1.0000001"}, Invalid),
        ({"units": "NaN"}, Invalid),
        ({"account": "000000000000"}, Invalid),
        ({"custody_reference": ""}, Invalid),
        ({"minor": 400_001}, NotEnoughInPurse),
        ({"minor": -1}, Invalid),
    ],
)
def test_what_cannot_be_bought_is_refused_and_moves_nothing(wrong, error):
    group, seller = saved_group(members=4)
    with pytest.raises(error):
        decide("BUY_INVESTMENT", group, asked(seller) | wrong, at=now())
    assert (balances(group)["INVESTMENTS"], balance_of(seller)) == (0, "0.00")
    assert not Investment.objects.exists()


def test_who_sells_to_the_group_neither_votes_nor_signs():
    group, _seller = saved_group()
    chair = member_of(group, "CHAIR")
    facts = asked(chair.account)
    row = operations.propose(group=group, act="BUY_INVESTMENT", facts=facts, by=chair.user, at=now(), key="1")
    assert row.concerned == [chair.pk]
    with pytest.raises(operations.decide.OwnMatter):
        operations.vote(proposal=row, choice="YES", by=chair.user, at=now())


def test_a_sale_waits_for_the_whole_price_and_brings_back_the_cost_with_its_gain():
    group, seller = saved_group()
    row = bought(group, seller)
    sale = sold(row, units="100", price=200_000)
    assert balances(group)["INVESTMENTS"] == -300_001  # agreed on is not paid
    with pytest.raises(Invalid, match="pay just that"):
        payments.find_destination(
            rail="chama", kind="CONTRIBUTION", asked={"reference": sale.reference}, amount=kes("1999"), at=now()
        )
    payment = paid(sale)
    rail.ChamaRail().ask(payment=payment, at=now())
    row.refresh_from_db()
    sale.refresh_from_db()
    assert (payment.status, sale.status) == (PaymentStatus.COMPLETED, "DONE")
    deliver_events()
    assert "2,000.00" in str(messages_to(str(member_of(group, "TREASURER").user.phone))[-1].body)
    assert (row.units_left, row.cost_left_minor, row.over_at) == (Decimal(100), 150_001, None)
    assert (balances(group)["INVESTMENTS"], balances(group)["RESERVE"]) == (-150_001, 50_000)
    last = sold(row, units="100", price=100_001, key="rest")
    with pytest.raises(Invalid):
        sold(row, units="100.5", key="more")
    paid(last)
    row.refresh_from_db()
    assert (row.units_left, row.cost_left_minor, row.over_at is None) == (0, 0, False)
    assert (balances(group)["INVESTMENTS"], balances(group)["RESERVE"]) == (0, 0)  # half a gain, half a loss
    with pytest.raises(AlreadyDone):
        sold(row, key="again")
    assert InvestmentReceipt.objects.count() == 2
    assert_books_balance()
    assert audit.audit([group], at=now()) == []


def test_a_new_sale_ends_the_one_before_and_late_money_goes_back_to_the_buyer():
    group, seller = saved_group()
    row = bought(group, seller)
    first = sold(row, price=200_000)
    buyer = make_person()
    late = order_of(buyer, first.reference, "2000")
    second = sold(row, price=190_000, key="other")
    rail.ChamaRail().send(payment=late, at=now())
    late.refresh_from_db()
    assert late.status == PaymentStatus.FAILED
    assert balance_of(late.from_account) == "50000.00"
    with pytest.raises(AlreadyDone):
        operations.pay_for_sale(
            sale=second, amount=second.price, key="1", by=buyer, at=now() + timedelta(days=61), legs=[]
        )
    assert balances(group)["INVESTMENTS"] == -300_001
    assert_books_balance()


def test_what_is_lost_is_written_off_by_decision_and_what_it_earns_is_earned_together():
    group, seller = saved_group()
    row = bought(group, seller)
    payment = order_of(make_person(), row.reference, "120")
    rail.ChamaRail().send(payment=payment, at=now())
    rail.ChamaRail().ask(payment=payment, at=now())
    assert balances(group)["RESERVE"] == 12_000
    sale = sold(row, units="200", price=0)
    assert sale.status == "DONE"
    assert (balances(group)["INVESTMENTS"], balances(group)["RESERVE"]) == (0, 12_000 - 300_001)
    assert holdings(group, on=local_date(now())) == []
    assert holdings(group, on=local_date(now()), sold_too=True)[0].earned == kes("120") - kes("3000.01")
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_a_buyer_who_pays_twice_at_once_buys_once():
    group, seller = saved_group()
    sale = sold(bought(group, seller))
    orders = [order_of(make_person(), sale.reference, "2000") for _nth in range(4)]
    found = at_once(*[partial(rail.ChamaRail().send, payment=one, at=now()) for one in orders])
    assert not refusals(found)
    assert sorted(type(orders[0]).objects.values_list("status", flat=True)) == ["COMPLETED", *["FAILED"] * 3]
    assert InvestmentReceipt.objects.count() == 1
    assert balances(group)["INVESTMENTS"] == -150_001
    assert_books_balance()


# ---- what it is worth ----


def test_a_valuation_is_a_dated_row_with_whose_word_and_paper_and_moves_no_money():
    group, seller = saved_group()
    row = bought(group, seller)
    paper = bring_paper(group)
    worth(row, 420_000, paper=str(paper.public_id))
    worth(row, 410_000, key="2")  # the newer row of a day corrects it
    [one] = holdings(group, on=local_date(now()))
    assert (one.value, one.gain, one.says) == (kes("4100"), kes("1099.99"), "CDSC")
    assert InvestmentValuation.objects.filter(paper=paper).count() == 1
    assert balances(group)["RESERVE"] == 0
    today = str(local_date(now()))
    said = {"investment": row.pk, "value_minor": 1, "valued_on": today, "says": "Me"}
    for wrong in (
        {"valued_on": "2001-01-01"},
        {"valued_on": str(local_date(now()) + timedelta(1))},
        {"paper": "x"},
        {"says": ""},
        {"value_minor": -1},
        {"value_minor": "many"},
    ):
        with pytest.raises(Invalid):
            decide("VALUE_INVESTMENT", group, said | wrong, at=now(), key="3")
    sale = sold(row, units="50")
    paid(sale)
    assert holdings(group, on=local_date(now()))[0].value == kes("3075")  # three quarters are left


@pytest.mark.parametrize(
    ("by", "values"),
    [
        ("SAVINGS", [33_334, 33_334, 33_333]),
        ("TIME_WEIGHTED", [33_334, 33_334, 33_333]),
        ("SHARES", [60_001, 40_000, 0]),
    ],
)
def test_members_parts_are_the_whole_by_the_groups_own_rule(by, values):
    group, seller = saved_group(members=3, share_out_by=by)
    one, two, three = members_of(group)
    operations.buy_shares(group=group, count=3, key="1", by=one.user, at=now())
    operations.buy_shares(group=group, count=2, key="1", by=two.user, at=now())
    row = bought(group, seller)
    worth(row, 100_001)
    day = local_date(now()) + timedelta(days=40)  # after the day on which the first cycle's money is booked
    found = [investment_parts.parts(group, on=day, member=who) for who in (one, two, three)]
    assert sum(part[0].units for part in found) == 200
    assert [part[0].value.minor for part in found] == values
    assert investment_parts.parts(group, on=day)[0].value == kes("1000.01")
    assert investment_parts.parts(group, on=row.bought_on - timedelta(1), member=one) == []


# ---- the share-out ----


def test_a_share_out_waits_until_all_is_sold_unless_the_rules_keep_it():
    group, seller = saved_group()
    bought(group, seller)
    with pytest.raises(NotYet, match="not sold") as no:
        decide("SHARE_OUT", group, {}, at=now())
    assert no.value.facts["because"] == ["investments"]


def test_rules_that_keep_investments_pay_out_the_rest_and_leave_the_savings_that_stand_in_them():
    group, seller = saved_group(share_out_investments="KEEP", share_out_by="SAVINGS")
    row = bought(group, seller)
    at = now() + timedelta(days=60)
    with pytest.raises(NotYet, match="worth first"):
        decide("SHARE_OUT", group, {}, at=at)
    worth(row, 500_000)
    sale = sold(row)
    with pytest.raises(NotYet, match="buyer"):
        decide("SHARE_OUT", group, {}, at=now())
    paid(sale)
    with pytest.raises(NotYet):
        decide("DISSOLVE", group, {}, at=at)
    decide("SHARE_OUT", group, {}, at=at)
    own = balances(group)
    assert (own["SAVINGS"], own["INVESTMENTS"], own["RESERVE"]) == (150_001, -150_001, 0)
    assert sorted(balances(group, member=one)["SAVINGS"] for one in members_of(group)) == [37_500] * 3 + [37_501]
    assert_books_balance()
    assert audit.audit([group], at=at) == []


def test_the_audit_sees_what_was_done_past_the_decisions():
    group, seller = saved_group()
    row = bought(group, seller)
    sale = sold(row)
    paid(sale)
    InvestmentSale.objects.update(price_minor=1)
    Investment.objects.update(payee=member_of(group, "CHAIR").account, bought_on=local_date(now()) - timedelta(400))
    Proposal.objects.filter(act="BUY_INVESTMENT").update(concerned=[])
    type(member_of(group, "CHAIR")).objects.update(joined_at=now() - timedelta(500))
    rules = {one.rule for one in audit.audit([group], at=now())}
    assert rules >= {"sold_at_another_price", "bought_from_who_decided", "not_valued_for_a_year"}
    Proposal.objects.update(status="LAPSED")
    rules = {one.rule for one in audit.audit([group], at=now())}
    assert rules >= {"sold_without_decision", "too_few_approvals"}
    Investment.objects.update(cost_left_minor=1)
    with pytest.raises(AssertionError, match="investments_are"):
        assert_books_balance()
