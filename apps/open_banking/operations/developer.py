"""Registers developers and their apps; an app begins in the sandbox, and staff decide whether it goes live."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.audit_trail import operations as audit_trail
from apps.kernel import events
from apps.open_banking import credentials, policies, rules
from apps.open_banking.errors import AlreadyDeveloper, BadApp
from apps.open_banking.events import AppRegistered
from apps.open_banking.models import AppSecret, DeveloperAccount, ThirdPartyApp, secret_print
from apps.open_banking.states import AppStatus
from apps.users.models import User

OLD_SECRET_LIVES = timedelta(hours=24)


@dataclass(frozen=True, slots=True, kw_only=True)
class AppTerms:
    """What a developer says of an app."""

    name: str
    description: str = ""
    website_url: str = ""
    logo_url: str = ""
    redirect_uris: Sequence[str]
    scopes: Sequence[str]
    post_logout_redirect_uris: Sequence[str] = ()
    is_public: bool = False
    uses_devices: bool = False
    public_keys: str = ""
    certificate: str = ""


@dataclass(frozen=True, slots=True)
class WithSecret:
    """An app with a secret that is told now and never again; None for an app that can keep none."""

    app: ThirdPartyApp
    secret: str | None


@transaction.atomic
def register_developer(*, user: User, organisation: str, at: datetime) -> DeveloperAccount:
    """Make a person a developer. Raises AlreadyDeveloper."""
    row, is_new = DeveloperAccount.objects.get_or_create(
        user=user, defaults={"organisation": organisation.strip()[:100], "created_at": at}
    )
    if not is_new:
        raise AlreadyDeveloper(_("You are a developer already. Nothing was changed."))
    audit_trail.record("open_banking.developer.registered", on=row, by=user, at=at)
    return row


@transaction.atomic
def register_app(*, by: User, terms: AppTerms, at: datetime) -> WithSecret:
    """Register an app in the sandbox. Raises NotADeveloper, BadApp."""
    developer = policies.require_developer(by)
    app = ThirdPartyApp(
        developer=developer,
        client_type="public" if terms.is_public else "confidential",
        authorization_grant_type="authorization-code",
        algorithm="RS256",
        **_checked(terms, is_sandbox=True),
    )
    app.save()
    secret = None if terms.is_public or app.public_keys else _new_secret(app, at)
    audit_trail.record("open_banking.app.registered", on=app, by=by, at=at, after=_facts(app), customer=by)
    events.publish(AppRegistered(app_id=app.pk))
    return WithSecret(app, secret)


@transaction.atomic
def change_app(*, app: ThirdPartyApp, terms: AppTerms, by: User, at: datetime) -> ThirdPartyApp:
    """Change what is said of an app. What customers are told a live app is, what it may ask for and where it returns
    to, staff must look at again: such a change takes it back to waiting. Raises NotFound, BadApp.
    """
    policies.own_app(by, app.public_id)
    row = ThirdPartyApp.objects.select_for_update().get(pk=app.pk)
    before, changes = _facts(row), _checked(terms, is_sandbox=row.is_sandbox or row.client_type == "public")
    if row.status == AppStatus.SUSPENDED:
        raise BadApp(_("A suspended app cannot be changed. Ask the bank."), errors={})
    if row.status == AppStatus.APPROVED and _must_be_seen_again(row, changes):
        changes |= {"status": AppStatus.PENDING, "is_sandbox": True}
    for name, value in changes.items():
        setattr(row, name, value)
    row.save()
    audit_trail.record("open_banking.app.changed", on=row, by=by, at=at, before=before, after=_facts(row), customer=by)
    return row


_LOOKED_AT = ("name", "website_url", "redirect_uris", "post_logout_redirect_uris")


def _must_be_seen_again(row: ThirdPartyApp, changes: dict[str, Any]) -> bool:
    """Whether a live app would be another one than two people let in: by its name or site, by where it leads, by what
    it may ask for, by a new way in, or by a proof that falls away.
    """
    is_another = any(changes[name] != getattr(row, name) for name in _LOOKED_AT)
    has_new_way = changes["uses_devices"] and not row.uses_devices
    proves_less = row.certificate_thumbprint and not changes["certificate_thumbprint"]
    return bool(
        is_another or has_new_way or proves_less or not set(changes["allowed_scopes"]) <= set(row.allowed_scopes)
    )


@transaction.atomic
def rotate_secret(*, app: ThirdPartyApp, by: User, at: datetime) -> WithSecret:
    """Give an app another secret; the one before opens for 24 hours more, older ones no longer.

    Raises NotFound, BadApp.
    """
    policies.own_app(by, app.public_id)
    row = ThirdPartyApp.objects.select_for_update().get(pk=app.pk)
    if row.client_type == "public":
        raise BadApp(_("An app that people install can keep no secret, and has none."), errors={})
    if row.public_keys:
        raise BadApp(_("This app proves itself by its keys, and has no secret."), errors={})
    older = AppSecret.objects.filter(app=row).exclude(expires_at=None)
    older.filter(expires_at__gt=at).update(expires_at=at)
    AppSecret.objects.filter(app=row, expires_at=None).update(expires_at=at + OLD_SECRET_LIVES)
    secret = _new_secret(row, at)
    audit_trail.record("open_banking.app.secret_rotated", on=row, by=by, at=at, customer=by)
    return WithSecret(row, secret)


def _new_secret(app: ThirdPartyApp, at: datetime) -> str:
    secret = secrets.token_urlsafe(32)
    AppSecret.objects.create(app=app, secret_print=secret_print(secret), hint=secret[-4:], created_at=at)
    return secret


_WHY: dict[str, str | Promise] = {
    "https": _("Use an address that begins with https://."),
    "host": _("Use a public name, not a number or a name of an inner network."),
    "picture": _("A logo is a PNG, JPEG or WebP file."),
    "characters": _("The address holds characters that it must not."),
    "address": _("That is no address we can use."),
    "keys": _("Give a key set (RFC 7517) of 1 to 5 keys, or nothing."),
    "private": _("These are private keys: keep them, make new ones, and give only the public ones."),
    "weak": _("Keys are RSA of 2048 bits or more, or EC P-256."),
    "certificate": _("Give one certificate as PEM, or nothing."),
    "public": _("An app that people install can keep no key."),
}


def _checked(terms: AppTerms, *, is_sandbox: bool) -> dict[str, Any]:
    """The columns of an app, each checked. Raises BadApp naming every wrong field."""
    errors: dict[str, list[str]] = {}
    loopback = is_sandbox or terms.is_public
    returns = {
        name: [uri.strip() for uri in uris if uri.strip()]
        for name, uris in (
            ("redirect_uris", terms.redirect_uris),
            ("post_logout_redirect_uris", terms.post_logout_redirect_uris),
        )
    }
    if not returns["redirect_uris"]:
        errors["redirect_uris"] = [str(_("Give 1 to 10 addresses to return to."))]
    for name, wanted in returns.items():
        if len(wanted) > rules.MOST_URIS:
            errors[name] = [str(_("Give 1 to 10 addresses to return to."))]
        for uri in wanted:
            _try(errors, name, lambda text=uri: rules.redirect_address(text, loopback=loopback))
    if terms.logo_url:
        _try(errors, "logo_url", lambda: rules.logo_address(terms.logo_url))
    if terms.website_url:
        _try(errors, "website_url", lambda: rules.web_address(terms.website_url))
    if set(terms.scopes) - set(ThirdPartyApp.Scope.values):
        errors["scopes"] = [str(_("Choose among accounts, payments and fundsconfirmations."))]
    if not terms.name.strip():
        errors["name"] = [str(_("Give the app a name."))]
    proofs = _proofs(terms, errors)
    if errors:
        raise BadApp(_("Correct the marked fields. Nothing was done."), errors=errors)
    return {
        "name": terms.name.strip()[:100],
        "description": terms.description.strip()[:300],
        "website_url": terms.website_url,
        "logo_url": terms.logo_url,
        **{name: " ".join(dict.fromkeys(wanted)) for name, wanted in returns.items()},
        "allowed_scopes": sorted(set(terms.scopes)),
        "uses_devices": terms.uses_devices,
        **proofs,
    }


def _proofs(terms: AppTerms, errors: dict[str, list[str]]) -> dict[str, Any]:
    """What it proves itself with beyond a secret: the keys it signs with, the certificate its calls come with."""
    found: dict[str, Any] = {"public_keys": None, "certificate_pem": "", "certificate_thumbprint": ""}

    def keys() -> None:
        if terms.is_public:
            raise credentials.Unreadable("public")
        found["public_keys"] = credentials.public_keys(terms.public_keys)

    def certificate() -> None:
        read = credentials.certificate(terms.certificate)
        found.update(certificate_pem=read.pem, certificate_thumbprint=read.thumbprint)

    if terms.public_keys.strip():
        _try(errors, "public_keys", keys)
    if terms.certificate.strip():
        _try(errors, "certificate", certificate)
    return found


def _try(errors: dict[str, list[str]], field: str, check: Any) -> None:
    try:
        check()
    except (rules.Unfit, credentials.Unreadable) as no:
        errors.setdefault(field, []).append(str(_WHY.get(str(no), _WHY["address"])))


def _facts(app: ThirdPartyApp) -> dict[str, Any]:
    names = (
        *("name", "redirect_uris", "post_logout_redirect_uris", "allowed_scopes", "website_url", "logo_url"),
        *("status", "is_sandbox", "certificate_thumbprint", "public_keys"),
    )
    return {name: getattr(app, name) for name in names}
