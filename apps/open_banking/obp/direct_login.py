"""DirectLogin: a password for a token, as old clients do it. Only for apps that two members of staff allowed it to, and
only for people whose password alone lets them in. In the sandbox for every app with a secret, as one of its personas.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from oauth2_provider.models import set_token_value
from oauthlib.common import generate_token

from apps.audit_trail import operations as audit_trail
from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.throttles import TooMany, require
from apps.open_banking.models import AccessToken, SandboxPersona, ThirdPartyApp
from apps.open_banking.oauth.certificates import is_its_own, to_bind
from apps.open_banking.obp.caller import Caller
from apps.open_banking.obp.door import door
from apps.open_banking.obp.entry import pairs_of
from apps.open_banking.obp.refusals import Refused
from apps.open_banking.operations import sandbox
from apps.users import operations as people
from apps.users.errors import AccountLocked
from apps.users.models import User

LIVES = timedelta(hours=1)
_NEEDED = ("username", "password", "consumer_key")


@door("POST", open_to_all=True)
def direct_login(request: HttpRequest, caller: Caller | None, version: str = "") -> Any:
    """201 with a token, for an hour: what the customer could see themself; what it pays, they prove by SMS."""
    given = pairs_of(_header(request))
    if missing := [name for name in _NEEDED if not given.get(name)]:
        raise Refused(20002, f"Missing: {', '.join(missing)}")
    app = ThirdPartyApp.objects.select_related("developer__user").filter(client_id=given["consumer_key"][:255]).first()
    if app is None:
        raise Refused(20008)
    persona = _persona(request, app, given) if app.is_sandbox else None
    if persona is None and not (app.is_live and app.allows_direct_login):
        raise Refused(20058)
    if not is_its_own(app, request.META, now()):
        raise Refused(20210)
    user, raw = app.developer.user if persona else _person(request, given), generate_token(43)
    at = now()
    with transaction.atomic():
        row = AccessToken(user=user, application=app, scope="direct", expires=at + LIVES, is_direct=True)
        row.persona, row.certificate_thumbprint = persona, to_bind(app, request.META)
        set_token_value(row, raw)
        row.save()
        audit_trail.record("open_banking.direct_login", on=app, by=user, at=at, customer=user)
    return 201, {"token": raw}, {}


def _header(request: HttpRequest) -> str:
    if "DirectLogin" in request.headers:
        return str(request.headers["DirectLogin"])
    header = request.headers.get("Authorization", "")
    if not header:
        raise Refused(20082)
    kind, _space, rest = header.partition(" ")
    if kind.lower() != "directlogin":
        raise Refused(20083)
    return rest


def _persona(request: HttpRequest, app: ThirdPartyApp, given: dict[str, str]) -> SandboxPersona:
    """One of the developer's own, by the word their page tells: nobody's real name is looked up. Raises Refused."""
    if not app.may_ask or app.client_type == ThirdPartyApp.CLIENT_PUBLIC:
        raise Refused(20058)
    try:
        require("auth", f"ip:{request.META.get('REMOTE_ADDR', '')}", "")
    except TooMany as no:
        raise Refused(10018) from no
    found = sandbox.persona_by(developer=app.developer, username=given["username"], password=given["password"])
    if found is None or not app.developer.user.is_active:
        raise Refused(20004)
    return found


def _person(request: HttpRequest, given: dict[str, str]) -> User:
    try:
        require("auth", f"ip:{request.META.get('REMOTE_ADDR', '')}", "")
        checked = people.check_password(request=request, login=given["username"], password=given["password"], at=now())
    except TooMany as no:
        raise Refused(10018) from no
    except AccountLocked as no:
        request.axes_locked_out = False  # type: ignore[attr-defined]  # or django-axes answers for us
        raise Refused(20013) from no
    except DomainError as no:
        raise Refused(20004) from no
    if checked.challenge is not None or not checked.user.is_active or checked.user.is_staff:
        raise Refused(20004, "This person signs in with a second factor; use OAuth2.")
    return checked.user
