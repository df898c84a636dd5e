"""Sentences that rules below the pages say in English only, listed so that the catalogues hold them in Kiswahili.

Rules are arithmetic without a language; the forms look these up when they show them.
"""

from django.utils.translation import gettext_noop as _
from django.utils.translation import ngettext

SAID_BELOW = (
    _("Write the number with the digits 0 to 9, like 0712 345 908."),
    _("That is not a phone number. Write it like 0712 345 908."),
    _("That is not a mobile number. Write it like 0712 345 908."),
    _("That is not an e-mail address. Write it like name@example.com."),
    _("A national ID number has 6 to 9 digits and does not start with 0."),
    _("The name has characters that cannot be printed."),
    _("Write your full name as it stands on your ID."),
    _("Write an amount like 1500 or 1500.50."),
    _("That amount is larger than any payment KitBank makes."),
    _("this is not a payment code"),
    _("the code is damaged"),
    _("the code is damaged or was altered"),
    _("this code is for another bank"),
    _("this code asks for a currency we do not keep"),
    _("This password is too common."),
    _("The password is too similar to the %(verbose_name)s."),
)

# Django's own Kiswahili writes `15 Machi`, `3 Dis` and `Disemba` where the bank's pages say `15 Mac`, `3 Des` and
# `Desemba`: messages, explanations and papers that Django dates say the same as the pages by these.
MONTHS_AS_HERE = (
    _("jan"),
    _("feb"),
    _("mar"),
    _("apr"),
    _("may"),
    _("jun"),
    _("jul"),
    _("aug"),
    _("sep"),
    _("oct"),
    _("nov"),
    _("dec"),
    _("December"),
)
PRODUCTS = (  # their names stand in the database, in English
    _("Current account"),
    _("Savings account"),
    _("Dollar account"),
    _("Euro account"),
    _("Pound account"),
    _("Uganda shilling account"),
    _("Tanzania shilling account"),
)


def too_short(n: int) -> str:
    """Django's own sentence, which its Kiswahili catalogue lacks."""
    return (
        ngettext(
            "This password is too short. It must contain at least %d character.",
            "This password is too short. It must contain at least %d characters.",
            n,
        )
        % n
    )
