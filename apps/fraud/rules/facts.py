"""What a rule may ask about a payment: every fact by its name, what kind of figure it is, and what it means."""

from collections.abc import Mapping
from enum import Enum

from apps.fraud.rules.words import gettext_noop as _

Value = int | bool | None
Facts = Mapping[str, Value]


class Kind(Enum):
    """What may be done with a value: amounts are not compared with counts, and nothing is added to a yes."""

    NUMBER = "number"
    MONEY = "money"
    TRUTH = "truth"


_N, _M, _T = Kind.NUMBER, Kind.MONEY, Kind.TRUTH

# Amounts are kept in minor units of the payment's currency and asked about in the home currency's. A fact that is not
# known is missing: see the language.
FACTS: dict[str, tuple[Kind, str]] = {
    "amount": (_M, _("what is about to be paid")),
    "usual": (_M, _("the mean of the account's last fifty payments; missing when there are fewer than five")),
    "usual_of_kind": (_M, _("the same of payments of this kind")),
    "sent_in_a_day": (_M, _("paid out in the 24 hours before")),
    "sent_in_ten_minutes": (_N, _("payments out in the ten minutes before")),
    "repeats_in_a_day": (_N, _("payments of the 24 hours before that differ by less than a tenth")),
    "seconds_since_last": (_N, _("seconds since the payment before")),
    "payments_known": (_N, _("how many payments we know of this account, at most fifty")),
    "payments_at_this_hour": (_N, _("how many of them were made within two hours of this hour of the day")),
    "hour": (_N, _("the hour of the day in Nairobi, 0 to 23")),
    "customer_age_days": (_N, _("days since the customer joined")),
    "is_new_recipient": (_T, _("never paid before by this customer")),
    "device_age_hours": (_N, _("hours since this device was first seen with this customer")),
    "is_trusted_device": (_T, _("the customer trusts this device")),
    "device_print_age_hours": (
        _N,
        _("hours since this customer first paid from this device; 0 from another one"),
    ),
    "device_customers": (_N, _("customers who paid from this device in 30 days; missing without a name of its own")),
    "is_device_of_blocked": (_T, _("a suspended customer paid from this device")),
    "hours_since_password_change": (_N, _("hours since the password was changed")),
    "minutes_since_sim_change": (_N, _("minutes since the phone's SIM was changed, as far as we were told")),
    "days_since_sim_change": (
        _N,
        _("days since the SIM was changed; 90 is longer than they tell, missing is unknown"),
    ),
    "payee_age_days": (_N, _("days since the account that is paid was opened; missing outside this bank")),
    "payers_in_a_day": (_N, _("different payers of that account in the 24 hours before")),
    "payee_passed_on_percent": (_N, _("of what came in there in those hours, what left again within the last one")),
    "payee_confirmed_frauds": (_N, _("payments to this payee that were found to be fraud in the last 180 days")),
    "payee_denials": (
        _N,
        _("customers who said in 180 days that payments to this payee were not theirs"),
    ),
    "has_open_sanctions_hit": (_T, _("payer or payee may be on a sanctions list, and nobody has decided yet")),
    "has_confirmed_sanctions_hit": (_T, _("payer or payee is on a sanctions list")),
    "anomaly": (_N, _("how odd the model finds it, 0 to 1000, about 450 is ordinary; missing without a model")),
    "is_blocked": (_T, _("the device, the address or the payee is blocked")),
}
