"""What M-Pesa's operator says of a SIM, for the screen of payments (`fraud.ports`)."""

from datetime import date

from apps.fraud.errors import SimSilent
from apps.fraud.ports import SimAnswer
from apps.kernel.errors import Unavailable
from apps.mpesa import daraja, identities

LONG_AGO = "01-01-1900"  # longer than three months


class DarajaSims:
    """`fraud.ports.SimBook` by Daraja's checkATI."""

    name = "daraja"

    def age(self, phone: str) -> SimAnswer:
        """See the port. Raises SimSilent."""
        try:
            told = identities.sim_swapped_on(phone)
        except (Unavailable, daraja.Refused) as no:
            raise SimSilent(str(no)) from no
        if told == LONG_AGO:
            return SimAnswer(None)
        try:
            day, month, year = map(int, told.split("-"))
            return SimAnswer(date(year, month, day))
        except ValueError as no:
            raise SimSilent("the answer could not be read") from no
