"""References that people pay loans by: a loan's own, typed as the account number of our paybill or told to a teller."""

import re

from apps.accounts.models import Account
from apps.lending.models import Loan, LoanStatus

_REFERENCE = re.compile(r"L[2-9A-HJ-NP-Z]{9}")
OWED = (LoanStatus.ACTIVE, LoanStatus.WRITTEN_OFF)


class Loans:
    """Loans on which something is owed."""

    def account_of(self, reference: str) -> Account | None:
        """The account the loan is repaid from."""
        if not _REFERENCE.fullmatch(reference):
            return None
        rows = Loan.objects.filter(reference=reference, status__in=OWED).select_related("account__owner")
        loan = rows.first()
        return loan.account if loan else None
