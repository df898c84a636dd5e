"""Many people and many groups: a draw run twice, one person in ten groups, a large group that pays in one minute."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection

from apps.accounts.events import MoneyCameIn
from apps.accounts.models import Account
from apps.accounts.testing import balance_of, give, kes, make_account
from apps.audit_trail.models import AuditLog
from apps.chamas import operations, subscribers
from apps.chamas.errors import AlreadyDone
from apps.chamas.models import ChamaGroup, ConstitutionVersion, Contribution, GroupEntry, Membership, PayIn
from apps.chamas.operations.books import balances
from apps.chamas.operations.rounds import words_of
from apps.chamas.queries import my_groups, waiting_for
from apps.chamas.references import new_member_reference
from apps.chamas.rules import draw
from apps.chamas.testing import RULES, make_person, members_of, open_next
from apps.chamas.tests.test_rounds import make_round, turns
from apps.kernel.clock import now
from apps.kernel.testing import at_once, refusals
from apps.ledger.testing import assert_books_balance

pytestmark = pytest.mark.django_db
MANY = 60  # 300 pay in `python -m bench chamas`, which verifies the books after them


def begun(groups):
    """Groups of one, begun by writing so: what they agreed on and who is in them is not what these tests ask about."""
    ids = [one.pk for one in groups]
    ConstitutionVersion.objects.filter(group__in=ids).update(status="IN_FORCE", in_force_at=now())
    ChamaGroup.objects.filter(pk__in=ids).update(status="ACTIVE", began_at=now(), is_verified=True)
    found = list(ChamaGroup.objects.filter(pk__in=ids).order_by("pk"))
    for one in found:
        open_next(one)
    return found


def founded(by, nth=0, **rules):
    return operations.found_group(name=f"Group {nth}", kind="SAVINGS", rules=RULES | rules, by=by, at=now())


@pytest.mark.django_db(transaction=True)
def test_a_draw_that_is_run_by_everybody_at_once_has_one_order_and_it_is_the_one_committed_to():
    row = make_round("DRAWN", members=4)
    for one in members_of(row.group):
        operations.add_word(round=row, word=f"word {one.number}", by=one.user, at=now())
    row.refresh_from_db()
    acts = [partial(operations.order_round, round=row, by=one.user, at=row.until) for one in members_of(row.group)]
    found = at_once(*acts, partial(operations.order_due, at=row.until), partial(operations.order_due, at=row.until))
    assert {type(no) for no in refusals(found)} == {AlreadyDone}
    row.refresh_from_db()
    order = [turn.member.number for turn in turns(row)]
    assert order == draw.drawn([1, 2, 3, 4], row.shown_seed, words_of(row))
    assert draw.faults(published=row.seed_hash, seed=row.shown_seed, words=words_of(row), numbers=range(1, 5),
                       order=order) == []  # fmt: skip
    assert AuditLog.objects.filter(action="chamas.round.ordered").count() == 1


def test_a_member_in_ten_groups_pays_and_owes_in_each_alone(django_assert_num_queries):
    person = make_person()
    groups = begun([founded(person, nth) for nth in range(10)])
    own = {row.group_id: row for row in Membership.objects.filter(user=person).select_related("group", "user")}
    account, third = Account.objects.get(pk=own[groups[0].pk].account_id), groups[3]
    give(account, "1200")
    came = {"account_id": account.pk, "rail": "mpesa", "receipt": "SJK9", "minor": 120_000, "currency": "KES"}
    subscribers.use_money(MoneyCameIn(purpose=f"chama/{own[third.pk].reference}", **came))
    with django_assert_num_queries(3):
        mine, waits = {row.group.pk: row.owed.minor for row in my_groups(person)}, waiting_for(person)
    assert mine == {one.pk: 0 if one == third else 120_000 for one in groups}
    assert waits == []
    assert {one.pk: balances(one)["SAVINGS"] for one in groups if balances(one)["SAVINGS"]} == {third.pk: 100_000}
    assert (PayIn.objects.get().group, balance_of(account)) == (third, "50000.00")
    for one in groups:
        operations.contribute(member=own[one.pk], amount=kes("100"), key="same", by=person, at=now())
    assert PayIn.objects.count() == 11  # one key is another payment in another group
    assert [balances(one)["SAVINGS"] for one in groups if one != third] == [0] * 9  # welfare comes first
    assert_books_balance()


@pytest.mark.django_db(transaction=True)
def test_members_of_a_large_group_who_pay_in_one_minute_all_pay_and_nothing_is_lost():
    chair = make_person()
    group = founded(chair)
    accounts = [make_account(balance="1200") for _nth in range(MANY - 1)]
    Membership.objects.bulk_create(
        Membership(
            group=group, user=account.owner, account=account, number=nth, reference=new_member_reference(),
            status="ACTIVE", asked_at=now(), joined_at=now(), decided_by=chair,
        )
        for nth, account in enumerate(accounts, start=2)
    )  # fmt: skip
    [group] = begun([group])
    queue = [partial(_pay, one) for one in members_of(group)]
    with ThreadPoolExecutor(10) as pool:
        paid = sum(pool.map(_in_turn, [queue[nth::10] for nth in range(10)]))
    assert paid == MANY
    assert (PayIn.objects.count(), GroupEntry.objects.count()) == (MANY, 2 * MANY)
    assert set(Contribution.objects.values_list("status", flat=True)) == {"PAID"}
    held = balances(group)
    assert (held["SAVINGS"], held["WELFARE"]) == (MANY * 100_000, MANY * 20_000)
    assert_books_balance()


def _pay(member):
    return operations.contribute(member=member, amount=kes("1200"), key="1", by=member.user, at=now())


def _in_turn(acts):
    try:
        return len([act() for act in acts])
    finally:
        connection.close()
