"""A year of three groups: the books hold, nothing is lost, the rules were kept, and the audit sees what was not."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F

from apps.chamas import audit, operations
from apps.chamas.models import (
    CashNote,
    ChamaGroup,
    Contribution,
    Cycle,
    Fine,
    GroupGuarantee,
    GroupLoan,
    LeaveNotice,
    PayIn,
    Round,
    Turn,
)
from apps.chamas.operations.books import balances
from apps.chamas.testing import make_group, member_of, open_next, pay_all
from apps.chamas.tests.year import cents_of, live
from apps.kernel.clock import now
from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.ledger.testing import assert_books_balance

pytestmark = pytest.mark.django_db
LATER = timedelta(days=400)


def withheld():
    """Tax kept back so far."""
    return abs(books.balance(ledger.gl("tax:withholding", "KES").id).posted.minor)


def test_a_year_loses_nothing_keeps_its_rules_and_ends_with_empty_pots():
    before = withheld()
    year = live(groups=3, members=4, months=9)
    left = {fund: sum(balances(group)[fund] for group in year.groups) for fund in balances(year.groups[0])}
    assert {fund for fund, minor in left.items() if minor} == {"WELFARE"}
    assert cents_of(year) + left["WELFARE"] + withheld() - before == len(year.people) * 50_000_00
    assert {
        "missed",
        "in part",
        "ahead",
        "cash",
        "paid",
        "turns",
        "left",
        "loans",
        "dividends",
        "welfare",
        "disputes",
        "sold",
    } <= set(year.tally)
    assert_books_balance()
    assert audit.audit(year.groups, at=now() + LATER) == []
    out = StringIO()
    call_command("chama_audit", all=True, stdout=out)
    assert "3 groups kept their rules" in out.getvalue()
    row = Round.objects.get()
    call_command("verify_draw", str(row.public_id), stdout=out)
    assert "The draw is honest." in out.getvalue()
    _break(row, out)


def _break(row, out):
    """What was done past the operations is found, by rule and by year."""
    first, second = Turn.objects.filter(round=row).order_by("position")[:2]
    Turn.objects.filter(pk=first.pk).update(position=second.position)
    Turn.objects.filter(pk=second.pk).update(position=first.position)
    GroupLoan.objects.update(rate_bps=1)
    fine = Fine.objects.filter(why="LATE").first()
    Fine.objects.filter(pk=fine.pk).update(cause="cycle/0")
    Turn.objects.filter(pk=first.pk).update(paid_minor=F("paid_minor") + 10**6)
    GroupGuarantee.objects.update(agreed_at=None)
    GroupLoan.objects.update(principal_minor=10**9)
    LeaveNotice.objects.update(leaves_from=F("leaves_from") + LATER)
    CashNote.objects.update(banked_at=F("banked_at") + LATER)
    paid = Contribution.objects.filter(status="PAID").first()
    change = {"amount_minor": F("amount_minor") + 1, "savings_minor": F("savings_minor") + 1}
    Contribution.objects.filter(pk=paid.pk).update(paid_savings_minor=F("paid_savings_minor") + 1, **change)
    Cycle.objects.filter(pk=paid.cycle_id).update(opened_at=F("opened_at") - LATER)
    broken = audit.audit(ChamaGroup.objects.all(), at=now() + LATER)
    assert {one.rule for one in broken} >= {
        "amount_due", "amount_of_fine", "cash_not_paid_in", "draw", "late_without_fine", "left_without_notice",
        "loan_guarantors", "loan_over_multiple", "loan_terms", "out_of_turn", "payout_without_turn",
        "rules_of_the_day", "turn_without_cycle",
    }  # fmt: skip
    assert audit.audit(ChamaGroup.objects.all(), at=now() + LATER, year=2001) == []
    with pytest.raises(CommandError, match="does not follow"):
        call_command("verify_draw", str(row.public_id), stdout=out)
    with pytest.raises(CommandError, match="times a rule was broken"):
        call_command("chama_audit", row.group.slug, stdout=out)
    assert f"{row.group.slug}  " in out.getvalue()


def test_the_commands_say_what_they_need():
    for asked in ({}, {"slug": "x", "all": True}, {"slug": "nobody"}):
        with pytest.raises(CommandError):
            call_command("chama_audit", **asked)
    for name in ("nobody", "00000000-0000-0000-0000-000000000000"):
        with pytest.raises(CommandError):
            call_command("verify_draw", name)


def test_the_checks_of_the_books_find_what_was_written_past_the_operations():
    group = make_group(members=3)
    cycle = open_next(group)
    pay_all(cycle, but=[member_of(group, "CHAIR")])
    assert_books_balance()
    row = Contribution.objects.get(cycle=cycle, member=member_of(group, "CHAIR"))
    Contribution.objects.filter(pk=row.pk).update(paid_savings_minor=5)
    with pytest.raises(AssertionError, match="dues_are_paid_by_money"):
        assert_books_balance()
    assert Cycle.objects.get() == cycle
    assert PayIn.objects.count() == 2
    assert operations.mark_late(at=cycle.late_at) == 1
