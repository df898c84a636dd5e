"""Why, in words: the codes of factors, reasons and notes as sentences a customer reads, in English and Kiswahili."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.credit_scoring.rules.scorecard import UNKNOWN

UP: dict[str, Promise] = {
    "PAYMENT_HISTORY": _("Your loans were repaid well."),
    "SAVINGS": _("You keep money in your account."),
    "INCOME": _("Money comes in regularly."),
    "OBLIGATIONS": _("You owe little or nothing now."),
    "TENURE": _("Your account and your details are well known to us."),
    "ACCOUNT_AGE": _("Your account has been open for a while."),
    "AVERAGE_BALANCE": _("Your average balance is good."),
    "MINIMUM_BALANCE": _("Your balance seldom runs out."),
    "INCOME_COUNT": _("Money comes in often."),
    "INCOME_REGULARITY": _("About the same comes in every month."),
    "DEPOSIT_SIZE": _("What is paid in at once is sizeable."),
    "SPENDING_SHARE": _("Less goes out than comes in."),
    "REPAYMENT_RATE": _("You paid the instalments that were due."),
    "MISSED_PAYMENTS": _("You left few or no instalments unpaid."),
    "DAYS_LATE": _("You paid on time, or nearly."),
    "ACTIVE_LOANS": _("You have few or no loans running."),
    "DEBT_BURDEN": _("What you owe is small beside what comes in."),
    "BUREAU": _("The credit bureau reports well of you."),
}
DOWN: dict[str, Promise] = {
    "PAYMENT_HISTORY": _("Loans were repaid late, or not at all."),
    "SAVINGS": _("Little money stays in your account."),
    "INCOME": _("Little money comes in, or it comes irregularly."),
    "OBLIGATIONS": _("You owe much for what comes in."),
    "TENURE": _("Your account is new, or we know little about you yet."),
    "AGE": _("You are under 21."),
    "ACCOUNT_AGE": _("Your account is still new."),
    "AVERAGE_BALANCE": _("Your average balance is low."),
    "MINIMUM_BALANCE": _("Your balance often runs out."),
    "INCOME_COUNT": _("Money seldom comes in."),
    "INCOME_REGULARITY": _("What comes in changes much from month to month."),
    "DEPOSIT_SIZE": _("What is paid in at once is small."),
    "SPENDING_SHARE": _("As much goes out as comes in, or more."),
    "REPAYMENT_RATE": _("Some instalments that were due are not paid."),
    "MISSED_PAYMENTS": _("You left instalments unpaid."),
    "DAYS_LATE": _("You paid instalments late."),
    "DAYS_LATE_NOW": _("An instalment is late now."),
    "ACTIVE_LOANS": _("You have loans running already."),
    "DEBT_BURDEN": _("What you owe is large beside what comes in."),
    "BUREAU": _("The credit bureau reports problems."),
}
_NO_LOANS = _("You have not repaid a loan here yet, so we cannot count that for you.")
NOT_KNOWN: dict[str, Promise] = {
    "REPAYMENT_RATE": _NO_LOANS,
    "MISSED_PAYMENTS": _NO_LOANS,
    "DAYS_LATE": _NO_LOANS,
    "BUREAU": _("No credit bureau report was counted."),
    "INCOME_REGULARITY": _("We have not seen enough months of money coming in."),
    "SPENDING_SHARE": _("No money came in during the last three months."),
}
REASONS: dict[str, Promise] = {
    "ACTIVE_LOAN": _("A loan is running already."),
    "AGE_ALONE_DOES_NOT_DECIDE": _("Your age alone decides nothing, so a person looks at it."),
    "SCORE_BETWEEN": _("The score is where a person decides."),
    "SCORE_LOW": _("The score is too low."),
    "LITTLE_IS_KNOWN": _("Too little is known yet for a machine to decide, so a person looks at it."),
    "ABOVE_LIMIT": _("The amount is more than your limit."),
}
NOTES: dict[str, Promise] = {
    "MODEL_MISSING": _("No credit model is in use: the five factors were used alone."),
    "MODEL_CORRUPT": _("The credit model could not be read: the five factors were used alone."),
    "SYNTHETIC_TRAINING": _(
        "The model was made from invented customers until the bank has a year of loans of its own."
    ),
    "BUREAU_NOT_ASKED": _("The credit bureau was not asked."),
    "BUREAU_NO_FILE": _("The credit bureau knows nothing about this customer."),
    "BUREAU_UNREACHABLE": _("The credit bureau did not answer."),
    "PRICE_CAPPED": _("The rate is the highest we charge; the risk would ask for more."),
}


def explain(factors: Iterable[Mapping[str, Any]], language: str) -> list[str]:
    """Factors of a score as sentences, in their order, each once."""
    return _said((_factor(str(row["code"]), str(row["direction"])) for row in factors), language)


def explain_reasons(codes: Iterable[str], language: str) -> list[str]:
    """Reasons of a decision (`SCORE_LOW`, `SAVINGS.DOWN`) or of an eligibility as sentences, each once."""
    return _said((_reason(code) for code in codes), language)


def explain_notes(codes: Iterable[str], language: str) -> list[str]:
    """What a reader of a score must know."""
    return _said((NOTES.get(code) for code in codes), language)


def _reason(code: str) -> Promise | None:
    if code in REASONS:
        return REASONS[code]
    factor, _dot, direction = code.partition(".")
    return _factor(factor, direction)


def _factor(code: str, direction: str) -> Promise | None:
    if code.endswith(UNKNOWN):
        return NOT_KNOWN.get(code.removesuffix(UNKNOWN))
    return (UP if direction == "UP" else DOWN).get(code)


def _said(words: Iterable[Promise | None], language: str) -> list[str]:
    with translation.override(language):
        return list(dict.fromkeys(str(sentence) for sentence in words if sentence is not None))
