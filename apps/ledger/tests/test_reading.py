"""Reading accounts: lines by keyset, many balances at once."""

import pytest

from apps.ledger import operations as ledger
from apps.ledger import queries as books
from apps.ledger.testing import kes, open_wallet, pay

pytestmark = pytest.mark.django_db


def test_lists_lines_newest_first_page_by_page(django_assert_num_queries):
    payer, payee = open_wallet(100), open_wallet()
    for nth in range(1, 8):
        pay(payer, payee, kes(nth))
    with django_assert_num_queries(1):
        first = books.lines(payer.id, limit=3)
    assert [line.amount for line in first] == [-kes(7), -kes(6), -kes(5)]
    second = books.lines(payer.id, before=first[-1].cursor, limit=3)
    assert [line.amount for line in second] == [-kes(4), -kes(3), -kes(2)]
    assert second[0].balance_after == kes(100 - 1 - 2 - 3 - 4)
    assert [line.amount for line in books.lines(payer.id, before=second[-1].cursor)] == [-kes(1), kes(100)]
    assert books.lines(payee.id, limit=1)[0].amount == kes(7)


def test_answers_for_many_balances_with_one_query(django_assert_num_queries):
    wallets = [open_wallet(nth) for nth in range(1, 6)]
    mpesa = ledger.gl("mpesa:settlement", "KES")
    with django_assert_num_queries(1):
        found = books.balances([wallet.id for wallet in wallets] + [mpesa.id, 10**15])
    assert [found[wallet.id].available for wallet in wallets] == [kes(nth) for nth in range(1, 6)]
    assert (found[mpesa.id].posted, found[mpesa.id].floor) == (kes(15), None)
    assert 10**15 not in found
    with pytest.raises(LookupError):
        books.balance(10**15)
