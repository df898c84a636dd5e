"""How the gateway's pages are framed."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.kernel.clock import now
from apps.users.pages import is_in


def show(request: HttpRequest, template: str, place: str, *, status: int = 200, **facts: Any) -> HttpResponse:
    """`portals/developers/<template>.html`; `place` is lit in the navigation."""
    shared = {"place": place, "at": now(), "is_in": is_in(request)}
    return render(request, f"portals/developers/{template}.html", shared | facts, status=status)
