"""`/settings/access`: the apps a customer let in, what left by them, and the one tap that stops them."""

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from apps.kernel.clock import now
from apps.open_banking import operations, queries
from apps.open_banking.pages.door import SeeOther, customer_page, show
from apps.users.doors import signed_in


@require_GET
@customer_page
def access(request: HttpRequest) -> HttpResponse:
    """What each app may see, until when, and when it last looked; those that ended below."""
    found = queries.shared_by(signed_in(request))
    mine = [one for one in found if one.consent.status == "VALID"]
    return show(request, "access", mine=mine, over=[one for one in found if not one.is_open])


@require_GET
@customer_page
def consent(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One of them: everything that left, when and to whom, and how it came about."""
    found = queries.shared(signed_in(request), public_id)
    if found is None:
        raise Http404
    moves = found.consent.events.order_by("at", "pk")
    reads, paid = queries.what_left(found.consent), queries.payments_by(found.consent)
    return show(request, "consent", one=found, reads=reads, payments=paid, moves=moves)


@require_POST
@customer_page
def stop(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One tap, no question: access that was stopped by mistake is given again in the app."""
    user = signed_in(request)
    found = queries.shared(user, public_id)
    if found is None:
        raise Http404
    operations.revoke(consent=found.consent, by=user, at=now())
    messages.success(
        request, _("Stopped. %(app)s can see nothing of yours any more.") % {"app": found.consent.app.name}
    )
    return SeeOther(reverse("open_banking:access"))
