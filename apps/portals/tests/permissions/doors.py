"""Every door of the bank: each address with each method it takes, read from the URL resolver, so none is forgotten."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib.admin import ModelAdmin
from django.urls import URLPattern, URLResolver, get_resolver
from django.views.generic import RedirectView

METHODS = ("get", "post", "put", "patch", "delete")
_PARAMETER = re.compile(r"<(?:(?P<kind>\w+):)?(?P<name>\w+)>")
_APPS = re.compile(r"\^\(\?P<app_label>[^)]*\)/\$$")
NOWHERE = {
    "int": "999999999",
    "path": "999999999",
    "uuid": "00000000-0000-4000-8000-000000000000",
    "str": "nothing",
    "slug": "nothing",
}


@dataclass(frozen=True, order=True)
class Door:
    """One address and one method. `model` is the table of a standard list of the workbench."""

    route: str
    method: str
    model: Any = None

    def address(self, things: dict[str, dict[str, Any]]) -> str:
        """The address with real ids, as far as `things` has some: the longest beginning that fits is taken."""
        known = max((prefix for prefix in things if self.route.startswith(prefix)), key=len, default="")
        held = things.get(known, {})
        return "/" + _PARAMETER.sub(lambda found: str(held.get(found["name"], NOWHERE[found["kind"] or "str"])),
                                    self.route)  # fmt: skip


def every_door() -> list[Door]:
    """All of them, in the order of their addresses."""
    return sorted(set(_doors(get_resolver().url_patterns, "")), key=lambda door: (door.route, door.method))


def _doors(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[Door]:
    for one in patterns:
        route = _APPS.sub("<str:app_label>/", before + str(one.pattern))
        if isinstance(one, URLResolver):
            yield from _doors(one.url_patterns, route)
        else:
            yield from (Door(route, method, _model_of(one)) for method in _methods(one))


def _methods(one: URLPattern) -> list[str]:
    """The methods a view of the API declares; a page is asked to show and to do, what only leads on to show."""
    view = one.callback
    if getattr(view, "view_class", None) is RedirectView:
        return ["get"]
    if actions := getattr(view, "actions", None):
        return sorted(set(actions) - {"head"})  # which REST framework adds once somebody was there
    kind = getattr(view, "cls", None) or getattr(view, "view_class", None)
    if kind is None:
        return ["get", "post"]
    return [method for method in METHODS if hasattr(kind, method)]


def _model_of(one: URLPattern) -> Any:
    owner = getattr(getattr(one.callback, "__wrapped__", None), "__self__", None) or getattr(
        one.callback, "model_admin", None
    )
    return owner.model if isinstance(owner, ModelAdmin) else None
