"""Lets callers in: by an app's token, by a consent's own word, or by the bank's own token of a person. The one place
where a token, its app and its consent are checked.
"""

import ipaddress
import uuid
from datetime import datetime

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import AuthenticationFailed, InvalidToken

from apps.kernel.clock import now
from apps.kernel.throttles import Allowance, TooMany, count_each, require
from apps.kernel.written import Written
from apps.open_banking import rules
from apps.open_banking.models import AccessToken, Consent, ConsentType, ThirdPartyApp
from apps.open_banking.oauth.certificates import is_its_own, may_use
from apps.open_banking.obp.caller import AppCaller, Caller, Person
from apps.open_banking.obp.refusals import Refused
from apps.open_banking.obp.words import consent_named, is_signed
from apps.open_banking.states import ConsentStatus
from apps.users.api.authentication import BearerToken
from apps.users.models import User

BY_PERSON = (60, 60)  # calls, seconds
# Asked at every call of every app, so it is worked out once.
_TOKEN = Written(
    lambda checksum: AccessToken.objects.select_related("application", "consent__persona", "user", "persona").filter(
        token_checksum=checksum
    ),
    checksum="a checksum",
)


def caller_of(request: HttpRequest, *, spent: bool = False) -> Caller:
    """The customer's caller of a request. One query for token, app, consent and customer, one for the limits.

    `spent`: also by a consent to pay that was used up, until its token ends. Raises Refused.
    """
    if word := _word(request):
        return _by_word(request, word)
    row, app, limit, at = _known(request)
    if row.user is None:
        raise Refused(20001, "The token is the app's own; this takes a customer's.")
    return _of_customer(request, row, app, limit, at, spent=spent)


def payer_of(request: HttpRequest) -> Caller:
    """As `caller_of`; a request sent again after its payment was made gets its first answer."""
    return caller_of(request, spent=True)


def app_of(request: HttpRequest) -> AppCaller:
    """The app by itself, with a client-credentials token. Raises Refused."""
    row, app, limit, at = _known(request)
    if not app.is_live:
        raise Refused(20058)
    if row.user is not None:
        raise Refused(20200, "The token is a customer's; this takes the app's own.")
    return AppCaller(app, frozenset(row.scope.split()), at, interaction_of(request), limit)


def either_of(request: HttpRequest) -> "Caller | AppCaller":
    """Whoever asks for payments: a customer by an app, or the app by itself. Raises Refused."""
    row, app, limit, at = _known(request)
    if row.user is None:
        return AppCaller(app, frozenset(row.scope.split()), at, interaction_of(request), limit)
    return _of_customer(request, row, app, limit, at, spent=True)


def person_of(request: HttpRequest) -> Person:
    """A person by the token that the bank's own sign-in gave them. Raises Refused."""
    if request.headers.get("Authorization", "").count(".") != 2:
        count_stranger(request)
        raise Refused(20001, "This takes the bank's own token of a signed-in person.")
    try:
        found = BearerToken().authenticate(Request(request))
    except (AuthenticationFailed, InvalidToken) as no:
        count_stranger(request)
        raise Refused(20003) from no
    user = found[0] if found else None
    if not isinstance(user, User):
        raise Refused(20001)
    limit = count_each(f"user:{user.pk}", {"obp-person": BY_PERSON})["obp-person"]
    if limit.left < 0:
        raise Refused(10018, limit=limit)
    return Person(user, now(), interaction_of(request), limit)


def _known(request: HttpRequest) -> tuple[AccessToken, ThirdPartyApp, Allowance, datetime]:
    """The token, its app that may still ask, counted once."""
    row, at = _token(request), now()
    app = row.application
    if app is None:
        raise Refused(20003)
    limit = _count(app)
    if not app.may_ask:
        raise Refused(20058)
    if not may_use(row, app, request.META, at):
        raise Refused(20210)
    return row, app, limit, at


def _of_customer(
    request: HttpRequest, row: AccessToken, app: ThirdPartyApp, limit: Allowance, at: datetime, *, spent: bool
) -> Caller:
    user = row.user
    if row.consent is not None and row.consent.is_sandbox != app.is_sandbox:
        raise Refused(35005, "It was given in the sandbox or outside it, where the app is not now.")
    if row.consent is not None and not row.consent.is_live(at):
        is_used = row.consent.status == ConsentStatus.CONSUMED and row.consent.payment_initiation
        if not (spent and is_used):
            raise Refused(35005)
    if user is None or not user.is_active or (row.consent is None and not row.is_direct):
        raise Refused(20003)
    if row.consent is None and (row.persona is not None) != app.is_sandbox:
        raise Refused(20003)
    return Caller(
        app=app, user=user, persona=row.consent.persona if row.consent else row.persona, consent=row.consent,
        scopes=frozenset(row.scope.split()), at=at,
        person_present=_person_present(request), interaction_id=interaction_of(request), limit=limit,
    )  # fmt: skip


def _word(request: HttpRequest) -> str:
    """The consent's own word, where the app sends one instead of a token."""
    return str(request.headers.get("Consent-JWT") or request.headers.get("Consent-Id") or "").strip()


def _by_word(request: HttpRequest, word: str) -> Caller:
    """By the word of a consent, with the key of the app it was given to. Raises Refused."""
    named, at = consent_named(word), now()
    if named is None:
        count_stranger(request)
        raise Refused(35032, "Send the consent's JWT: its number alone opens nothing.")
    row = Consent.objects.select_related("app", "user", "persona").filter(public_id=named).first()
    if row is None or not is_signed(word, named):
        count_stranger(request)
        raise Refused(35004)
    key = request.headers.get("Consumer-Key", "")
    if key != row.app.client_id:
        count_stranger(request)
        raise Refused(35015) if key else Refused(35016)
    limit = _count(row.app)
    if not row.app.may_ask:
        raise Refused(20058)
    if not is_its_own(row.app, request.META, at):
        raise Refused(20210)
    if not row.app.may_hold_words:
        raise Refused(35007)
    if row.status == ConsentStatus.VALID and row.valid_until <= at:
        raise Refused(35003)
    if (
        row.is_sandbox != row.app.is_sandbox
        or row.consent_type != ConsentType.AIS
        or not row.is_live(at)
        or row.user is None
        or not row.user.is_active
    ):
        raise Refused(35005)
    return Caller(
        app=row.app, user=row.user, persona=row.persona, consent=row, scopes=frozenset(), at=at,
        interaction_id=interaction_of(request), person_present=_person_present(request), limit=limit,
    )  # fmt: skip


def _token(request: HttpRequest) -> AccessToken:
    raw = _given(request)
    if raw is None:
        count_stranger(request)
        raise Refused(20001)
    row: AccessToken | None = _TOKEN.first(checksum=rules.checksum(raw))
    if row is None or row.expires <= now():
        count_stranger(request)
        raise Refused(20003)
    return row


def _given(request: HttpRequest) -> str | None:
    header = request.headers.get("Authorization", "")
    direct = request.headers.get("DirectLogin", "")
    kind, _space, rest = header.partition(" ")
    if kind.lower() == "bearer":
        return rest.strip() or None
    if kind.lower() == "directlogin":
        direct = rest
    elif header:
        raise Refused(20080)
    if not direct:
        return None
    return pairs_of(direct).get("token") or None


def pairs_of(text: str) -> dict[str, str]:
    """`username="asha", password=…` as DirectLogin writes it: order, spaces and quotes do not matter."""
    found = {}
    for part in text.removeprefix("DirectLogin").split(","):
        name, _equals, value = part.strip().partition("=")
        value = value.strip()
        if len(value) >= 2 and value[0] == value[-1] == '"':
            value = value[1:-1]
        if name.strip() in {"username", "password", "consumer_key", "token"}:
            found[name.strip()] = value
    return found


def count_stranger(request: HttpRequest) -> None:
    """A request of nobody we know, counted by its address. Raises Refused."""
    try:
        require("obp", f"ip:{request.META.get('REMOTE_ADDR', '')}", "")
    except TooMany as no:
        raise Refused(10018, "Sign in, or come back later.") from no


def _count(app: ThirdPartyApp) -> Allowance:
    limits = {"app-minute": (app.rate_limit_per_minute, 60), "app-day": (app.rate_limit_per_day, 86_400)}
    found = count_each(f"app:{app.pk}", limits)
    for scope, period in (("app-minute", "minute"), ("app-day", "day")):
        if found[scope].left < 0:
            words = f"We only allow {found[scope].limit} requests per {period} for this Consumer."
            raise Refused(10018, words, limit=found[scope])
    return found["app-minute"]


def _person_present(request: HttpRequest) -> bool:
    """Whether the app says its customer is there, by the customer's own address."""
    given = request.headers.get("x-fapi-customer-ip-address") or request.headers.get("PSU-IP-Address") or ""
    try:
        ipaddress.ip_address(given.strip())
    except ValueError:
        return False
    return True


def interaction_of(request: HttpRequest) -> uuid.UUID:
    """The caller's id of this exchange, else one of ours; the same for the whole request."""
    held: uuid.UUID | None = getattr(request, "interaction_id", None)
    if held is None:
        try:
            held = uuid.UUID(request.headers.get("x-fapi-interaction-id", ""))
        except ValueError:
            held = uuid.uuid4()
        request.interaction_id = held  # type: ignore[attr-defined]
    return held
