"""Cash and M-Pesa for a loan, and what deposits are used for: exactly that loan, exactly once."""

from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from apps.accounts.events import MoneyCameIn
from apps.accounts.models import Account, CashMovement
from apps.accounts.testing import balance_of, give, kes, make_till
from apps.kernel import approvals, events
from apps.kernel.clock import now
from apps.kernel.testing import at_once, deliver_events
from apps.ledger.testing import assert_books_balance
from apps.lending import operations, owed
from apps.lending.errors import NothingOwed
from apps.lending.models import Instalment, Loan, Repayment
from apps.lending.operations.day import collect_from
from apps.lending.testing import end_days, make_borrower, make_loan, make_officer
from apps.notifications.testing import messages_to

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("Africa/Nairobi"))
