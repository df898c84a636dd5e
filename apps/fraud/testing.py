"""What tests here and above need of the screen."""

from datetime import UTC, datetime

from apps.fraud.models import FraudRule


def switch_rule(
    code: str, expression: str, weight: str, *, is_active: bool = True, may_answer: bool = True
) -> FraudRule:
    """The next version of a rule, at once and without a second person."""
    newest = FraudRule.objects.filter(code=code).order_by("-version").first()
    return FraudRule.objects.create(
        code=code,
        version=newest.version + 1 if newest else 1,
        expression=expression,
        weight=weight,
        is_active=is_active,
        customer_may_answer=may_answer,
        sentence_en=newest.sentence_en if newest else code.capitalize(),
        sentence_sw=newest.sentence_sw if newest else code.capitalize(),
        valid_from=datetime(2000, 1, 1, tzinfo=UTC),
    )
