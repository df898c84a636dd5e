"""A year of some groups through the operations: people miss, pay late, dispute, leave, borrow, invest, and share out.

The suite lives through it with three groups, `bench/chamas.py` with fifty.
"""

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from apps.accounts.models import Account
from apps.accounts.testing import balance_of, kes, make_account
from apps.chamas import operations
from apps.chamas.models import (
    ChamaGroup,
    Contribution,
    Cycle,
    Fine,
    FineStatus,
    GroupEntry,
    GroupLoan,
    Investment,
    InvestmentSale,
    Membership,
    Turn,
)
from apps.chamas.operations.books import balances
from apps.chamas.testing import decide, make_group, members_of
from apps.kernel.clock import day_start, local_date, now
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.users.queries import system_user

RULES = (
    {"rotation": "DRAWN", "rotation_minor": 40_000, "share_out_by": "SAVINGS"},
    {
        "exit_fee_bps": 500,
        "share_out_by": "TIME_WEIGHTED",
        "loan_guarantors": 1,
        "welfare_claims": {"Illness": 100_000},
    },
    {"share_out_by": "SHARES", "late_fine_minor": 3_333, "loan_guarantors": 2},
)


@dataclass
class Year:
    """What happened, for who looks at it."""

    groups: list[ChamaGroup]
    people: list[Membership]
    chance: Random
    sellers: list[Account] = field(default_factory=list)  # who sold something to a group
    brought: int = 0  # by buyers from outside, in minor units
    tally: dict[str, int] = field(default_factory=dict)

    def count(self, what: str) -> None:
        """Once more."""
        self.tally[what] = self.tally.get(what, 0) + 1


def live(*, groups: int, members: int, months: int = 12, seed: int = 7) -> Year:
    """Live through it; afterwards everybody has paid, every loan is back, and every pot is shared out."""
    made = [make_group(members=members, **RULES[nth % 3]) for nth in range(groups)]
    year = Year(made, [one for group in made for one in members_of(group)], Random(seed))  # no secret
    for group in made[::3]:
        row = operations.start_round(group=group, by=group.created_by, at=now(), until=now() + timedelta(hours=2))
        operations.add_word(round=row, word="harambee", by=group.created_by, at=now())
    operations.order_due(at=now() + timedelta(hours=3))
    day = local_date(now())
    for month in range(1, months + 1):
        day = (day.replace(day=1) + timedelta(days=32)).replace(day=1)
        _month(year, month, day)
    _settle_all(year, day_start(day + timedelta(days=27)))
    for group in made:
        decide("SHARE_OUT", group, {}, at=day_start(day + timedelta(days=27)) + timedelta(hours=12))
    return year


def _month(year: Year, month: int, day: date) -> None:
    operations.open_due(day=day, at=day_start(day))
    for nth, group in enumerate(year.groups):
        _pay(year, group, day_start(day) + timedelta(days=2))
        if month == 2 and nth % 3 == 1:
            operations.give_notice(group=group, by=members_of(group)[-1].user, at=day_start(day))
    late_at = Cycle.objects.filter(group=year.groups[0]).latest("number").late_at
    operations.mark_late(at=late_at)
    operations.fine_late_instalments(at=late_at)
    for nth, group in enumerate(year.groups):
        at = day_start(day) + timedelta(days=12)
        _turns(year, group, at)
        if nth % 3 == 1:
            _of_savers(year, group, month, at)
        if nth % 3 == 2:
            _of_owners(year, group, month, at)
        _appeal(year, group, at)
        if month in (3, 7):
            _dispute(year, group, at)


def _dispute(year: Year, group: ChamaGroup, at: datetime) -> None:
    """A member says that a row of theirs is wrong; an officer whom it does not concern answers."""
    there = GroupEntry.objects.filter(group=group, member__status="ACTIVE").exclude(member__user=group.created_by)
    entry = there.select_related("group", "member__user").latest("pk")
    row = operations.dispute_row(entry=entry, text="I paid more than that", by=entry.member.user, at=at)
    right = year.chance.random() < 0.5
    operations.answer_dispute(dispute=row, is_right=right, answer="We looked", by=group.created_by, at=at)
    year.count("disputes")


def _pay(year: Year, group: ChamaGroup, at: datetime) -> None:
    """Most pay, some in part, some ahead, some through the treasurer, some not at all."""
    treasurer = next(one for one in members_of(group) if one.role == "TREASURER")
    for one in members_of(group):
        owed = _owed(one)
        how = year.chance.random()
        if not owed or how < 0.1:
            year.count("missed")
        elif how < 0.2:
            _contribute(one, owed // 3, at)
            year.count("in part")
        elif how < 0.3:
            _contribute(one, owed + 50_001, at)
            year.count("ahead")
        elif how < 0.4 and one.pk != treasurer.pk:
            amount = Money(owed, group.currency)
            note = operations.record_cash(member=one, amount=amount, key=f"{at:%F}/{one.pk}", by=treasurer.user, at=at)
            operations.confirm_cash(note=note, is_so=True, by=one.user, at=at)
            operations.bank_cash(note=note, by=treasurer.user, at=at + timedelta(days=2))
            year.count("cash")
        else:
            _contribute(one, owed, at)
            year.count("paid")


def _owed(one: Membership) -> int:
    dues = sum(row.open_minor for row in Contribution.objects.unpaid().filter(member=one))
    return dues + sum(fine.open_minor for fine in Fine.objects.filter(member=one, status=FineStatus.OPEN))


def _contribute(one: Membership, minor: int, at: datetime) -> None:
    operations.contribute(member=one, amount=Money(minor, "KES"), key=f"{at.isoformat()}", by=one.user, at=at)


def _turns(year: Year, group: ChamaGroup, at: datetime) -> None:
    """Every turn that has begun is paid what is there; what comes late is paid with the next."""
    rows = Turn.objects.filter(round__group=group, cycle__isnull=False, paid_at=None).order_by("position")
    for turn in rows:
        brought = sum(row.paid_rotation_minor for row in Contribution.objects.filter(cycle=turn.cycle_id))
        if brought > turn.paid_minor:
            decide("PAY_TURN", group, {"turn": turn.pk, "partial": True}, at=at, key=f"{at:%F}")
            year.count("turns")


def _of_savers(year: Year, group: ChamaGroup, month: int, at: datetime) -> None:
    """Welfare, a loan, and somebody who leaves."""
    people = members_of(group)
    if month == 4:
        decide("SETTLE_LEAVER", group, {"member": people[-1].pk}, at=at)
        year.count("left")
    if month == 5:
        facts = {"member": people[0].pk, "what": "Illness", "happened_on": str(local_date(at))}
        if balances(group)["WELFARE"] >= 100_000:
            decide("PAY_WELFARE", group, facts, at=at)
            year.count("welfare")
    if month == 6:
        _lend(year, group, people[-1], people[:1], at)
    if month in (7, 8):
        _repay(year, group, at)


def _of_owners(year: Year, group: ChamaGroup, month: int, at: datetime) -> None:
    """Shares, a loan with two guarantors, and a dividend on what it earned."""
    people = members_of(group)
    if month in (1, 3):
        for nth, one in enumerate(people):
            operations.buy_shares(group=group, count=1 + nth % 3, key=f"{month}", by=one.user, at=at)
    if month == 4:
        _lend(year, group, people[0], people[1:3], at)
    if month in (5, 6):
        _repay(year, group, at)
    if month in (2, 5, 7):
        _invest(year, group, month, at)
    if month == 9:
        decide("PAY_DIVIDEND", group, {"minor": 10_001, "until": str(local_date(at))}, at=at)
        year.count("dividends")


def _invest(year: Year, group: ChamaGroup, month: int, at: datetime) -> None:
    """Bought in February, valued in May, sold in July: a part with a gain, the rest with a loss."""
    if month == 2:
        seller = make_account(balance="0")
        year.sellers.append(seller)
        facts = {"kind": "SHARES", "name": "Safaricom PLC", "units": "300", "custodian": "CDSC"}
        facts |= {"custody_reference": "123/LI", "account": seller.number, "minor": 100_001}
        decide("BUY_INVESTMENT", group, facts, at=at)
        year.count("bought")
        return
    row = Investment.objects.get(group=group)
    if month == 5:
        facts = {"investment": row.pk, "value_minor": 130_000, "valued_on": str(local_date(at)), "says": "CDSC"}
        decide("VALUE_INVESTMENT", group, facts, at=at)
        return
    for units, price in (("100", 50_000), ("200", 60_007)):
        facts = {"investment": row.pk, "units": units, "price_minor": price}
        decide("SELL_INVESTMENT", group, facts, at=at, key=f"sell/{units}")
        sale, paid = InvestmentSale.objects.filter(investment=row).latest("pk"), Money(price, group.currency)
        legs = [ledger.debit(ledger.gl("bank:settlement", group.currency), paid)]
        operations.pay_for_sale(sale=sale, amount=paid, key="1", by=system_user(), at=at, legs=legs)
        year.brought += price
        year.count("sold")


def _lend(year: Year, group: ChamaGroup, who: Membership, stand: list[Membership], at: datetime) -> None:
    if balances(group, member=who)["SAVINGS"] * 4 < 200_000:
        return
    loan = operations.ask_loan(
        group=group, amount=kes("2000"), months=2, guarantors=[one.pk for one in stand], key="1", by=who.user, at=at
    )
    for one in stand:
        operations.agree_to_guarantee(loan=loan, by=one.user, at=at)
    decide("LEND_TO_MEMBER", group, {"loan": loan.pk}, at=at)
    year.count("loans")


def _repay(year: Year, group: ChamaGroup, at: datetime) -> None:
    for loan in GroupLoan.objects.filter(group=group, status="ACTIVE").select_related("member__user", "group"):
        for row in loan.rows.order_by("number"):
            if row.open_minor and row.due_on <= local_date(at):
                operations.repay_loan(
                    loan=loan,
                    amount=Money(row.open_minor, loan.currency),
                    key=f"{row.due_on}",
                    by=loan.member.user,
                    at=at,
                )
                year.count("instalments")


def _appeal(year: Year, group: ChamaGroup, at: datetime) -> None:
    """Some who were fined ask the group to look again, and half of them are right."""
    fines = Fine.objects.filter(group=group, status=FineStatus.OPEN, paid_minor=0, appealed_at=None)
    for fine in fines.select_related("member__user").order_by("pk"):
        if year.chance.random() < 0.3:
            operations.appeal(fine=fine, says="I was ill", by=fine.member.user, at=at)
            keep = year.chance.random() < 0.5
            decide("DECIDE_FINE", group, {"fine": fine.pk, "keep": keep}, at=at, key=f"{fine.pk}")
            year.count("kept" if keep else "waived")


def _settle_all(year: Year, at: datetime) -> None:
    for group in year.groups:
        for one in members_of(group):
            if owed := _owed(one):
                _contribute(one, owed, at)
        _turns(year, group, at)


def cents_of(year: Year) -> int:
    """What all its people and who sold to them have on their accounts, less what buyers brought (minor units)."""
    accounts = [*(one.account for one in year.people), *year.sellers]
    return sum(int(kes(balance_of(one)).minor) for one in accounts) - year.brought
