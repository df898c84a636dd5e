"""Who calls, by which word of whom: the one place where a token, its app, its consent and its accounts are checked."""

import ipaddress
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property

from django.http import HttpRequest
from rest_framework.request import Request
from rest_framework_simplejwt.exceptions import AuthenticationFailed, InvalidToken

from apps.accounts.models import Account, AccountStatus
from apps.kernel.clock import now
from apps.kernel.throttles import Allowance, TooMany, count_each, require
from apps.open_banking import operations, rules
from apps.open_banking.errors import ConsentRequired, TooManyReads
from apps.open_banking.models import AccessToken, Consent, ConsentAccount, ConsentType, Permission, ThirdPartyApp
from apps.open_banking.names import account_name
from apps.open_banking.obp.refusals import Refused
from apps.open_banking.obp.source import Source, source_of
from apps.open_banking.obp.words import consent_named, is_signed
from apps.open_banking.states import ConsentStatus
from apps.users.api.authentication import BearerToken
from apps.users.models import User

_EVERYTHING = frozenset(Permission.values)
_A, _B, _T = (
    frozenset({Permission.ACCOUNTS, one}) for one in (Permission.ACCOUNTS, Permission.BALANCES, Permission.TRANSACTIONS)
)
# A view narrows what the customer allowed, and never widens it. `owner`: all of what they allowed.
VIEWS: dict[str, frozenset[str]] = {
    "owner": _EVERYTHING,
    "ReadAccountsBasic": _A,
    "ReadAccountsDetail": _A,
    "ReadBalances": _B,
    "ReadTransactionsBasic": _T,
    "ReadTransactionsDetail": _T,
}
BY_PERSON = (60, 60)  # calls, seconds
_ID = re.compile(r"[A-Za-z0-9._-]{1,255}")


@dataclass(frozen=True, slots=True)
class Held:
    """An account as a caller may see it: through which permissions."""

    account: Account
    name: str
    permissions: frozenset[str]

    def through(self, view: str) -> "Held":
        """The same through a view. Raises Refused."""
        if view not in VIEWS:
            raise Refused(30005, f"Current VIEW_ID is {view[:80]}")
        seen = self.permissions & VIEWS[view]
        if view != "owner" and seen != VIEWS[view]:
            raise Refused(20017, f"Current VIEW_ID is {view}")
        return Held(self.account, self.name, seen)

    def require(self, permission: str) -> None:
        """Raises Refused unless the customer allowed this."""
        if permission not in self.permissions:
            raise Refused(20017, "The customer did not allow this (consent_required).")


@dataclass
class Caller:
    """One request's caller. Accounts are read once, when they are first needed."""

    app: ThirdPartyApp
    user: User
    consent: Consent | None
    scopes: frozenset[str]
    at: datetime
    person_present: bool
    interaction_id: uuid.UUID
    limit: Allowance
    left: list[str] = field(default_factory=list)

    @property
    def source(self) -> Source:
        """What is read."""
        return source_of(self.app)

    @property
    def asking(self) -> operations.Asking:
        """Who asks, as a payment takes it."""
        return operations.Asking(
            app=self.app, user=self.user, consent=self.consent, person_present=self.person_present,
            interaction_id=self.interaction_id,
        )  # fmt: skip

    @cached_property
    def accounts(self) -> dict[str, Held]:
        """The accounts this caller may see, as third parties call them; those that closed or changed hands are out."""
        if self.consent is None:
            rows: list[tuple[Account, str]] = [
                (account, one) for account in self.source.accounts(self.user) for one in _EVERYTHING
            ]
        else:
            chosen = ConsentAccount.objects.filter(consent=self.consent).select_related("account__product")
            rows = [(row.account, row.permission) for row in chosen.order_by("account_id", "pk")]
        found: dict[str, Held] = {}
        for account, permission in rows:
            if account.owner_id != self.user.pk or account.status == AccountStatus.CLOSED:
                continue
            name = str(account_name(account.pk))
            so_far = found[name].permissions if name in found else frozenset()
            found[name] = Held(account, name, so_far | {permission})
        return found

    def account(self, name: str, view: str = "owner") -> Held:
        """One of them, through a view. Raises Refused."""
        if not _ID.fullmatch(name):
            raise Refused(30110)
        if name not in self.accounts:
            raise Refused(30018, f"Current ACCOUNT_ID is {name}")
        return self.accounts[name].through(view)

    def with_permission(self, permission: str, view: str = "owner") -> list[Held]:
        """Those that may be asked for one thing. Raises Refused when there is none."""
        if view not in VIEWS:
            raise Refused(30005, f"Current VIEW_ID is {view[:80]}")
        found = [Held(one.account, one.name, one.permissions & VIEWS[view]) for one in self.accounts.values()]
        found = [one for one in found if permission in one.permissions]
        if not found:
            raise Refused(20017, "The customer did not allow this (consent_required).")
        return found

    def let_leave(
        self, held: Sequence[Held], resource: str, fields: Sequence[str], *, rows: int = 1, counts: bool = True
    ) -> None:
        """Write down what is about to leave, or stop it: the last thing before an answer. Raises Refused."""
        leaving = operations.Leaving(
            app_id=self.app.pk, user_id=self.user.pk, consent=self.consent,
            accounts=[one.account.pk for one in held] if held else [None] if resource == "IDENTITY" else [],
            resource=resource, fields=",".join(fields), rows=rows, person_present=self.person_present,
            interaction_id=self.interaction_id, counts=counts,
        )  # fmt: skip
        try:
            operations.let_leave(leaving=leaving, at=self.at)
        except ConsentRequired as no:
            raise Refused(35005) from no
        except TooManyReads as no:
            raise Refused(10018, str(no)) from no


@dataclass(frozen=True, slots=True)
class Person:
    """One request of a signed-in person by the bank's own token: a developer, or staff."""

    user: User
    at: datetime
    interaction_id: uuid.UUID
    limit: Allowance


@dataclass(frozen=True, slots=True)
class AppCaller:
    """One request of an app by itself: nobody's customer, nobody's accounts."""

    app: ThirdPartyApp
    scopes: frozenset[str]
    at: datetime
    interaction_id: uuid.UUID
    limit: Allowance
    user: None = None
    consent: None = None


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
    """As `caller_of`; a request that is sent again after its payment was made gets its first answer."""
    return caller_of(request, spent=True)


def app_of(request: HttpRequest) -> AppCaller:
    """The app by itself, with a client-credentials token. Raises Refused."""
    row, app, limit, at = _known(request)
    if row.user is not None:
        raise Refused(20200, "The token is a customer's; this takes the app's own.")
    return AppCaller(app, frozenset(row.scope.split()), at, interaction_of(request), limit)


def either_of(request: HttpRequest) -> "Caller | AppCaller":
    """Whoever asks: a customer by an app, or the app by itself. Raises Refused."""
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
    if not app.is_live:
        raise Refused(20058)
    return row, app, limit, at


def _of_customer(
    request: HttpRequest, row: AccessToken, app: ThirdPartyApp, limit: Allowance, at: datetime, *, spent: bool
) -> Caller:
    user = row.user
    if row.consent is not None and not row.consent.is_live(at):
        is_used = row.consent.status == ConsentStatus.CONSUMED and row.consent.payment_initiation
        if not (spent and is_used):
            raise Refused(35005)
    if user is None or not user.is_active or (row.consent is None and not row.is_direct):
        raise Refused(20003)
    return Caller(
        app=app, user=user, consent=row.consent, scopes=frozenset(row.scope.split()), at=at,
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
    row = Consent.objects.select_related("app", "user").filter(public_id=named).first()
    if row is None or not is_signed(word, named):
        count_stranger(request)
        raise Refused(35004)
    key = request.headers.get("Consumer-Key", "")
    if key != row.app.client_id:
        count_stranger(request)
        raise Refused(35015) if key else Refused(35016)
    limit = _count(row.app)
    if not row.app.is_live:
        raise Refused(20058)
    if not row.app.allows_direct_login:
        raise Refused(35007)
    if row.status == ConsentStatus.VALID and row.valid_until <= at:
        raise Refused(35003)
    if row.consent_type != ConsentType.AIS or not row.is_live(at) or row.user is None or not row.user.is_active:
        raise Refused(35005)
    return Caller(
        app=row.app, user=row.user, consent=row, scopes=frozenset(), at=at, interaction_id=interaction_of(request),
        person_present=_person_present(request), limit=limit,
    )  # fmt: skip


def _token(request: HttpRequest) -> AccessToken:
    raw = _given(request)
    if raw is None:
        count_stranger(request)
        raise Refused(20001)
    rows = AccessToken.objects.select_related("application", "consent", "user")
    row = rows.filter(token_checksum=rules.checksum(raw)).first()
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
