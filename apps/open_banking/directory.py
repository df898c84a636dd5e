"""Answers for third parties at doors that may not import this app: who they are, what their servers are told."""

import base64
import binascii
from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from apps.kernel import meanings, third_parties
from apps.kernel.meanings import Meaning
from apps.kernel.third_parties import Client, Notice, Offer
from apps.open_banking import rules
from apps.open_banking.events import (
    ConsentAuthorised,
    ConsentExpired,
    ConsentRevoked,
    PaymentStatusChanged,
    SandboxPaymentChanged,
)
from apps.open_banking.models import AccessToken, Consent, SandboxPayment, ThirdPartyApp, TransactionRequest
from apps.open_banking.obp import refusals

_DOORS = ("/obp/", "/my/logins/", "/oauth/", "/api/v1/consents", "/api/v1/developers")


class Directory:
    """The kernel's port, over the tables of this app."""

    def of(self, user_id: int) -> Sequence[Client]:
        """The apps a person registered, by name."""
        rows = ThirdPartyApp.objects.filter(developer__user_id=user_id).select_related("developer").order_by("name")
        return [_client(row) for row in rows]

    def named(self, ids: Collection[UUID]) -> Mapping[UUID, Client]:
        """Apps by their ids."""
        rows = ThirdPartyApp.objects.filter(public_id__in=ids).select_related("developer")
        return {row.public_id: _client(row) for row in rows}

    def mark(self, request: HttpRequest) -> str:
        """`t:` and a token's checksum, or `c:` and a client id, from the header; "" elsewhere and for people's own."""
        if not request.path.startswith(_DOORS):
            return ""
        kind, _space, rest = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() == "bearer":
            raw = rest.strip()
        elif kind.lower() == "basic":
            named = _client_id(rest)
            return f"c:{named}" if named else ""
        else:
            raw = _direct(request.headers.get("DirectLogin", "") or (rest if kind.lower() == "directlogin" else ""))
        if raw:
            return f"t:{rules.checksum(raw)}"
        named = request.GET.get("client_id", "")
        return f"c:{named[:100]}" if named and _is_plain(named) else ""

    def marked(self, marks: Collection[str]) -> Mapping[str, UUID]:
        """The apps behind checksums and client ids; tokens whose time is over still say whose they were."""
        sums = [mark[2:] for mark in marks if mark.startswith("t:")]
        names = [mark[2:] for mark in marks if mark.startswith("c:")]
        tokens = AccessToken.objects.filter(token_checksum__in=sums, application__isnull=False)
        found = {f"t:{key}": app for key, app in tokens.values_list("token_checksum", "application__public_id")}
        apps = ThirdPartyApp.objects.filter(client_id__in=names).values_list("client_id", "public_id")
        return found | {f"c:{key}": app for key, app in apps}


def _client(row: ThirdPartyApp) -> Client:
    return Client(
        id=row.public_id, client_id=str(row.client_id), name=str(row.name), owner_id=row.developer.user_id,
        is_sandbox=row.is_sandbox,
    )  # fmt: skip


def _client_id(basic: str) -> str:
    try:
        named = base64.b64decode(basic.strip(), validate=True).decode("ascii").partition(":")[0][:100]
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return named if _is_plain(named) else ""


def _is_plain(name: str) -> bool:
    """Whether it can be a client id. With a NUL it could not even be looked for, nor what is looked for beside it."""
    return name.isascii() and name.isprintable()


def _direct(header: str) -> str:
    for part in header.removeprefix("DirectLogin").split(","):
        name, _equals, value = part.strip().partition("=")
        if name.strip() == "token":
            return value.strip().strip('"')
    return ""


_EXAMPLE = {"consent_id": "7b0f3a3e-6a55-4d0e-a1a8-0c1b7c6b9d11", "consent_type": "AIS", "status": "AUTHORISED"}


def _told(word: str, consent_id: int) -> Notice | None:
    consent = Consent.objects.select_related("app").filter(pk=consent_id).first()
    if consent is None:
        return None
    facts = {"consent_id": str(consent.public_id), "consent_type": str(consent.consent_type), "status": word}
    return Notice(client=consent.app.public_id, key=f"consent/{consent.public_id}/{word}", facts=facts)


_PAID = {"transaction_request_id": "3d1f7a52-0e51-4f4b-9d84-52a0c2f1b6aa", "status": "COMPLETED"}


def _paid(event: PaymentStatusChanged) -> Notice | None:
    row = TransactionRequest.objects.select_related("app").filter(pk=event.request_id).first()
    if row is None:
        return None
    facts = {"transaction_request_id": str(row.public_id), "status": event.status}
    return Notice(client=row.app.public_id, key=f"payment/{row.public_id}/{event.status}", facts=facts)


def _paid_in_sandbox(event: SandboxPaymentChanged) -> Notice | None:
    row = SandboxPayment.objects.select_related("app").filter(pk=event.payment_id).first()
    if row is None:  # the sandbox was reset meanwhile
        return None
    facts = {"transaction_request_id": str(row.public_id), "status": event.status}
    return Notice(client=row.app.public_id, key=f"payment/{row.public_id}/{event.status}", facts=facts)


_PAYMENT_WORDS = _("A payment that the app asked for was made, or failed.")
OFFERS = (
    Offer(
        name="consent.authorised", words=_("A customer said yes: their consent can be used."), example=_EXAMPLE,
        of=ConsentAuthorised, notice=lambda event: _told("AUTHORISED", event.consent_id),
    ),
    Offer(
        name="consent.revoked", words=_("A consent ended before its time, by the customer, the bank or the app."),
        example=_EXAMPLE | {"status": "REVOKED"},
        of=ConsentRevoked, notice=lambda event: _told("REVOKED", event.consent_id),
    ),
    Offer(
        name="consent.expired", words=_("The time of a consent is over, or nobody said yes in time."),
        example=_EXAMPLE | {"status": "EXPIRED"},
        of=ConsentExpired, notice=lambda event: _told("EXPIRED", event.consent_id),
    ),
    Offer(
        name="payment.status", words=_PAYMENT_WORDS, example=_PAID, of=PaymentStatusChanged, notice=_paid,
    ),
    Offer(
        name="payment.status", words=_PAYMENT_WORDS, example=_PAID, of=SandboxPaymentChanged, notice=_paid_in_sandbox,
    ),
)  # fmt: skip

_REMEDIES = {
    10001: "Send a JSON object as the body.",
    10018: "Wait as many seconds as X-Rate-Limit-Reset says. Unattended reads come back the next day, or at once "
    "with x-fapi-customer-ip-address while the customer is there.",
    20001: "Send Authorization: Bearer … with a token of a customer, not the app's own.",
    20003: "Get a new access token with the refresh token; they live ten minutes.",
    20008: "Send the client_id of your app as the consumer key.",
    20017: "Lodge a consent that asks for this, and send the customer to it.",
    20058: "The app was stopped, or asks for what only a live one gets: see it under Apps, or write to us.",
    30001: "Use the bank id of /obp/v5.1.0/banks.",
    30018: "Use an account id of /obp/v5.1.0/my/accounts; the customer may have left this one out.",
    35005: "The consent has ended. Lodge another and send the customer to it.",
}


def obp_meanings() -> list[Meaning]:
    """The numbers of the Open Bank Project's errors that we answer."""
    found = []
    for number, words in refusals.WORDS.items():
        status = refusals.status_of(number)
        remedy = _REMEDIES.get(number) or meanings.remedy(status)
        found.append(Meaning(code=f"OBP-{number:05d}", status=status, cause=words, remedy=remedy))
    return found


def plug_in() -> None:
    """Called once, when the bank starts."""
    third_parties.keep_with(Directory())
    third_parties.offer(*OFFERS)
    meanings.add(obp_meanings)
