"""What stands on a transfer is not left behind: the books alone do not undo it."""

from datetime import timedelta

import pytest

from apps.accounts import operations
from apps.accounts.models import AutoTransferRun
from apps.accounts.testing import balance_of, kes, make_account
from apps.accounts.tests.test_goals import NOON, goal, pay
from apps.ledger import operations as ledger
from apps.ledger.errors import TransferTied
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db


def refused(transfer_id, words):
    with pytest.raises(TransferTied, match=words):
        ledger.ask_reversal(transfer_id=transfer_id, reason="Wrong", by=make_staff("ADMIN"), at=NOON)


def test_what_was_saved_for_a_goal_by_whichever_way():
    account = make_account(balance="50000", at=NOON)
    row = goal(account)
    pay(row, account, "100")
    refused(row.moves.get().transfer_id, "goal's page")
    movements = [operations.out_of(account, kes("5"), "Rounded up"), operations.into(row.account, kes("5"), "In")]
    by_rule = operations.post(
        reference="auto/1/x", kind="AUTO_TRANSFER", narrative="Rule", movements=movements, at=NOON
    )
    refused(by_rule[0].transfer_id, "goal's page")


def test_what_an_automatic_transfer_moved_between_own_accounts():
    current = make_account(balance="10000", at=NOON - timedelta(days=30))
    savings = make_account(current.owner, product="SAVINGS", at=NOON - timedelta(days=30))
    terms = operations.RuleTerms(
        kind="FIXED", from_account=current, to_account=savings, amount=kes("1000"), cadence="DAILY"
    )
    by = current.owner
    operations.make_rule(owner=by, terms=terms, key="r", by=by, at=NOON - timedelta(days=1))
    operations.run_day(owner_id=by.pk, at=NOON)
    run = AutoTransferRun.objects.get()
    refused(run.transfer_id, "automatic transfer")
    assert (run.status, balance_of(savings)) == ("MADE", "1000.00")


@pytest.mark.parametrize(("reference", "words"), [("interest/2026-04/1", "with its tax"), ("unclaimed/1", "Unclaimed")])
def test_interest_and_unclaimed_money_by_their_references(reference, words):
    one, other = make_account(balance="50", at=NOON), make_account()
    movements = [operations.out_of(one, kes("1"), "Out"), operations.into(other, kes("1"), "In")]
    lines = operations.post(reference=reference, kind="INTEREST", narrative="x", movements=movements, at=NOON)
    refused(lines[0].transfer_id, words)
