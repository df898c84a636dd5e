"""What every form of the portal does alike: reads amounts and phones, and says refusals where they belong."""

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.kernel.errors import Conflict, DomainError
from apps.kernel.money import Money
from apps.kernel.throttles import TooMany
from apps.portals.amounts import read_amount, typed
from apps.users import rules

# Where one agrees to what was worked out: what is agreed to must be what was shown.
OTHER_FIGURES = _("The figures are not those you saw. No money moved. Look again, then agree.")


# What was typed on this page before a stay ended; see `typed`.
TYPED: ContextVar[Mapping[str, str]] = ContextVar("typed", default={})  # nobody writes into it


class Sheet(forms.Form):
    """A form that says a refusal at its field and in the summary, and knows the status that goes with it."""

    where: ClassVar[dict[str, str]] = {}  # the field at which a refusal's code is said

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        self.refused_status = 422
        again = TYPED.get()
        if again and not self.is_bound and set(again) <= set(self.fields):
            self.initial = {**self.initial, **again}
        for field in self.fields.values():
            if not isinstance(field.widget, forms.CheckboxInput | forms.RadioSelect | forms.HiddenInput):
                field.widget.attrs.setdefault("class", "input")

    @property
    def status(self) -> int:
        """200 for a fresh form, 422 for a wrong one, 409 when things have moved on, 429 for too many tries."""
        return self.refused_status if self.is_bound and self.errors else 200

    def read_in(self, currency: str) -> None:
        """Read the amount again as one of `currency`: the account that was chosen says which."""
        amount = self.cleaned_data.get("amount")
        if amount is not None and amount.currency != currency:
            try:
                self.cleaned_data["amount"] = read_amount(self.data["amount"], currency)
            except DomainError as no:
                self.add_error("amount", in_full(no))

    def refuse(self, no: DomainError, field: str | None = None) -> None:
        """Say a refusal: at the fields it names, else where its code belongs, else above the form."""
        if isinstance(no, TooMany | Conflict):
            self.refused_status = no.status
        named: dict[str, list[str]] = no.facts.get("errors") or {}
        for name, sentences in named.items():
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, gettext(str(sentence)))
        if not named:
            place = field or self.where.get(no.code)
            self.add_error(place if place in self.fields else None, in_full(no))


def read_id(text: str) -> int:
    """A row's number as an address or a hidden field has it; 0, which no row has, for anything else."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def in_full(no: DomainError) -> str:
    """The refusal's sentence with what its facts add: tries that are left, how to raise a limit."""
    sentences = [gettext(str(no))]
    if how := no.facts.get("how_to_raise"):
        sentences.append(gettext(str(how)))
    left = no.facts.get("tries_left")
    if left is not None:
        words = ngettext("You can try %(n)s more time.", "You can try %(n)s more times.", left)
        sentences.append(words % {"n": left})
    return " ".join(sentences)


class AmountField(forms.CharField):
    """An amount of a currency, read from what people type; shown back as it was understood."""

    def __init__(self, *, currency: str = "KES", may_be_zero: bool = False, **kwargs: Any) -> None:
        self.currency, self.may_be_zero = currency, may_be_zero
        self.widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "enterkeyhint": "next"})
        words = {"required": _("Write the amount.")}
        super().__init__(max_length=30, error_messages=words, **kwargs)

    def clean(self, value: Any) -> Any:
        """Money, or None when nothing was typed and nothing is needed."""
        text = super().clean(value)
        if not text:
            return None
        try:
            amount = read_amount(text, self.currency)
        except DomainError as no:
            raise forms.ValidationError(gettext(str(no))) from no
        if amount.minor <= 0 and not self.may_be_zero:
            raise forms.ValidationError(_("Write an amount of more than zero."))
        return amount

    def prepare_value(self, value: Any) -> Any:
        """`1,500.00`."""
        return typed(value) if isinstance(value, Money) else value


class PhoneField(forms.CharField):
    """A mobile number in any usual form, read into E.164."""

    def __init__(self, *, autocomplete: str = "tel", **kwargs: Any) -> None:
        self.widget = forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": autocomplete})
        kwargs.setdefault("error_messages", {"required": _("Write your phone number.")})
        super().__init__(max_length=24, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        """A number of the bank's own as people write it, `0712 345 908`; what somebody typed stays theirs."""
        if not isinstance(value, str) or not value.startswith("+"):
            return value
        try:
            return rules.shown_phone(rules.phone(value))
        except rules.Unreadable:
            return value

    def clean(self, value: Any) -> str:
        """`+254712345908`."""
        try:
            return rules.phone(super().clean(value))
        except rules.Unreadable as no:
            raise forms.ValidationError(gettext(str(no))) from no


class CodeField(forms.CharField):
    """A code that was sent or is shown by an app: spaces and dashes of a pasted one do not matter."""

    def __init__(self, *, letters: bool = False, **kwargs: Any) -> None:
        attrs = {"autocomplete": "one-time-code", "autocapitalize": "none", "spellcheck": "false"}
        self.widget = forms.TextInput(attrs=attrs if letters else attrs | {"inputmode": "numeric"})
        super().__init__(max_length=24, error_messages={"required": _("Write the code.")}, **kwargs)

    def clean(self, value: Any) -> str:
        """The characters alone."""
        return "".join(char for char in str(super().clean(value)) if char.isalnum())


class SecretField(forms.CharField):
    """A password: pasted, managed, never echoed."""

    def __init__(self, *, new: bool = False, **kwargs: Any) -> None:
        attrs = {"autocomplete": "new-password" if new else "current-password", "autocapitalize": "none"}
        self.widget = forms.PasswordInput(attrs=attrs | {"spellcheck": "false"}, render_value=False)
        kwargs.setdefault("error_messages", {"required": _("Write the password.")})
        super().__init__(max_length=256, strip=False, **kwargs)
