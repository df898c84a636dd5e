"""References that members pay by: typed as the account number of our paybill or told to a teller."""

import re

from django.db.models import F, Q

from apps.accounts.models import Account
from apps.chamas.models import (
    GroupLoan,
    GroupLoanStatus,
    GroupStatus,
    Investment,
    InvestmentSale,
    InvestmentSaleStatus,
    Membership,
)

_REFERENCE = re.compile(r"G[2-9A-HJ-NP-Z]{9}")
_LOAN = re.compile(r"T[2-9A-HJ-NP-Z]{9}")
_INVESTMENT = re.compile(r"V[2-9A-HJ-NP-Z]{9}")
_SALE = re.compile(r"W[2-9A-HJ-NP-Z]{9}")


class Shares:
    """Members of groups that take money (`G…`), and the loans of groups (`T…`)."""

    def account_of(self, reference: str) -> Account | None:
        """The member's account; the money goes on from there into the group."""
        member = member_of(reference)
        if member is None and (loan := loan_of(reference)) is not None:
            member = loan.member
        return member.account if member else None


def member_of(reference: str) -> Membership | None:
    """Whose reference it is, in a group that takes money."""
    if not _REFERENCE.fullmatch(reference):
        return None
    rows = Membership.objects.active().filter(reference=reference, group__status=GroupStatus.ACTIVE)
    return rows.select_related("account__owner", "group", "user").first()


def loan_of(reference: str) -> GroupLoan | None:
    """The loan of a group that it pays back, while something is owed or, of one written off, not back yet."""
    if not _LOAN.fullmatch(reference):
        return None
    lost = Q(status=GroupLoanStatus.WRITTEN_OFF, recovered_minor__lt=F("written_off_minor"))
    runs = Q(status=GroupLoanStatus.ACTIVE)
    lost &= Q(group__status=GroupStatus.ACTIVE)  # in a closed one nobody is left to take it
    rows = GroupLoan.objects.filter(runs | lost, reference=reference)
    return rows.select_related("member__account__owner", "member__user", "member__group", "group").first()


def investment_of(reference: str) -> Investment | None:
    """The investment that earned something, in a group that takes money; earnings may come after it was sold."""
    if not _INVESTMENT.fullmatch(reference):
        return None
    rows = Investment.objects.filter(reference=reference, group__status=GroupStatus.ACTIVE)
    return rows.select_related("group").first()


def sale_of(reference: str) -> InvestmentSale | None:
    """The sale that waits for this money; whether its time is over is asked when it comes."""
    if not _SALE.fullmatch(reference):
        return None
    rows = InvestmentSale.objects.filter(reference=reference, status=InvestmentSaleStatus.OPEN)
    return rows.select_related("investment__group").first()
