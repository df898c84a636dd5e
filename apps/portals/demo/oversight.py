"""Staff watched in the demo: a post that waits for a second person, broken glass, an alert, a declared connection."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from apps.compliance import operations as compliance
from apps.kernel import records
from apps.kernel.clock import local_date
from apps.portals.demo.year import Household
from apps.users import operations as users
from apps.users.models import StaffMember, User

TRIES = 11  # one more than the watch lets pass


def watch_the_staff(households: Sequence[Household], hired: dict[str, User], *, end: datetime) -> int:
    """Returns the alerts about staff."""
    chief, support = hired["super@kitbank.example"], hired["support@kitbank.example"]
    teller = hired["teller@kitbank.example"]
    users.change_post(
        member=StaffMember.objects.get(user=teller), role="BRANCH_MANAGER", by=chief, at=end - timedelta(hours=2),
        reason="Takes over in Kisumu while Faith is away",
    )  # fmt: skip
    cousin = households[2].account.owner
    users.declare_connection(staff=teller, customer=cousin, kind="FAMILY", by=teller, at=end - timedelta(days=30))
    users.break_glass(
        customer=households[1].account.owner, by=hired["kyc@kitbank.example"], at=end - timedelta(minutes=5),
        reason="She stands at the counter and says that her money is being taken out at this moment",
    )  # fmt: skip
    yesterday = end - timedelta(days=1)
    for _ in range(TRIES):
        records.note_refusal(support, "/workbench/tariffs/", yesterday)
    return compliance.watch_staff(day=local_date(yesterday), at=end)
