"""How the lists of the books are narrowed."""

import django_filters

from apps.ledger.models import Entry, Kind, LedgerAccount, Mode

LARGEST_ID = 2**63 - 1


class AccountFilter(django_filters.FilterSet):
    """By kind, currency, mode, owner."""

    kind = django_filters.ChoiceFilter(choices=Kind.choices)
    currency = django_filters.CharFilter(max_length=8)
    mode = django_filters.TypedChoiceFilter(
        choices=[(mode.name, mode.label) for mode in Mode], coerce=lambda name: Mode[name].value
    )
    owner_reference = django_filters.CharFilter(max_length=120)
    is_blocked = django_filters.BooleanFilter()
    is_closed = django_filters.BooleanFilter()

    class Meta:
        model = LedgerAccount
        fields: list[str] = []


class EntryFilter(django_filters.FilterSet):
    """By account, transfer, reference, booking day."""

    account = django_filters.NumberFilter(field_name="account_id", min_value=1, max_value=LARGEST_ID)
    account_code = django_filters.CharFilter(field_name="account__code", max_length=64)
    transfer = django_filters.NumberFilter(field_name="transfer_id", min_value=1, max_value=LARGEST_ID)
    reference = django_filters.CharFilter(field_name="transfer__reference", max_length=120)
    booked_from = django_filters.DateFilter(field_name="booked_on", lookup_expr="gte")
    booked_to = django_filters.DateFilter(field_name="booked_on", lookup_expr="lte")

    class Meta:
        model = Entry
        fields: list[str] = []
