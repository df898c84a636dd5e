"""What the tests of other banks look at."""

from apps.ledger import operations as ledger
from apps.ledger import verification
from apps.ledger.queries import balances
from apps.ledger.testing import assert_books_balance


def settles_at(purpose, currency="KES"):
    key = ledger.gl(purpose, currency).id
    return balances([key])[key].posted.minor


def sound():
    """The books balance, and nothing that must hold between payments, banks and books is broken."""
    assert_books_balance()
    assert verification.verify([name for name in verification.names() if name.startswith("payments.")]) == []
