"""Products, accounts, their lines, limits used, cash, statements."""

from apps.accounts.models.account import POTS, Account, AccountQuerySet, AccountStatus, AccountType, Product
from apps.accounts.models.cash import CashKind, CashMovement, CashStatus, Till
from apps.accounts.models.deposit import (
    DepositChart,
    DepositInstalment,
    DepositRate,
    DepositStatus,
    FixedDeposit,
    InstalmentStatus,
    OnMaturity,
)
from apps.accounts.models.dormancy import SleepingAccount, SleepStatus
from apps.accounts.models.fee import ChargedFor, DutyClass, DutyRate, FeeBand, FeeRule
from apps.accounts.models.goal import GoalMember, GoalMove, GoalPicture, MemberStatus, SavingsGoal
from apps.accounts.models.imported import ImportBatch
from apps.accounts.models.interest import (
    AccruedInterest,
    Basis,
    InterestDay,
    InterestPayment,
    InterestTerms,
    InterestTier,
    PaidBecause,
    WithholdingRate,
)
from apps.accounts.models.line import (
    LargePaymentFloor,
    LimitUse,
    Statement,
    Transaction,
    TransactionQuerySet,
    TransactionType,
)
from apps.accounts.models.mandate import (
    Mandate,
    MandateBand,
    MandateSignatory,
    MandateSignature,
    MandateStatus,
    Needs,
    UnfreezeSignature,
)
from apps.accounts.models.transfer import AutoRunStatus, AutoTransferRule, AutoTransferRun, RuleCadence, RuleKind

__all__ = [
    "POTS",
    "Account",
    "AccountQuerySet",
    "AccountStatus",
    "AccountType",
    "AccruedInterest",
    "AutoRunStatus",
    "AutoTransferRule",
    "AutoTransferRun",
    "Basis",
    "CashKind",
    "CashMovement",
    "CashStatus",
    "ChargedFor",
    "DepositChart",
    "DepositInstalment",
    "DepositRate",
    "DepositStatus",
    "DutyClass",
    "DutyRate",
    "FeeBand",
    "FeeRule",
    "FixedDeposit",
    "GoalMember",
    "GoalMove",
    "GoalPicture",
    "ImportBatch",
    "InstalmentStatus",
    "InterestDay",
    "InterestPayment",
    "InterestTerms",
    "InterestTier",
    "LargePaymentFloor",
    "LimitUse",
    "Mandate",
    "MandateBand",
    "MandateSignatory",
    "MandateSignature",
    "MandateStatus",
    "MemberStatus",
    "Needs",
    "OnMaturity",
    "PaidBecause",
    "Product",
    "RuleCadence",
    "RuleKind",
    "SavingsGoal",
    "SleepStatus",
    "SleepingAccount",
    "Statement",
    "Till",
    "Transaction",
    "TransactionQuerySet",
    "TransactionType",
    "UnfreezeSignature",
    "WithholdingRate",
]
