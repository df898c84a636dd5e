"""What a group can be asked to decide about what it owns: buying, saying what it is worth, selling."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.chamas.models import InvestmentKind
from apps.portals.customer.chama import choices
from apps.portals.customer.chama.proposal_form import CHOOSE, Propose, day_field, pick
from apps.portals.customer.forms import AmountField

_EMPTY = _("The group owns nothing that is written down here.")


def _words(label: Any, most: int) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=most,
        error_messages={"required": _("Write a few words.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


def _units() -> forms.DecimalField:
    wrong = _("Write a number, like 200 or 1.5.")
    return forms.DecimalField(
        label=_("How many units"),
        max_digits=18,
        decimal_places=6,
        error_messages={"required": wrong, "invalid": wrong},
        widget=forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"}),
    )


class Buy(Propose):
    """Something for the group, from somebody with an account here."""

    about = _("Money of the pot goes to the seller's account at KitBank; what is bought stands in the register.")
    kind = forms.ChoiceField(label=_("What it is"), choices=InvestmentKind.choices, error_messages=CHOOSE)
    name = _words(_("Its name"), 80)
    units = _units()
    minor = AmountField(label=_("What it costs in all"))
    account = forms.CharField(
        label=_("The seller's account number at KitBank"),
        max_length=20,
        error_messages={"required": _("Write the account number.")},
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )
    custodian = _words(_("Who keeps it, or the register it stands in"), 80)
    custody_reference = _words(_("Its title, certificate or account number there"), 60)


class Value(Propose):
    """What one is worth."""

    about = _("What all units are worth today is written down with whose word it is. No money moves.")
    empty = _EMPTY
    lists = {"investment": choices.investments, "paper": choices.investment_papers}
    investment = pick(_("What"))
    value_minor = AmountField(label=_("What all of it is worth"), may_be_zero=True)
    valued_on = day_field(_("On which day"))
    says = _words(_("Who says so (fund manager, valuer, market)"), 80)
    paper = forms.ChoiceField(label=_("On which paper, added on"), required=False)


class Sell(Propose):
    """Units of one, at a price."""

    about = _("The buyer pays by a reference, all at once; it is sold then. A price of 0 writes off what is lost.")
    empty = _EMPTY
    lists = {"investment": choices.investments}
    investment = pick(_("What"))
    units = _units()
    price_minor = AmountField(label=_("The price for all these units"), may_be_zero=True)
