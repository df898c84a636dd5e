"""One group: its money and my part, who has paid, whose turn it is, what waits for me; or what it lacks to begin."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from apps.chamas import operations, queries
from apps.chamas.models import OFFICERS, GroupRole, GroupStatus, Membership
from apps.chamas.models.constitution import ConstitutionAcceptance
from apps.chamas.policies import NOT_THERE
from apps.kernel.clock import now
from apps.kernel.errors import DomainError, NotFound
from apps.portals.customer.chama import waits
from apps.portals.customer.chama.room import Room, on, room_of, shown
from apps.portals.customer.door import customer_page


@require_GET
@customer_page
def group(request: HttpRequest, slug: str) -> HttpResponse:
    """At a glance."""
    room = room_of(request, slug)
    if room.group.status == GroupStatus.FORMING:
        return _forming(request, room)
    seen = queries.glance(room.me, at=now())
    paying = seen.paying
    return shown(
        request,
        room,
        "group",
        seen=seen,
        todo=waits.lines(seen.waiting[:8]),
        paying=paying,
        percent=round(100 * paying.paid / len(paying.rows)) if paying and paying.rows else 0,
    )


@require_POST
@customer_page
def confirm(request: HttpRequest, slug: str) -> HttpResponse:
    """Say that what is one's own is right."""
    room = room_of(request, slug)
    try:
        entry = UUID(request.POST.get("entry", ""))
    except ValueError:
        raise NotFound(NOT_THERE) from None
    operations.confirm_balance(group=room.group, entry=entry, by=room.user, at=now())
    messages.success(request, gettext("The officers see that you found it right."))
    return on(request, room, "group")


def _forming(request: HttpRequest, room: Room, no: DomainError | None = None) -> HttpResponse:
    """What is missing before it begins."""
    members = list(Membership.objects.active().filter(group=room.group).select_related("user").order_by("number"))
    accepted = set(ConstitutionAcceptance.objects.filter(version=room.version).values_list("member_id", flat=True))
    held = {one.role: one for one in members}
    link = f"{settings.PUBLIC_ADDRESS}/chama/join?code={room.group.join_code}"
    facts: dict[str, Any] = {
        "members": [(one, one.pk in accepted) for one in members],
        "officers": [(GroupRole(role).label, held.get(role)) for role in OFFICERS],
        "missing_members": max(room.terms.members_at_least - len(members), 0),
        "missing_acceptances": len(members) - len(accepted & {one.pk for one in members}),
        "i_accepted": room.me.pk in accepted,
        "invitation": gettext("Join our group %(group)s at KitBank: open %(link)s or type the code %(code)s.")
        % {"group": room.group.name, "link": link, "code": room.group.join_code},
        "refused": str(no) if no else "",
        "status": 409 if no else 200,
    }
    facts["is_ready"] = (
        all(one for _name, one in facts["officers"])
        and not facts["missing_members"]
        and not facts["missing_acceptances"]
    )
    return shown(request, room, "forming", **facts)


@require_POST
@customer_page
def begin(request: HttpRequest, slug: str) -> HttpResponse:
    """From now on money may come in."""
    room = room_of(request, slug)
    if room.is_active:
        return on(request, room, "group")
    try:
        operations.begin(group=room.group, by=room.user, at=now())
    except DomainError as no:
        return _forming(request, room, no)
    messages.success(request, gettext("The group has begun. Money may come in from now on."))
    return on(request, room, "group")
