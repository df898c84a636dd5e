"""What kyc does when somebody joins or a list is loaded."""

from apps.kernel.clock import now
from apps.kernel.events import subscribe
from apps.kyc.events import WatchListLoaded
from apps.kyc.models import ListVersion
from apps.kyc.operations import screening
from apps.users.events import UserRegistered


@subscribe(UserRegistered)
def screen_who_joins(event: UserRegistered) -> None:
    """Compare a new customer with all lists."""
    screening.screen_people([event.user_id], at=now())


@subscribe(WatchListLoaded)
def screen_everybody(event: WatchListLoaded) -> None:
    """Compare all customers with what a version brought."""
    screening.screen_version(ListVersion.objects.select_related("watch_list").get(pk=event.version_id), at=now())
