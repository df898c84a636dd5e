"""The product factory in the demo: a product with two versions, a new one lent against a boda, a limit, bad times."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from apps.kernel import approvals
from apps.kernel.clock import local_date
from apps.kernel.money import Money
from apps.lending import factory, limits, operations
from apps.lending.models import Loan, LoanProduct, ProductTerms, StressScenario
from apps.portals.demo.story import code_in
from apps.portals.demo.year import Household
from apps.users import operations as people
from apps.users.models import StepUpChallenge, User

DAY = timedelta(days=1)
BODA = {
    "code": "BODA",
    "name": "Boda loan",
    "name_sw": "Mkopo wa boda",
    "about": "A boda of your own, which stands for the loan: 1.25 % a month on what you still owe.",
    "about_sw": "Boda yako mwenyewe, iliyo dhamana ya mkopo: asilimia 1.25 kwa mwezi ya unachodaiwa.",
    "purposes": ["ASSET"],
    "currency": "KES",
    "loss_table": "CBK_BANK",
    "loss_given_default": "0.35",
}
PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj 2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\n%%EOF\n"


def run_the_factory(
    households: Sequence[Household], *, officer: User, maker: User, checker: User, end: datetime
) -> int:
    """Terms changed by two people long ago and to come, a boda lent against, a limit set, one stress test. Returns
    how many versions of terms there are.
    """
    _new_terms("EMERGENCY", maker, checker, at=end - 100 * DAY, days=10, rate="0.009", source="Pricing committee")
    _new_terms("BUSINESS", maker, checker, at=end - DAY, days=20, rate="0.014", source="Pricing committee")
    start = operations.newest_of(LoanProduct.objects.get(code="BUSINESS"))
    if start:
        changes = {"loan_to_value": "0.8", "rate": "0.0125", "least_minor": 2_000_000, "most_minor": 25_000_000}
        asked = operations.ask_product(
            product=BODA,
            values=factory.primitives(start) | changes | {"source": "Pricing committee"},
            fees=factory.fees_of(start),
            valid_from=local_date(end - 30 * DAY),
            reason="Riders ask for it",
            by=maker,
            at=end - 30 * DAY,
        )
        approvals.approve(approval=asked, by=checker, at=end - 30 * DAY)
        _lend_a_boda(households, officer, end)
    _set_a_limit(households[0].account.owner, officer, checker, end)
    operations.run_stress_test(scenario=StressScenario.objects.get(code="SEVERE"), by=maker, at=end)
    return ProductTerms.objects.count()


def _new_terms(code: str, maker: User, checker: User, *, at: datetime, days: int, **changes: Any) -> None:
    product = LoanProduct.objects.get(code=code)
    newest = operations.newest_of(product)
    if newest is None:
        return
    asked = operations.ask_terms(
        product=product,
        values=factory.primitives(newest) | changes,
        fees=factory.fees_of(newest),
        valid_from=local_date(at) + days * DAY,
        reason="Others lend it for less",
        by=maker,
        at=at,
    )
    approvals.approve(approval=asked, by=checker, at=at)


def _lend_a_boda(households: Sequence[Household], officer: User, at: datetime) -> Loan | None:
    """The first who can have it: the boda is valued, the officer approves, the borrower signs, the money goes out."""
    terms = operations.newest_of(LoanProduct.objects.get(code="BODA"))
    if terms is None:
        return None
    for household in households[10:]:
        user = User.objects.get(pk=household.account.owner_id)
        limit = limits.limit_of(user=user, terms=terms, by=user, at=at)
        if not limit.is_open:
            continue
        loan = operations.apply(
            borrower=user,
            terms=terms,
            account=household.account,
            amount=min(limit.amount, Money.of("60000", "KES")),
            periods=terms.usual_periods,
            purpose="ASSET",
            key="demo-boda",
            by=user,
            at=at,
        )
        thing = operations.value_collateral(
            loan=loan,
            kind="VEHICLE",
            described="Boda, Boxer 150, red",
            number="KMGB 114C",
            value=Money.of("145000", "KES"),
            valued_on=local_date(at) - 3 * DAY,
            valued_by="AA of Kenya",
            expires_on=local_date(at) + 362 * DAY,
            by=officer,
            at=at,
        )
        operations.keep_paper(collateral=thing, name="logbook.pdf", content=PAPER, by=officer, at=at)
        operations.approve(loan=loan, by=officer, at=at, note="Rides for a living")
        asked = operations.challenge(loan=loan, by=user, at=at, method=StepUpChallenge.Method.SMS)
        people.answer(challenge_id=asked.pk, user=user, answer=code_in(f"users/step-up/{asked.pk}"), at=at)
        loan = operations.accept(loan=loan, challenge_id=asked.pk, by=user, at=at)
        loan = operations.disburse(loan=loan, by=officer, at=at)
        household.left += loan.principal_minor
        return loan
    return None


def _set_a_limit(person: User, officer: User, checker: User, at: datetime) -> None:
    asked = operations.ask_limit(
        user=person,
        product=LoanProduct.objects.get(code="BUSINESS"),
        amount=Money.of("120000", "KES"),
        until=local_date(at) + 90 * DAY,
        reason="You showed us the contracts of your shop.",
        by=officer,
        at=at,
    )
    approvals.approve(approval=asked, by=checker, at=at)
