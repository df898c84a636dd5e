"""What was typed into a form whose stay had ended meanwhile: kept sealed for its person, and written there again once.

Nothing was done with it. Kept is what the portal's forms ask for in plain fields alone: no password, PIN or code, no
hidden field, no file. Who had signed in is known when a stay ends because nobody was there; otherwise nothing is kept.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django import forms
from django.http import HttpRequest

from apps.kernel.clock import now
from apps.portals.customer.forms import TYPED, CodeField, SecretField, Sheet
from apps.portals.customer.kept import forget, keep, kept
from apps.users.models import User

FLOW = "typed"
LIFE = timedelta(minutes=10)
LONGEST = 8_000  # characters of one form


def keep_typed(request: HttpRequest, *, whose: int, page: str) -> None:
    """Keep what was sent from `page` for the person with that id, in the session that begins now."""
    fields = {name: request.POST[name] for name in _plain_names() if request.POST.get(name)}
    if fields and sum(map(len, fields.values())) <= LONGEST:
        until = (now() + LIFE).timestamp()
        keep(request, FLOW, whose=whose, page=page, fields=fields, until=until)


@contextmanager
def written_again(request: HttpRequest) -> Iterator[None]:
    """Inside, the forms of the page show what was kept for it, the first time its person looks at it in time."""
    token = TYPED.set(_taken(request))
    try:
        yield
    finally:
        TYPED.reset(token)


def _taken(request: HttpRequest) -> dict[str, str]:
    held = kept(request, FLOW) if request.method == "GET" and isinstance(request.user, User) else {}
    if not held:
        return {}
    is_theirs = held["whose"] == request.user.pk and now().timestamp() < held["until"]
    if is_theirs and held["page"] != request.get_full_path():
        return {}  # they look at something else first
    forget(request, FLOW)
    return dict(held["fields"]) if is_theirs else {}


def _plain_names() -> set[str]:
    """The names of what forms show in plain; one that any form has as a secret is a secret everywhere."""
    plain: set[str] = set()
    secret: set[str] = set()
    for sheet in _sheets(Sheet):
        for name, field in sheet.base_fields.items():
            hides = isinstance(field.widget, forms.PasswordInput | forms.HiddenInput)
            is_plain = not hides and not isinstance(field, SecretField | CodeField | forms.FileField)
            (plain if is_plain else secret).add(name)
    return plain - secret


def _sheets(above: type[Sheet]) -> Iterator[type[Sheet]]:
    for sheet in above.__subclasses__():
        yield sheet
        yield from _sheets(sheet)
