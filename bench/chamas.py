"""Members who pay into one group in the same minute, against as many who pay into groups of their own; and a year.

Each of 300 people belongs to one large group and to one of their own, so that both sides lock the same accounts, write
the same rows and differ only in whose group it is. Then fifty groups live through a year, and everything is verified.
"""

import itertools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

from bench.common import Options, Result, alternate, clients, main, settle, timed

MEMBERS = 300
AT_ONCE = 20  # processes that pay, each for its part of the members
RULES = {"savings_minor": 10**9}  # so large that every payment of the bench pays a part of what is due


def run(options: Options) -> list[Result]:
    """The ratio of contributions a second, and a year of fifty groups."""
    year = _year(50 if options.rounds > 3 else 6)  # first: a day's end would open cycles of the 301 groups below too
    one, many = _groups()
    settle()
    asked = replace(options, clients=AT_ONCE)
    ours, theirs, ratio = alternate(
        lambda: clients(_payer(one), asked), lambda: clients(_payer(many), asked), options.rounds
    )
    row, _theirs, contrast = alternate(
        lambda: clients(_payer(one, locked=True), asked), lambda: clients(_payer(many), asked), options.rounds
    )
    lost, findings = _lost(one)
    note = f"{ours:.0f} : {theirs:.0f} contributions a second, {AT_ONCE} at once"
    return [
        Result(f"{MEMBERS} members paying into one group : into {MEMBERS}", ratio, at_least=0.9, note=note),
        Result("  were the group a locked row", contrast, note=f"{row:.0f} a second"),
        Result("  cents of theirs lost or made in the one group", lost, at_most=0, unit="c"),
        Result("  findings of verify_books after them", findings, at_most=0, unit=""),
        *year,
    ]


def _lost(members: list[int]) -> tuple[int, int]:
    """What was paid in and is not in the rows of the group, and what the verification of all books finds."""
    from django.db.models import Sum

    from apps.chamas.models import GroupEntry, PayIn
    from apps.ledger import verification

    paid = PayIn.objects.filter(member__in=members).aggregate(sum=Sum("amount_minor"))["sum"]
    held = GroupEntry.objects.filter(member__in=members).aggregate(sum=Sum("amount_minor"))["sum"]
    return abs(int(paid) - int(held)), len(verification.verify())


def _groups() -> tuple[list[int], list[int]]:
    """Ids of memberships in one group, and of the same people in one of their own each; a cycle is open in all."""
    from apps.chamas import operations
    from apps.chamas.models import ChamaGroup, ConstitutionVersion, Membership
    from apps.chamas.references import new_member_reference
    from apps.chamas.testing import make_person, open_next
    from apps.kernel.clock import now

    people = [make_person(balance="1000000") for _nth in range(MEMBERS)]
    groups = [
        operations.found_group(name=f"Group {nth}", kind="SAVINGS", rules=RULES, by=person, at=now())
        for nth, person in enumerate(people)
    ]
    large = operations.found_group(name="All of us", kind="SAVINGS", rules=RULES, by=people[0], at=now())
    own = {row.user_id: row for row in Membership.objects.filter(group__in=groups)}
    Membership.objects.bulk_create(
        Membership(
            group=large,
            user=person,
            account=own[person.pk].account,
            number=nth,
            reference=new_member_reference(),
            status="ACTIVE",
            asked_at=now(),
            joined_at=now(),
            decided_by=people[0],
        )
        for nth, person in enumerate(people[1:], start=2)
    )
    ConstitutionVersion.objects.update(status="IN_FORCE", in_force_at=now())
    ChamaGroup.objects.update(status="ACTIVE", began_at=now(), is_verified=True)
    for group in ChamaGroup.objects.all():
        open_next(group)
    in_one = Membership.objects.filter(group=large).order_by("user_id").values_list("pk", flat=True)
    in_many = Membership.objects.filter(group__in=groups).order_by("user_id").values_list("pk", flat=True)
    return list(in_one), list(in_many)


def _payer(members: list[int], *, locked: bool = False) -> Callable[[int], Callable[[], None]]:
    """What a process does: it pays a shilling for one of its members after the other, or does so under a lock."""

    def make(nth: int) -> Callable[[], None]:
        from secrets import token_hex

        from django.db import transaction

        from apps.chamas import operations
        from apps.chamas.models import Membership
        from apps.chamas.operations import books
        from apps.kernel.clock import now
        from apps.kernel.money import Money

        rows = Membership.objects.select_related("user", "account", "group").filter(pk__in=members[nth::AT_ONCE])
        turn = itertools.cycle(list(rows))

        def pay() -> None:
            member = next(turn)
            with transaction.atomic():
                if locked:
                    books.locked(member.group)
                operations.contribute(
                    member=member, amount=Money(100, "KES"), key=token_hex(8), by=member.user, at=now()
                )

        return pay

    return make


def _year(groups: int) -> list[Result]:
    from apps.chamas import audit
    from apps.chamas.operations.books import balances
    from apps.chamas.tests.year import Year, cents_of, live
    from apps.kernel.clock import now
    from apps.ledger import operations as ledger
    from apps.ledger import queries as books
    from apps.ledger import verification

    lived: list[Year] = []
    took = timed(lambda: lived.append(live(groups=groups, members=5)))
    year = lived[0]
    tax = abs(books.balance(ledger.gl("tax:withholding", "KES").id).posted.minor)
    left = [balances(group) for group in year.groups]
    welfare = sum(funds["WELFARE"] for funds in left)
    lost = len(year.people) * 50_000_00 - cents_of(year) - welfare - tax
    pots = sum(abs(minor) for funds in left for fund, minor in funds.items() if fund != "WELFARE")
    broken = audit.audit(year.groups, at=now() + timedelta(days=400))
    findings = verification.verify()
    for said in (*broken, *findings):
        print(said)
    tally = ", ".join(f"{what} {count}" for what, count in sorted(year.tally.items()))
    return [
        Result(f"cents lost or made in a year of {groups} groups", abs(lost), at_most=0, unit="c", note=tally),
        Result("  cents left in pots after the share-out", pots, at_most=0, unit="c"),
        Result("  rules broken, by chama_audit", len(broken), at_most=0, unit=""),
        Result("  findings of verify_books", len(findings), at_most=0, unit=""),
        Result("  seconds for the year", took, unit="s"),
    ]


if __name__ == "__main__":
    main(run)
