"""How the developers' pages are framed, and which app the reader's examples speak of."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.kernel.clock import now
from apps.open_banking.models import ThirdPartyApp
from apps.users.models import User
from apps.users.pages import is_in


def show(request: HttpRequest, template: str, place: str, *, status: int = 200, **facts: Any) -> HttpResponse:
    """`portals/developers/<template>.html`; `place` is lit in the navigation."""
    shared = {"place": place, "at": now(), "root": settings.PUBLIC_ADDRESS, "is_in": is_in(request)}
    return render(request, f"portals/developers/{template}.html", shared | facts, status=status)


def own_apps(request: HttpRequest) -> list[ThirdPartyApp]:
    """The reader's apps, newest first; none for who is not in."""
    if not is_in(request) or not isinstance(request.user, User):
        return []
    return list(ThirdPartyApp.objects.filter(developer__user=request.user).order_by("-created", "-pk"))


def client_id(request: HttpRequest) -> str:
    """The id that examples are filled with: of the reader's newest app, else a word to replace."""
    found = own_apps(request)
    return str(found[0].client_id) if found else "YOUR_CLIENT_ID"
