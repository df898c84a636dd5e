"""The demo's taxes: a year of months, all paid but the last, which is a draft."""

from collections import Counter
from datetime import timedelta

import pytest

from apps.accounts.testing import give, make_account
from apps.compliance.models import TaxReturn
from apps.compliance.testing import make_tax
from apps.kernel.clock import day_start, local_date, now
from apps.ledger.testing import assert_books_balance
from apps.portals.demo.taxes import MONTHS, file_the_taxes
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db


def test_leaves_a_year_of_returns_and_last_months_draft():
    landlord, end = make_account(), now()
    give(landlord, "90000", at=end - timedelta(days=380))
    month = local_date(end).replace(day=1) - timedelta(days=1)
    make_tax("161.08", at=day_start(month.replace(day=1)), kind="INTEREST", purpose="tax:withholding")
    officer, second = make_staff("COMPLIANCE_OFFICER"), make_staff("ADMIN")
    assert file_the_taxes(landlord, officer=officer, second=second, end=end) == MONTHS + 1
    assert TaxReturn.objects.get(kind="WITHHOLDING").figures.on_account == 161_08
    excise = TaxReturn.objects.filter(kind="EXCISE")
    assert Counter(excise.values_list("status", flat=True)) == {"PAID": MONTHS - 1, "DRAFT": 1}
    assert TaxReturn.objects.latest("first_on").status == "DRAFT"
    assert_books_balance()
