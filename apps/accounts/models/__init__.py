"""Products, accounts, their lines, limits used, cash, statements."""

from apps.accounts.models.account import Account, AccountQuerySet, AccountStatus, AccountType, Product
from apps.accounts.models.cash import CashKind, CashMovement, CashStatus, Till
from apps.accounts.models.fee import ChargedFor, DutyClass, DutyRate, FeeBand, FeeRule
from apps.accounts.models.line import LimitUse, Statement, Transaction, TransactionQuerySet, TransactionType
from apps.accounts.models.mandate import (
    Mandate,
    MandateBand,
    MandateSignatory,
    MandateSignature,
    MandateStatus,
    Needs,
)

__all__ = [
    "Account",
    "AccountQuerySet",
    "AccountStatus",
    "AccountType",
    "CashKind",
    "CashMovement",
    "CashStatus",
    "ChargedFor",
    "DutyClass",
    "DutyRate",
    "FeeBand",
    "FeeRule",
    "LimitUse",
    "Mandate",
    "MandateBand",
    "MandateSignatory",
    "MandateSignature",
    "MandateStatus",
    "Needs",
    "Product",
    "Statement",
    "Till",
    "Transaction",
    "TransactionQuerySet",
    "TransactionType",
]
