"""The form of every proposal: what each act asks for beside why, and its answers as the act reads them."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.kernel.money import Money
from apps.portals.customer.chama import choices
from apps.portals.customer.chama.room import Room
from apps.portals.customer.forms import AmountField, Sheet

CHOOSE = {"required": _("Choose one."), "invalid_choice": _("Choose one of the list.")}


def pick(label: Any) -> forms.TypedChoiceField:
    """One row of a list, by its id."""
    return forms.TypedChoiceField(label=label, coerce=int, error_messages=CHOOSE)


class Propose(Sheet):
    """What every proposal has; each act adds what it asks for. `lists` say what its choices are in a room."""

    about: ClassVar[Promise]
    empty: ClassVar[Promise] = _("There is nothing to decide on here now.")
    lists: ClassVar[dict[str, Callable[[Room], choices.Choices]]] = {}
    where = {"over_the_limit": "minor", "not_enough_in_pot": "minor"}
    idempotency_key = forms.RegexField(r"^[0-9a-f-]{16,64}$", widget=forms.HiddenInput)
    why = forms.CharField(
        label=_("Why (the others read it; you may leave it out)"),
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.is_empty = False
        for name, read in self.lists.items():
            field: Any = self.fields[name]
            field.choices = read(room)
            self.is_empty = self.is_empty or not field.choices
        self.order_fields([name for name in self.fields if name != "why"])

    @property
    def asked(self) -> list[tuple[forms.BoundField, str]]:
        """The questions of this act, with what stands before an amount."""
        rows = [field for field in self.visible_fields() if not isinstance(field.field.widget, forms.CheckboxInput)]
        return [(field, "KES" if isinstance(field.field, AmountField) else "") for field in rows]

    @property
    def checks(self) -> list[forms.BoundField]:
        """What is ticked or not."""
        return [field for field in self.visible_fields() if isinstance(field.field.widget, forms.CheckboxInput)]

    def facts(self) -> dict[str, Any]:
        """As the act reads them."""
        left_out = ("idempotency_key", "why")
        return {name: _plain(value) for name, value in self.cleaned_data.items() if name not in left_out}


def _plain(value: Any) -> Any:
    if isinstance(value, Money):
        return value.minor
    if isinstance(value, Decimal):
        return str(value)
    return value.isoformat() if isinstance(value, date) else value


def day_field(label: Any) -> forms.DateField:
    """A day, picked or typed."""
    return forms.DateField(
        label=label,
        error_messages={"required": _("Choose the day."), "invalid": _("Write the date like 2026-12-05.")},
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
