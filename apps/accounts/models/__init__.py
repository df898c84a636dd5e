"""Products, accounts, their lines, limits used, cash, statements."""

from apps.accounts.models.account import Account, AccountQuerySet, AccountStatus, AccountType, Product, ProductFee
from apps.accounts.models.cash import CashKind, CashMovement, CashStatus, Till
from apps.accounts.models.line import LimitUse, Statement, Transaction, TransactionQuerySet, TransactionType

__all__ = [
    "Account",
    "AccountQuerySet",
    "AccountStatus",
    "AccountType",
    "CashKind",
    "CashMovement",
    "CashStatus",
    "LimitUse",
    "Product",
    "ProductFee",
    "Statement",
    "Till",
    "Transaction",
    "TransactionQuerySet",
    "TransactionType",
]
