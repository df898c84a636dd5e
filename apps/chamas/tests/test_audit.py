"""Each rule of the audit: a fault that was planted past the operations is named, and nothing else."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F

from apps.accounts.testing import kes
from apps.chamas import audit, operations
from apps.chamas.models import (
    Contribution,
    Fine,
    GroupEntry,
    GroupLoanRow,
    Proposal,
    Sharing,
    SignOff,
    WelfareClaim,
)
from apps.chamas.testing import decide, make_group, member_of, members_of, open_next, pay_all
from apps.kernel.clock import local_date

pytestmark = pytest.mark.django_db


def _loan(group, at):
    borrower, *stand = members_of(group)[-1], *members_of(group)[:2]
    loan = operations.ask_loan(
        group=group,
        amount=kes("1000"),
        months=2,
        guarantors=[one.pk for one in stand],
        key="1",
        by=borrower.user,
        at=at,
    )
    for one in stand:
        operations.agree_to_guarantee(loan=loan, by=one.user, at=at)
    decide("LEND_TO_MEMBER", group, {"loan": loan.pk}, at=at)


@pytest.fixture
def group():
    """Half a year in little: dues, a late one with its fine, welfare, a loan, a leaver, a dividend, a share-out."""
    made = make_group(members=6, welfare_waiting_months=0, exit_notice_days=0)
    leaver = members_of(made)[-2]
    late = members_of(made)[-1]
    cycle = open_next(made)
    pay_all(cycle, but=[late])
    operations.mark_late(at=cycle.late_at)
    operations.contribute(
        member=late, amount=kes("1250"), key="late", by=late.user, at=cycle.late_at + timedelta(days=2)
    )
    for one in members_of(made)[:3]:
        operations.buy_shares(group=made, count=2, key="1", by=one.user, at=cycle.opened_at)
    at = cycle.late_at + timedelta(days=3)
    claim = {"member": members_of(made)[1].pk, "what": "Bereavement", "happened_on": str(local_date(at))}
    pay_all(open_next(made))
    pay_all(open_next(made))
    pay_all(open_next(made))
    pay_all(open_next(made))
    at = GroupEntry.objects.latest("pk").at + timedelta(days=1)
    decide("PAY_WELFARE", made, claim, at=at)
    operations.give_notice(group=made, by=leaver.user, at=at)
    decide("SETTLE_LEAVER", made, {"member": leaver.pk}, at=at)
    decide("PAY_DIVIDEND", made, {"minor": 4_000, "until": str(local_date(at))}, at=at)
    decide("SHARE_OUT", made, {}, at=at + timedelta(hours=1))
    pay_all(open_next(made))
    _loan(made, GroupEntry.objects.latest("pk").at + timedelta(hours=1))
    return made


def _fewer_approvals(_group):
    proposal = Proposal.objects.get(act="PAY_WELFARE")
    SignOff.objects.filter(pk=proposal.sign_offs.first().pk).delete()


def _own_approval(_group):
    proposal = Proposal.objects.get(act="PAY_WELFARE")
    Proposal.objects.filter(pk=proposal.pk).update(concerned=[proposal.sign_offs.first().member_id])


def _forget_a_due(group):
    row = Contribution.objects.filter(group=group, status="PAID", parts=None).first()
    (row or Contribution.objects.filter(group=group, status="PAID").last()).delete()


def _fine_in_time(group):
    row = Contribution.objects.filter(group=group, status="PAID", settled_at__lt=F("late_at")).first()
    terms = row.cycle.version.terms
    Fine.objects.create(
        group=group, member=row.member, why="LATE", cause=f"cycle/{row.cycle_id}", amount_minor=terms.late_fine_minor,
        currency="KES", given_at=row.late_at, due_on=row.due_on,
    )  # fmt: skip


def _something_left(group):
    row = GroupEntry.objects.filter(kind="EXIT")[0]
    row.pk, row.public_id, row.kind, row.amount_minor = None, uuid.uuid4(), "MOVED", 5
    row.at = GroupEntry.objects.latest("pk").at
    row.save(force_insert=True)


FAULTS = {
    "too_few_approvals": _fewer_approvals,
    "too_few_approvals, one their own": _own_approval,
    "everybody_owes": _forget_a_due,
    "fined_in_time": _fine_in_time,
    "late_without_fine": lambda group: Fine.objects.filter(group=group, why="LATE").update(
        cause="cycle/0", why="NAMED"
    ),
    "loan_late_without_fine": lambda group: GroupLoanRow.objects.filter(number=1).update(
        due_on=F("due_on") - timedelta(days=400)
    ),
    "welfare_by_the_rules": lambda group: WelfareClaim.objects.update(what="Wedding"),
    "welfare_without_claim": lambda group: WelfareClaim.objects.all().delete(),
    "left_with_something": _something_left,
    "dividend_tax": lambda group: Sharing.objects.filter(kind="DIVIDEND").update(tax_minor=0),
    "share_out_to_nothing": lambda group: GroupEntry.objects.filter(
        pk=GroupEntry.objects.filter(kind="SHARE_OUT", member=member_of(group, "CHAIR"), fund="SAVINGS")[0].pk
    ).update(amount_minor=F("amount_minor") + 7),
}
ALONG = {"late_without_fine": {"amount_of_fine"}}  # one fault, two rules: the fine is by no rule now


def test_each_planted_fault_is_named_and_nothing_else(group):
    later = GroupEntry.objects.latest("pk").at + timedelta(hours=1)
    assert audit.audit([group], at=later) == []
    named = {}
    for fault, plant in FAULTS.items():
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                for table in ("chamas_groupentry", "chamas_signoff", "chamas_sharing", "chamas_welfareclaim",
                              "chamas_payinpart"):  # fmt: skip
                    cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
            if fault == "everybody_owes":
                with connection.cursor() as cursor:
                    cursor.execute("DELETE FROM chamas_payinpart WHERE contribution_id IS NOT NULL")
            plant(group)
            named[fault] = {one.rule for one in audit.audit([group], at=later)}
            transaction.set_rollback(True)
    expected = {fault: {fault.partition(",")[0]} | ALONG.get(fault, set()) for fault in FAULTS}
    assert named == expected
    assert audit.audit([group], at=later) == []
    known = {*audit.rules()}
    assert {fault.partition(",")[0] for fault in FAULTS} <= known
