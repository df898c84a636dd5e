"""The door of one group's room: its members come in, to everybody else it is not there."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from apps.chamas.errors import Invalid
from apps.chamas.models import OFFICERS, ChamaGroup, ConstitutionVersion, GroupRole, GroupStatus, Membership
from apps.chamas.models.constitution import VersionStatus
from apps.chamas.policies import NOT_THERE
from apps.chamas.rules.constitution import Constitution
from apps.kernel.errors import NotFound
from apps.portals.customer.forms import Sheet
from apps.portals.customer.pages import done, show
from apps.users.doors import signed_in
from apps.users.models import User


@dataclass(frozen=True, slots=True)
class Room:
    """A group as one of its members meets it. `version` is the one in force, before it begins the one proposed."""

    user: User
    me: Membership
    version: ConstitutionVersion

    @property
    def group(self) -> ChamaGroup:
        """The group."""
        return self.me.group

    @property
    def terms(self) -> Constitution:
        """Its rules."""
        return self.version.terms

    @property
    def is_officer(self) -> bool:
        """Chair, treasurer or secretary."""
        return self.me.role in OFFICERS

    @property
    def is_treasurer(self) -> bool:
        """Who takes cash."""
        return self.me.role == GroupRole.TREASURER

    @property
    def writes_minutes(self) -> bool:
        """Who writes down meetings."""
        return self.me.role in (GroupRole.SECRETARY, GroupRole.CHAIR)

    @property
    def votes(self) -> bool:
        """Everybody but an auditor."""
        return self.me.role != GroupRole.AUDITOR

    @property
    def is_active(self) -> bool:
        """It has begun and is not closed."""
        return self.group.status == GroupStatus.ACTIVE


def room_of(request: HttpRequest, slug: str) -> Room:
    """The room, for a member. Raises NotFound, which the door shows as a page with 404."""
    user = signed_in(request)
    rows = Membership.objects.active().filter(group__slug=slug, user=user)
    me = rows.select_related("group", "account__owner", "user").first()
    if me is None:
        raise NotFound(NOT_THERE)
    said = [VersionStatus.IN_FORCE, VersionStatus.PROPOSED]
    version = ConstitutionVersion.objects.filter(group=me.group, status__in=said).order_by("status").first()
    if version is None:
        raise NotFound(NOT_THERE)
    return Room(user, me, version)


def shown(request: HttpRequest, room: Room, template: str, form: Sheet | None = None, **facts: Any) -> HttpResponse:
    """A page of the room."""
    return show(request, f"chama/{template}", form, room=room, group=room.group, me=room.me, **facts)


def chosen(request: HttpRequest, name: str, *known: str) -> str:
    """Which button was pressed. Raises Invalid for none of them, so that an empty form decides nothing."""
    value = str(request.POST.get(name, ""))
    if value not in known:
        raise Invalid(_("Nothing was chosen, so nothing was done. Go back and choose."))
    return value


def posted(request: HttpRequest) -> Any:
    """What was sent, or nothing."""
    return request.POST if request.method == "POST" else None


def on(request: HttpRequest, room: Room, name: str, *args: Any, query: str = "") -> HttpResponse:
    """On to another page of the room."""
    return done(request, f"chama-{name}", room.group.slug, *args, query=query)
