"""Groups in the demo: a merry-go-round of twelve and a table-banking group of thirty, with some months behind them, and
five who lent to one who is gone.
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from apps.accounts import operations as accounts
from apps.chamas import operations
from apps.chamas.models import ChamaGroup, Contribution, GroupLoan, Investment, Membership, Proposal, Turn
from apps.kernel.clock import day_start, local_date
from apps.kernel.money import Money
from apps.ledger import operations as ledger
from apps.portals.demo.story import code_in
from apps.portals.demo.year import Household
from apps.users import operations as people
from apps.users.models import User

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
ELSEWHERE = frozenset({7, 8, 9})  # whose accounts the story freezes and closes
ROUND: dict[str, Any] = {
    "rotation": "FIXED", "rotation_minor": 2_000_00, "welfare_minor": 100_00, "late_fine_minor": 100_00,
    "absent_fine_minor": 50_00, "loan_multiple": 0,
}  # fmt: skip
TABLE: dict[str, Any] = {
    "savings_minor": 1_000_00, "welfare_minor": 200_00, "late_fine_minor": 50_00, "absent_fine_minor": 100_00,
    "quorum_bps": 2_000, "loan_multiple": 3, "loan_guarantors": 2, "share_price_minor": 500_00,
    "welfare_claims": {"Bereavement": 5_000_00, "Hospital": 2_000_00}, "welfare_waiting_months": 0,
}  # fmt: skip
FIVE: dict[str, Any] = {"savings_minor": 1_000_00, "loan_multiple": 3, "loan_guarantors": 1, "loan_rate_bps": 200}


def save_together(households: Sequence[Household], *, end: datetime) -> int:
    """All groups; how many payments they took. The first household belongs to the two large ones."""
    own = [one for nth, one in enumerate(households) if nth not in ELSEWHERE]
    if len(own) < 25:
        return 0
    _bring_money(own[:41], end - 110 * DAY)
    paid = _merry_go_round(own[:12], end) + _table_banking([own[0], *own[12:41]], own[1], end)
    return paid + _five(own[20:25], end)  # five of the table


def _bring_money(households: Sequence[Household], at: datetime, *, each: str = "16000", mark: str = "groups") -> None:
    """What they save was earned outside the story."""
    money = Money.of(each, "KES")
    orders = [
        accounts.Order(
            reference=f"demo/{mark}/{one.account.pk}",
            kind="DEPOSIT",
            narrative="From the market",
            movements=[accounts.into(one.account, money, "From the market", category="business")],
            legs=[ledger.debit("bank:settlement", money)],
            at=at,
        )
        for one in households
    ]
    accounts.post_many(orders=orders, at=at)


def _founded(name: str, kind: str, rules: dict[str, Any], who: Sequence[User], at: datetime) -> ChamaGroup:
    """Founded by the first, joined by the others, who accept its rules; begun a week later."""
    chair, *others = who
    group = operations.found_group(name=name, kind=kind, rules=rules, by=chair, at=at)
    version = group.versions.get()
    for nth, person in enumerate(others):
        member = operations.ask_to_join(join_code=group.join_code, by=person, at=at + HOUR)
        operations.decide_on_asker(member=member, take_in=True, by=chair, at=at + DAY)
        if nth < 2:
            operations.give_role(member=member, role=("TREASURER", "SECRETARY")[nth], by=chair, at=at + DAY)
        operations.accept_constitution(version=version, by=person, at=at + 2 * DAY)
    return operations.begin(group=group, by=chair, at=at + 6 * DAY)


def _firsts(since: datetime, end: datetime) -> list[date]:
    """The first days of months from `since` to `end`."""
    found: list[date] = []
    day = local_date(since).replace(day=1)
    while True:
        day = (day + 32 * DAY).replace(day=1)
        if day > local_date(end):
            return found
        found.append(day)


def _pay_cycle(group: ChamaGroup, day: date, end: datetime, *, but: int = 0, ahead: int = 1, after: int = 10) -> int:
    """The cycle of a month: everybody pays in the first days, but the last member when one is left out.

    Those `after` the tenth, but the last, pay `ahead` months at once, as many do who sell by the season.
    """
    cycle = operations.open_cycle(group=group, day=day, at=day_start(day))
    if cycle is None:
        return 0
    rows = Contribution.objects.filter(cycle=cycle).order_by("member__number")
    found = list(rows.filter(status="DUE").select_related("member__user", "member__account__owner", "member__group"))
    paying = found[: len(found) - but] if but else found
    for nth, row in enumerate(paying):
        at = min(day_start(day) + (nth % 4) * DAY + 8 * HOUR + nth * timedelta(minutes=7), end)
        months = ahead if after < row.member.number < len(found) else 1
        amount = Money(row.open_minor * months, row.currency)
        operations.contribute(member=row.member, amount=amount, key=f"demo/{day}", by=row.member.user, at=at)
    if cycle.late_at <= end:
        operations.mark_late(at=cycle.late_at)
    return len(paying)


def _merry_go_round(own: Sequence[Household], end: datetime) -> int:
    """Three months; two had their turn, the third waits for a second officer."""
    began = end - 100 * DAY
    users = [one.account.owner for one in (own[1], own[2], own[0], *own[3:])]
    group = _founded("Ushirika Merry-go-round", "MERRY_GO_ROUND", ROUND, users, began)
    operations.start_round(group=group, by=users[0], at=began + 7 * DAY)
    paid, months = 0, _firsts(began + 7 * DAY, end)
    for nth, day in enumerate(months):
        is_last = nth == len(months) - 1
        paid += _pay_cycle(group, day, end, but=1 if is_last else 0)
        at = min(day_start(day) + 7 * DAY, end)
        if is_last:
            at = max(at, end - 2 * DAY)  # late in a month a week after its first would have lapsed by now
        turn = Turn.objects.filter(round__group=group, cycle__isnull=False, paid_at=None).order_by("position").first()
        if turn is None:
            continue
        facts = {"turn": turn.pk, "partial": is_last}
        row = _ask(group, "PAY_TURN", facts, users[3], at, f"turn-{nth}")
        _sign(row, [one for one in users[:3] if one.pk != turn.member.user_id][: 1 if is_last else 2], at)
    return paid


def _table_banking(own: Sequence[Household], seller: Household, end: datetime) -> int:
    """Two months, a loan, hens that gained in worth, a meeting with signed minutes, and a welfare claim that waits."""
    began = end - 75 * DAY
    users = [one.account.owner for one in (own[1], own[0], *own[2:])]  # the first household keeps the money
    group = _founded("Umoja Table Banking", "SAVINGS", TABLE, users, began)
    months = _firsts(began + 7 * DAY, end)
    paid = _pay_cycle(group, months[0], end, ahead=len(months))
    paid += sum(_pay_cycle(group, day, end, but=1 if day == months[-1] else 0) for day in months[1:])
    at = end - 12 * DAY
    _lend(group, users, at)
    _invest(group, users, seller, end - 10 * DAY)
    _meet(group, users, end - 6 * DAY)
    claim = {"member": _place(group, users[6]).pk, "what": "Hospital", "happened_on": str(local_date(end - 5 * DAY))}
    row = _ask(group, "PAY_WELFARE", claim, users[7], end - 2 * DAY, "welfare")
    _sign(row, users[:1], end - DAY)
    return paid


def _place(group: ChamaGroup, who: User) -> Membership:
    return Membership.objects.get(group=group, user=who)


def _ask(group: ChamaGroup, act: str, facts: dict[str, Any], by: User, at: datetime, key: str) -> Proposal:
    return operations.propose(group=group, act=act, facts=facts, by=by, at=at, key=f"demo-{key}")


def _sign(row: Proposal, officers: Sequence[User], at: datetime) -> None:
    """Each with the code of their own phone."""
    for nth, officer in enumerate(officers):
        moment = at + nth * timedelta(minutes=20)
        proof = operations.challenge_sign_off(proposal=row, by=officer, at=moment, method="SMS")
        people.answer(challenge_id=proof.pk, user=officer, answer=code_in(f"users/step-up/{proof.pk}"), at=moment)
        operations.sign_off(proposal=row, is_approval=True, by=officer, at=moment, challenge_id=proof.pk)


def _lend(group: ChamaGroup, users: Sequence[User], at: datetime) -> None:
    """Asked by one, guaranteed by two, voted on by enough, signed by two officers once the vote is over."""
    stand = [_place(group, one) for one in users[5:7]]
    loan = operations.ask_loan(
        group=group, amount=Money.of("2000", "KES"), months=3, guarantors=[one.pk for one in stand], key="demo",
        by=users[4], at=at, purpose="Sewing machine",
    )  # fmt: skip
    for one in stand:
        operations.agree_to_guarantee(loan=loan, by=one.user, at=at + HOUR)
    row = _ask(group, "LEND_TO_MEMBER", {"loan": loan.pk}, users[4], at + 2 * HOUR, "loan")
    _agree(row, users, users[4], at + 3 * HOUR)


def _agree(row: Proposal, users: Sequence[User], asked_by: User, at: datetime) -> None:
    """As many vote as must, two officers sign, and it is done when the vote is over."""
    voters = [one for one in users if one != asked_by]
    for voter in voters[: max(len(users) // 4, 4)]:
        operations.vote(proposal=row, choice="YES", by=voter, at=at)
    row.refresh_from_db()
    _sign(row, users[:2], at + 21 * HOUR)
    operations.settle_due(at=row.closes_at + timedelta(minutes=5))


def _invest(group: ChamaGroup, users: Sequence[User], seller: Household, at: datetime) -> None:
    """Ten hens of a neighbour, worth more once they lay."""
    hens = {"kind": "BUSINESS", "name": "Ten laying hens", "units": "10", "minor": 6_000_00}
    hens |= {"custodian": "Kept by the secretary", "custody_reference": "Coop 1", "account": seller.account.number}
    _agree(_ask(group, "BUY_INVESTMENT", hens, users[3], at, "hens"), users, users[3], at + HOUR)
    row = Investment.objects.get(group=group)
    said = {"investment": row.pk, "value_minor": 7_500_00, "says": "Livestock officer of the ward"}
    said["valued_on"] = str(max(row.bought_on, local_date(at + 5 * DAY)))
    worth = _ask(group, "VALUE_INVESTMENT", said, users[3], at + 6 * DAY, "worth")
    for officer in users[:2]:
        operations.sign_off(proposal=worth, is_approval=True, by=officer, at=at + 6 * DAY + HOUR)


def _meet(group: ChamaGroup, users: Sequence[User], at: datetime) -> None:
    """Called a week before; two stayed away, one with an apology."""
    agenda = ["Minutes of the last meeting", "The loan that was asked for", "Chickens at the show"]
    meeting = operations.call_meeting(
        group=group, starts_at=at, place="Kibuye Social Hall", agenda=agenda, by=users[2], at=at - 7 * DAY
    )
    numbers = list(Membership.objects.filter(group=group).order_by("number").values_list("pk", flat=True))
    came = dict.fromkeys(numbers, "PRESENT") | {numbers[-2]: "APOLOGY", numbers[-1]: "ABSENT"}
    secretary = users[2]
    operations.hold_meeting(meeting=meeting, presences=came, by=secretary, at=at + 2 * HOUR)
    words = (
        "1. The minutes of the last meeting were agreed on.\n\n2. A loan of KES 2,000 was recommended.\n\n3. Ten hens."
    )
    minutes = operations.write_minutes(meeting=meeting, body=words, by=secretary, at=at + 3 * HOUR)
    operations.sign_minutes(minutes=minutes, by=users[0], at=at + 5 * HOUR)


def _five(own: Sequence[Household], end: datetime) -> int:
    """Half a year: the last of them borrowed and moved away, the others write it off, and a little comes back."""
    began = end - 190 * DAY  # so long ago that an instalment is 90 days late by now
    users = [one.account.owner for one in own]
    group = _founded("Tumaini Savers", "SAVINGS", FIVE, users, began)
    first, *later = _firsts(began + 7 * DAY, end)
    _bring_money(own, began, each=str(1_000 * (1 + len(later))), mark="five")
    paid = _pay_cycle(group, first, end, ahead=1 + len(later), after=0)
    loan = _lend_to_last(group, users, day_start(first) + 6 * DAY + 10 * HOUR)
    for day in later:
        _pay_cycle(group, day, end, but=1)
    _give_up(loan, users, end - 8 * DAY)
    some = Money.of("600", "KES")
    operations.repay_loan(loan=loan, amount=some, key="demo", by=users[-1], at=end - 3 * DAY)
    return paid + 1


def _lend_to_last(group: ChamaGroup, users: Sequence[User], at: datetime) -> GroupLoan:
    """Three times what they saved, with one behind it."""
    *others, borrower = users
    stand = _place(group, others[-1])
    loan = operations.ask_loan(
        group=group, amount=Money.of("3000", "KES"), months=3, guarantors=[stand.pk], key="demo", by=borrower, at=at,
        purpose="Second-hand motorbike",
    )  # fmt: skip
    operations.agree_to_guarantee(loan=loan, by=stand.user, at=at + HOUR)
    row = _ask(group, "LEND_TO_MEMBER", {"loan": loan.pk}, borrower, at + 2 * HOUR, "loan")
    _all_for(row, others, at + 3 * HOUR)
    _sign(row, others[:2], at + 4 * HOUR)
    return loan


def _give_up(loan: GroupLoan, users: Sequence[User], at: datetime) -> None:
    """By the three whom it does not concern; no money leaves, so their names are enough."""
    officers = users[:3]
    facts = {"loan": loan.pk, "reason": "Moved to Mombasa, and the phone is off"}
    row = _ask(loan.group, "WRITE_OFF_LOAN", facts, officers[2], at, "lost")
    _all_for(row, officers, at + HOUR)
    for officer in officers[:2]:
        operations.sign_off(proposal=row, is_approval=True, by=officer, at=at + 2 * HOUR)


def _all_for(row: Proposal, voters: Sequence[User], at: datetime) -> None:
    for voter in voters:
        operations.vote(proposal=row, choice="YES", by=voter, at=at)
