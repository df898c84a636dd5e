"""Why a bank refuses or sends back: ISO 20022 external codes (ExternalStatusReason1Code, ExternalReturnReason1Code)
in the payer's words. The sentences are kept in English and translated where they are shown.
"""

from django.utils.translation import gettext_noop as _

SENTENCES = {
    "AB05": _("The other bank did not answer in time."),
    "AB09": _("The other bank had a fault."),
    "AC01": _("The account number is wrong. Check it with them."),
    "AC03": _("The account number is not valid. Check it with them."),
    "AC04": _("The account is closed. Ask them for another."),
    "AC06": _("The account is blocked. Ask them for another."),
    "AC07": _("The account is closed. Ask them for another."),
    "AG01": _("That account may not receive such payments."),
    "AG03": _("The other bank does not take such payments."),
    "AM01": _("The amount was zero."),
    "AM02": _("The amount is more than the other bank takes at once."),
    "AM03": _("The account is kept in another currency."),
    "AM04": _("It could not be settled between the banks. Try again later."),
    "AM09": _("The amount was not the one that was announced."),
    "AM12": _("The amount was not valid."),
    "AM14": _("The amount is more than the other bank takes at once."),
    "AM21": _("Their account would hold more than it may."),
    "BE01": _("The name and the account do not belong together. Check both with them."),
    "BE04": _("Their address is missing or incomplete."),
    "BE05": _("The other bank does not know who sent it."),
    "CNOR": _("The other bank cannot be reached by this way."),
    "CUST": _("They asked for it to be sent back."),
    "DT01": _("The date was not valid."),
    "FF01": _("The other bank could not read the payment."),
    "FOCR": _("It was called back."),
    "MD07": _("The owner of the account has died."),
    "MS02": _("They refused it and gave no reason."),
    "MS03": _("The other bank refused it and gave no reason."),
    "NARR": _("The other bank refused it."),
    "NOAS": _("They did not answer their bank."),
    "RC01": _("The other bank's code is wrong."),
    "RC04": _("The other bank's code is wrong."),
    "RR01": _("Details of the sender are missing."),
    "RR02": _("The sender's name or address is missing."),
    "RR03": _("Their name or address is missing."),
    "RR04": _("Refused for reasons of the law. Call us."),
    "SL01": _("The other bank does not take such payments."),
}
OTHERWISE = _("The other bank refused it.")
UNREACHED = _("The other bank could not be reached.")
# "They have it already": that says nothing of what became of the first, so nothing is given back for it.
DUPLICATES = frozenset({"AM05", "DUPL"})


def why(code: str) -> str:
    """The sentence of a code, in English; an unknown code refuses all the same."""
    return SENTENCES.get(code, OTHERWISE)
