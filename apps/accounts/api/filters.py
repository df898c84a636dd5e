"""How lists of lines are narrowed."""

from decimal import Decimal
from typing import Any

import django_filters

from apps.accounts.models import Transaction, TransactionType


class TransactionFilter(django_filters.FilterSet):
    """Date range, amount, merchant, category, type, direction, account."""

    from_date = django_filters.DateFilter(field_name="booked_on", lookup_expr="gte")
    to_date = django_filters.DateFilter(field_name="booked_on", lookup_expr="lte")
    type = django_filters.ChoiceFilter(field_name="txn_type", choices=TransactionType.choices)
    merchant = django_filters.CharFilter(field_name="merchant", lookup_expr="icontains", max_length=100)
    category = django_filters.CharFilter(field_name="category", lookup_expr="iexact", max_length=40)
    direction = django_filters.ChoiceFilter(method="by_direction", choices=[("in", "In"), ("out", "Out")])
    amount_min = django_filters.NumberFilter(method="at_least", max_digits=15, decimal_places=2)
    amount_max = django_filters.NumberFilter(method="at_most", max_digits=15, decimal_places=2)
    account = django_filters.NumberFilter(field_name="account_id", min_value=1, max_value=2**62)

    class Meta:
        model = Transaction
        fields: list[str] = []

    def by_direction(self, rows: Any, _name: str, value: str) -> Any:
        """In or out."""
        return rows.filter(amount_minor__gt=0) if value == "in" else rows.filter(amount_minor__lt=0)

    def at_least(self, rows: Any, _name: str, value: Decimal) -> Any:
        """Amount without its sign, major units of the line's currency."""
        return rows.of_size(least=value)

    def at_most(self, rows: Any, _name: str, value: Decimal) -> Any:
        """Amount without its sign, major units of the line's currency."""
        return rows.of_size(most=value)
