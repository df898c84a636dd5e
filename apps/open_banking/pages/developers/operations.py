"""Everything an app can call: our own API by its published description, the Open Bank Project's by its views."""

import inspect
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.urls import URLPattern
from django.utils.text import slugify
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator

from apps.kernel import addresses
from apps.open_banking.oauth import device, identity, pushed, tokens
from apps.open_banking.obp import urls as obp
from apps.open_banking.obp.door import told_by

_OURS = ("api/v1/consents", "api/v1/developers", "api/v1/api-gateway")
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
_OBP_FOLDERS = (("transactions", "movements"), ("funds", "funds"), ("balances", "balances"), ("account", "accounts"))


@dataclass(frozen=True, slots=True)
class Parameter:
    """One thing to fill in: where it stands (`path`, `query`), of what kind."""

    name: str
    place: str
    kind: str
    is_required: bool
    words: str = ""


@dataclass(frozen=True, slots=True)
class Operation:
    """One method at one address. `token` says whose token it takes: app, person, customer; "" none."""

    slug: str
    resource: str
    method: str
    path: str
    words: str
    token: str
    parameters: tuple[Parameter, ...] = ()
    members: tuple[Parameter, ...] = ()  # of the body
    example: str = ""  # a body
    form: tuple[tuple[str, str], ...] = ()  # a body as browsers send it, with the app's id and secret in the header

    @property
    def summary(self) -> str:
        """Its first sentence."""
        return self.words.split(". ")[0].split("\n")[0].rstrip(".")

    @property
    def can_be_tried(self) -> bool:
        """What only reads, or lodges something that nobody has agreed to yet."""
        return not self.form and (self.method == "GET" or self.path == "/api/v1/consents/")


@lru_cache(maxsize=1)
def everything() -> dict[str, Operation]:
    """All of them by slug, in the order they are read in. Made once a process: it takes a second."""
    return {one.slug: one for one in (*_oauth(), *_obp(), *_own())}


def resources() -> dict[str, list[Operation]]:
    """The same by what they are about."""
    found: dict[str, list[Operation]] = {}
    for one in everything().values():
        found.setdefault(one.resource, []).append(one)
    return found


def _slug(method: str, path: str) -> str:
    return slugify(f"{method} {path}".replace("/", " ").replace("_", "-"))


def _plain(words: str | None) -> str:
    return inspect.cleandoc(words or "").replace("`", "")


# --- our own ----------------------------------------------------------------------------------------------------------


def _own() -> Iterator[Operation]:
    generator = SchemaGenerator(patterns=addresses.under(*_OURS))
    with GENERATOR_STATS.silence():  # the check of the whole schema speaks about what is wrong in it
        paths = generator.parse(None, public=True)
        shapes = generator.registry.build({}).get("schemas", {})
    for path, methods in paths.items():
        for method, said in methods.items():
            yield _read(path, method.upper(), said, shapes)


def _read(path: str, method: str, said: dict[str, Any], shapes: dict[str, Any]) -> Operation:
    content = said.get("requestBody", {}).get("content", {}).get("application/json", {})
    body = _resolved(content.get("schema", {}), shapes)
    needed = body.get("required", [])
    members = tuple(
        Parameter(name, "body", _kind(inner, shapes), name in needed, inner.get("description", ""))
        for name, inner in body.get("properties", {}).items()
    )
    examples = [one["value"] for one in content.get("examples", {}).values()]
    whose = "app" if {"app": []} in said.get("security", []) else "person"
    parameters = tuple(
        Parameter(
            one["name"], one["in"], _kind(one["schema"], shapes), one.get("required", False), one.get("description", "")
        )
        for one in said.get("parameters", [])
    )
    return Operation(
        slug=_slug(method, path),
        resource=said["tags"][0],
        method=method,
        path=path,
        words=_plain(said.get("description")),
        token=whose,
        parameters=parameters,
        members=members,
        example=json.dumps(examples[0], indent=2) if examples else "",
    )


def _resolved(shape: dict[str, Any], shapes: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in shape:
        shape = shapes[shape["$ref"].rpartition("/")[2]]
    return shape


def _kind(shape: dict[str, Any], shapes: dict[str, Any]) -> str:
    found = _resolved((shape.get("allOf") or shape.get("oneOf") or [shape])[0], shapes)
    if choices := found.get("enum"):
        return " | ".join(str(one) for one in choices)
    if found.get("type") == "array":
        return f"list of {_kind(found.get('items', {}), shapes)}"
    return str(found.get("format") or found.get("type") or "object")


# --- the provider's ---------------------------------------------------------------------------------------------------

_FORMS = {
    "/oauth/token": (("grant_type", "client_credentials"), ("scope", "accounts")),
    "/oauth/revoke": (("token", "$TOKEN"),),
    "/oauth/introspect": (("token", "$TOKEN"),),
    "/oauth/par": (
        ("response_type", "code"),
        ("redirect_uri", "$REDIRECT"),
        ("scope", "openid consent:$CONSENT"),
        ("code_challenge", "$CHALLENGE"),
        ("code_challenge_method", "S256"),
    ),
    "/oauth/device-authorization": (("scope", "openid consent:$CONSENT"),),
}


def _oauth() -> Iterator[Operation]:
    doors: list[tuple[str, Callable[..., Any]]] = [
        ("/.well-known/openid-configuration", identity.discovery), ("/oauth/jwks", identity.jwks),
        ("/oauth/token", tokens.token), ("/oauth/revoke", tokens.revoke), ("/oauth/introspect", tokens.introspect),
        ("/oauth/par", pushed.push), ("/oauth/device-authorization", device.authorization),
        ("/oauth/userinfo", identity.userinfo),
    ]  # fmt: skip
    for path, view in doors:
        method = "POST" if path in _FORMS else "GET"
        yield Operation(
            slug=_slug(method, path), resource="sign-in", method=method, path=path, words=_plain(view.__doc__),
            token="customer" if path == "/oauth/userinfo" else "", form=_FORMS.get(path, ()),
        )  # fmt: skip


# --- the Open Bank Project's ------------------------------------------------------------------------------------------


def _obp() -> Iterator[Operation]:
    for one in obp.urlpatterns:
        route = f"/{one.pattern}"
        if not route.startswith("/obp/<str:version>") or not isinstance(one, URLPattern):
            continue
        path = _PARAMETER.sub(lambda found: f"{{{found[1]}}}", route).replace("{version}", "v5.1.0")
        names = re.findall(r"\{(\w+)\}", path)
        is_list = path.endswith("/transactions")
        yield from (
            Operation(
                slug=_slug(method, path), resource=_obp_resource(path), method=method, path=path,
                words=_plain(told.words), token=told.token,
                parameters=(
                    *(Parameter(name, "path", "string", is_required=True) for name in names),
                    *(Parameter(name, "query", kind, is_required=False) for name, kind in _paging(is_list)),
                ),
            )
            for method, told in told_by(one.callback).items()
        )  # fmt: skip


def _obp_resource(path: str) -> str:
    return next((name for word, name in _OBP_FOLDERS if word in path), "bank")


def _paging(is_list: bool) -> tuple[tuple[str, str], ...]:  # noqa: FBT001
    return (("limit", "integer"), ("offset", "integer"), ("from_date", "date-time")) if is_list else ()
