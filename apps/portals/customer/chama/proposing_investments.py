"""What a group can be asked to decide about what it owns: buying, bringing in, saying what it is worth, selling."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from apps.chamas.models import InvestmentKind
from apps.portals.customer.chama import choices
from apps.portals.customer.chama.proposal_form import CHOOSE, Propose, day_field, pick
from apps.portals.customer.chama.room import Room
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


class Bring(Propose):
    """What was the group's or its members' before; each member's own part where they are not alike."""

    about = _(
        "What you owned before you came to KitBank. Its worth becomes shares of those whose it is; no money moves."
        " Members who bring something that others have no part in do not vote on it."
    )
    empty = _("First an officer adds the paper that says whose it is and what it is worth, under Investments.")
    lists = {"paper": choices.papers_there}
    kind = forms.ChoiceField(label=_("What it is"), choices=InvestmentKind.choices, error_messages=CHOOSE)
    name = _words(_("Its name"), 80)
    units = _units()
    value_minor = AmountField(label=_("What all of it is worth"))
    valued_on = day_field(_("On which day"))
    says = _words(_("Who says so (fund manager, valuer, market)"), 80)
    paper = forms.ChoiceField(label=_("On which paper, added on"), error_messages=CHOOSE)
    custodian = _words(_("Who keeps it, or the register it stands in"), 80)
    custody_reference = _words(_("Its title, certificate or account number there"), 60)
    split = forms.ChoiceField(
        label=_("Whose it is"),
        choices=[
            ("EQUALLY", _("All members', in equal parts")),
            ("AS_SAVED", _("All members', by what each has saved")),
            ("PARTS", _("As written below, member by member")),
        ],
        error_messages=CHOOSE,
    )

    def __init__(self, *args: Any, room: Room, **kwargs: Any) -> None:
        super().__init__(*args, room=room, **kwargs)
        self._holders = {f"part_{pk}": int(pk) for pk, _words in choices.savers(room)}
        for (_pk, words), name in zip(choices.savers(room), self._holders, strict=True):
            self.fields[name] = AmountField(label=words, required=False, may_be_zero=True)

    @property
    def parts(self) -> list[forms.BoundField]:
        """A question for each member."""
        return [self[name] for name in self._holders]

    @property
    def asked(self) -> list[tuple[forms.BoundField, str]]:
        """Without the members' parts, which are folded away."""
        return [(field, before) for field, before in super().asked if field.name not in self._holders]

    def facts(self) -> dict[str, Any]:
        """With the parts as a list."""
        facts = super().facts()
        said = [(pk, facts.pop(name)) for name, pk in self._holders.items()]
        return facts | {"parts": [[pk, minor] for pk, minor in said if minor]}


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
