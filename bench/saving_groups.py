"""Groups of savers in the invented history: how people save in them, and how money is passed through one."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from apps.accounts.models import Account
from apps.chamas.models import ChamaGroup, GroupEntry, Membership
from apps.kernel.clock import local_date

if TYPE_CHECKING:
    from bench.aml import World

MEMBERS = 10


def _founded(accounts: list[Account], at: datetime) -> list[Membership]:
    nth = ChamaGroup.objects.count()
    chair = accounts[0].owner
    group = ChamaGroup.objects.create(
        name=f"Umoja {nth}", slug=f"bench-{nth}", kind="SAVINGS", status="ACTIVE", join_code=f"B{nth:07d}",
        created_by=chair, created_at=at, began_at=at, is_verified=True,
    )  # fmt: skip
    return Membership.objects.bulk_create(
        Membership(
            group=group, user=account.owner, account=account, number=number, reference=f"G{nth:04d}{number:02d}",
            role="CHAIR" if number == 1 else "MEMBER", status="ACTIVE", asked_at=at, joined_at=at,
        )
        for number, account in enumerate(accounts, start=1)
    )  # fmt: skip


def _moved(
    world: "World", at: datetime, group: ChamaGroup, account: Account, shillings: int, kind: str, fund: str,
    member: Membership | None = None,
) -> None:  # fmt: skip
    """Into the group (+) from an account, or out of it (-) to one."""
    world.transfers += 1
    both, line = world.transfers, "CONTRIBUTION" if shillings > 0 else "PAYOUT"
    world.move(at, account, -shillings, line, group.name, both)
    world.entries.append(
        GroupEntry(
            group=group, fund=fund, member=member, kind=kind, amount_minor=shillings * 100, currency="KES",
            transfer_id=both, reference="bench", booked_on=local_date(at), at=at,
        )
    )  # fmt: skip


def live(world: "World", accounts: list[Account], *, turns: bool) -> None:
    """A group as groups are: each month all pay the same; one after the other takes the whole, or one borrows a little
    of the savings, which are shared out in the end.
    """
    dice, begins = world.dice, world.begins
    members = _founded(accounts, begins)
    group, share = members[0].group, dice.randrange(2, 11) * 1000
    fund = "ROTATION" if turns else "SAVINGS"
    months = range(5, world.days - 6, 30)
    for nth, day in enumerate(months):
        at = begins + timedelta(days=day)
        for member in members:
            paid_at = at + timedelta(hours=dice.uniform(0, 10))
            _moved(world, paid_at, group, member.account, share, "CONTRIBUTION", fund, member)
        if turns:
            turn = members[nth % MEMBERS]
            _moved(world, at + timedelta(days=1), group, turn.account, -share * MEMBERS, "PAYOUT", fund)
        elif nth:
            taker, lent = members[nth % MEMBERS], share * nth * 2
            _moved(world, at + timedelta(days=2), group, taker.account, -lent, "LOAN", "LOANS", taker)
            _moved(world, at + timedelta(days=20), group, taker.account, lent, "LOAN_REPAYMENT", "LOANS", taker)
    if not turns:
        end = begins + timedelta(days=world.days - 2)
        for member in members:
            _moved(world, end, group, member.account, -share * len(months), "SHARE_OUT", "SAVINGS", member)


def pass_through(world: "World", first: Account, cast: list[Account], at: datetime) -> set[int]:
    """Cash is split among members, who pay it into their group; one who never saved there takes it and is gone."""
    dice, last, accounts = world.dice, cast.pop(), [cast[-nth] for nth in range(1, MEMBERS)]
    members = _founded(accounts, at - timedelta(days=20))
    group, each = members[0].group, dice.randrange(60, 120) * 1000
    world.move(at - timedelta(hours=2), first, each * len(members), "DEPOSIT", "Counter")
    for nth, member in enumerate(members):
        world.send(at + timedelta(minutes=7 * nth), first, member.account, each)
        paid_at, part = at + timedelta(days=1, hours=dice.uniform(0, 30)), each * 98 // 100
        _moved(world, paid_at, group, member.account, part, "CONTRIBUTION", "SAVINGS", member)
    out = each * len(members) * 95 // 100
    _moved(world, at + timedelta(days=4), group, last, -out, "INVESTMENT", "INVESTMENTS")
    world.move(at + timedelta(days=6), last, -out * 98 // 100, "EXTERNAL_TRANSFER", "Abroad Ltd")
    return {first.owner_id, last.owner_id}
