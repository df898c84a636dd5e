"""What kyc does when somebody joins, a business changes, or a list hits."""

from apps.kernel.clock import now
from apps.kernel.events import subscribe
from apps.kyc.events import ScreeningHitFound, WatchListLoaded
from apps.kyc.models import BusinessPerson, ListVersion
from apps.kyc.operations import business, screening
from apps.users.events import BusinessChanged, BusinessRegistered, UserRegistered
from apps.users.models import BusinessProfile, User
from apps.users.queries import system_user


@subscribe(UserRegistered)
def screen_who_joins(event: UserRegistered) -> None:
    """Compare a new customer with all lists."""
    screening.screen_people([event.user_id], at=now())


@subscribe(WatchListLoaded)
def screen_everybody(event: WatchListLoaded) -> None:
    """Compare all customers with what a version brought."""
    screening.screen_version(ListVersion.objects.select_related("watch_list").get(pk=event.version_id), at=now())


@subscribe(BusinessRegistered)
def screen_what_joins(event: BusinessRegistered) -> None:
    """Compare the name of a new business with all lists."""
    screening.screen_people([BusinessProfile.objects.get(pk=event.business_id).party_id], at=now())


@subscribe(BusinessChanged)
def verify_anew(event: BusinessChanged) -> None:
    """A business of another name, number or kind is another one: it is screened, and verified anew."""
    row, by = (
        BusinessProfile.objects.select_related("party").get(pk=event.business_id),
        User.objects.get(pk=event.by_id),
    )
    screening.screen_people([row.party_id], at=now())
    business.changed_itself(row.party, by=by, at=now())


@subscribe(ScreeningHitFound)
def lower_who_changed(event: ScreeningHitFound) -> None:
    """A business that is verified anew keeps its limits only while nothing on a list looks like it or its people."""
    named = BusinessPerson.objects.present().filter(who_id=event.user_id).values("business__party")
    for party in User.objects.filter(pk__in=named) | User.objects.filter(pk=event.user_id, kind="BUSINESS"):
        business.lower_when_hit(party, by=system_user(), at=now())
