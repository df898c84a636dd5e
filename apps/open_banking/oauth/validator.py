"""Where the toolkit asks whether something is allowed: each code and token is bound to a consent and dies with it."""

import base64
import binascii
import json
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus
from uuid import uuid4

import structlog
from jwcrypto import jwk, jws
from oauth2_provider.oauth2_validators import OAuth2Validator
from oauth2_provider.settings import oauth2_settings
from oauthlib.oauth2.rfc6749 import errors

from apps.kernel import cipher
from apps.kernel.clock import now
from apps.kernel.json import can_be_kept
from apps.open_banking import operations, rules
from apps.open_banking.models import (
    AccessToken,
    AppSecret,
    AuthorisationCode,
    Consent,
    IdToken,
    RefreshToken,
    SandboxPersona,
    SigningKey,
    ThirdPartyApp,
    secret_print,
)
from apps.open_banking.oauth import assertions
from apps.open_banking.oauth.certificates import is_its_own, may_use, to_bind
from apps.open_banking.oauth.scopes import are_allowed, with_intent

log = structlog.get_logger(__name__)


def kept(code: str) -> str:
    """How a code is kept: as a keyed hash."""
    return cipher.fingerprint(code, "open_banking_authorisationcode.code").hex()


class Validator(OAuth2Validator):
    """The toolkit's validator with what it lacks: consents, two secrets, hashed codes, reuse that ends a family."""

    oidc_claim_scope = {
        "sub": "openid", "name": "profile", "given_name": "profile", "locale": "profile", "email": "email",
        "email_verified": "email",
    }  # fmt: skip

    # --- who asks ---------------------------------------------------------------------------------------------------

    def authenticate_client(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """A confidential app that proves itself, from behind its certificate where it registered one."""
        return self._has_proven(request) and is_its_own(request.client, request.headers, now())

    def authenticate_client_id(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> bool:
        """An app without a secret, by its name alone; from behind its certificate where it registered one."""
        known = super().authenticate_client_id(client_id, request, *args, **kwargs)
        return bool(known) and is_its_own(request.client, request.headers, now())

    def _has_proven(self, request: Any) -> bool:
        """By an assertion that its key signed where it has one, else by either of its live secrets, in the header
        (preferred) or the body.
        """
        if (assertion := _assertion(request)) is not None:
            name = getattr(request, "client_id", None) or assertions.named(assertion)
            known = bool(name) and self._load_application(name, request) is not None
            return known and assertions.is_proof(request.client, assertion, now())
        found = _basic(request) or (getattr(request, "client_id", None), getattr(request, "client_secret", None))
        client_id, secret = found
        if not client_id or not secret or self._load_application(client_id, request) is None:
            return False
        app: ThirdPartyApp = request.client
        if app.client_type == ThirdPartyApp.CLIENT_PUBLIC or app.public_keys:
            return False
        at = now()
        rows = AppSecret.objects.live(at).filter(app=app, secret_print=secret_print(secret))
        return bool(rows.update(last_used_at=at))

    def client_authentication_required(self, request: Any, *args: Any, **kwargs: Any) -> bool:
        """Of every app but those that people install, and of those too when they bring something to be checked."""
        if _basic(request) or getattr(request, "client_secret", None) or _assertion(request) is not None:
            return True
        app = self._load_application(getattr(request, "client_id", None) or "", request)
        return app is None or app.client_type == ThirdPartyApp.CLIENT_CONFIDENTIAL

    def validate_user(self, *args: Any, **kwargs: Any) -> bool:
        """Nobody hands a password to an app."""
        return False

    # --- what is asked for --------------------------------------------------------------------------------------------

    def validate_scopes(
        self, client_id: str, scopes: Any, client: Any, request: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """As the app was registered; a customer's data only for a consent that this app lodged and that still waits."""
        by_itself = getattr(request, "grant_type", None) == "client_credentials"
        wanted = list(scopes or []) if by_itself else with_intent(scopes or [], _claims(request))
        return are_allowed(client, wanted, by_itself=by_itself, given=getattr(request, "consent", None))

    def validate_silent_login(self, request: Any) -> bool:
        """Asked for `prompt=none`; the page knows who is signed in, and says which step is missing."""
        return True

    def validate_silent_authorization(self, request: Any) -> bool:
        """Nobody is let in without being asked."""
        return False

    def get_default_scopes(self, client_id: str, request: Any, *args: Any, **kwargs: Any) -> list[str]:
        """Who names none gets none."""
        return []

    # --- codes --------------------------------------------------------------------------------------------------------

    def _create_authorization_code(self, request: Any, code: dict[str, str], expires: Any = None) -> AuthorisationCode:
        if request.code_challenge_method != "S256" or not request.code_challenge:
            raise errors.InvalidRequestError(description="code_challenge_method must be S256.", request=request)
        lives = timedelta(seconds=oauth2_settings.AUTHORIZATION_CODE_EXPIRE_SECONDS)
        row: AuthorisationCode = AuthorisationCode.objects.create(
            application=request.client,
            user=request.user,
            code=kept(code["code"]),
            expires=expires or now() + lives,
            redirect_uri=request.redirect_uri,
            scope=" ".join(request.scopes),
            code_challenge=request.code_challenge,
            code_challenge_method=request.code_challenge_method,
            nonce=request.nonce or "",
            consent=request.consent,
        )
        return row

    def validate_code(self, client_id: str, code: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        """A code of this app, in its minute, not used before; a second use ends all that the first one gave.

        Consent and code stay locked until the token request has ended (it is one transaction).
        """
        known = AuthorisationCode.objects.filter(code=kept(code), application=client).first()
        if known is None:
            return False
        consent = Consent.objects.select_for_update().get(pk=known.consent_id)
        row = AuthorisationCode.objects.select_for_update().select_related("user").filter(pk=known.pk).first()
        if row is None:
            return False
        at = now()
        if row.used_at is not None:
            operations.end_family(row.family, at)
            log.warning("code_used_twice", app=client.pk, consent=consent.pk)
            return False
        if row.is_expired() or not consent.is_live(at) or not row.user.is_active:
            return False
        request.user, request.scopes, request.nonce = row.user, row.scope.split(), row.nonce or None
        request.consent, request.family, request.claims = consent, row.family, {}
        return True

    def invalidate_authorization_code(self, client_id: str, code: str, request: Any, *args: Any, **kwargs: Any) -> None:
        """Used: it stays, so that another use is seen."""
        AuthorisationCode.objects.filter(code=kept(code), application=request.client).update(used_at=now())

    def confirm_redirect_uri(
        self, client_id: str, code: str, redirect_uri: str, client: Any, *args: Any, **kwargs: Any
    ) -> bool:
        """Letter by letter the address the code was sent to."""
        row = AuthorisationCode.objects.get(code=kept(code), application=client)
        return bool(row.redirect_uri == redirect_uri)

    def get_code_challenge(self, code: str, request: Any) -> str | None:
        """The challenge the code was asked for with."""
        return AuthorisationCode.objects.get(code=kept(code), application=request.client).code_challenge or None

    def get_code_challenge_method(self, code: str, request: Any) -> str | None:
        """S256."""
        return AuthorisationCode.objects.get(code=kept(code), application=request.client).code_challenge_method

    def get_authorization_code_scopes(self, client_id: str, code: str, redirect_uri: str, request: Any) -> list[str]:
        """What the code was given for."""
        scope = AuthorisationCode.objects.filter(code=kept(code)).values_list("scope", flat=True).first()
        return scope.split() if scope else []

    def get_authorization_code_nonce(self, client_id: str, code: str, redirect_uri: str, request: Any) -> str | None:
        """The nonce that the identity token repeats."""
        return AuthorisationCode.objects.filter(code=kept(code)).values_list("nonce", flat=True).first() or None

    # --- tokens -------------------------------------------------------------------------------------------------------

    def _save_bearer_token(self, token: dict[str, Any], request: Any, *args: Any, **kwargs: Any) -> None:
        if request.grant_type == "client_credentials":
            request.user = None
        at, old = now(), getattr(request, "refresh_token_instance", None)
        if old is not None:
            AccessToken.objects.filter(pk=old.access_token_id).delete()
            RefreshToken.objects.filter(pk=old.pk).update(revoked=at, access_token=None)
        access = self._new_access(token, request, at)
        if refresh := token.get("refresh_token"):
            row = RefreshToken(
                user=request.user, application=request.client, access_token=access, consent=request.consent,
                token_family=request.family,
            )  # fmt: skip
            self._set_token_value(row, refresh)
            row.save()

    def _new_access(self, token: dict[str, Any], request: Any, at: datetime) -> AccessToken:
        consent: Consent | None = getattr(request, "consent", None)
        ends = at + timedelta(seconds=token.get("expires_in", oauth2_settings.ACCESS_TOKEN_EXPIRE_SECONDS))
        if consent is not None:
            ends = min(ends, consent.valid_until)
            token["expires_in"] = int((ends - at).total_seconds())
        row = AccessToken(
            user=request.user, scope=token["scope"], expires=ends, application=request.client, consent=consent,
            family=getattr(request, "family", None), certificate_thumbprint=to_bind(request.client, request.headers),
        )  # fmt: skip
        if "id_token" in token:
            row.id_token = self._load_id_token(token["id_token"])
        self._set_token_value(row, token["access_token"])
        row.save()
        return row

    def validate_refresh_token(self, refresh_token: str, client: Any, request: Any, *args: Any, **kwargs: Any) -> bool:
        """This app's, unused, of a consent that lives. One used before ends its family: somebody copied it.

        The consent is locked before the token, as everywhere, so that a revocation and a refresh wait for each other.
        """
        known = RefreshToken.objects.filter(token_checksum=rules.checksum(refresh_token), application=client).first()
        if known is None:
            return False
        consent = Consent.objects.select_for_update().get(pk=known.consent_id)
        RefreshToken.objects.select_for_update().filter(pk=known.pk).first()
        if not super().validate_refresh_token(refresh_token, client, request, *args, **kwargs):
            return False
        if not consent.is_live(now()) or not request.user.is_active:
            return False
        request.consent, request.family = consent, known.token_family or uuid4()
        return True

    def validate_bearer_token(self, token: str | None, scopes: Any, request: Any) -> bool:
        """A token that opens the customer's identity: alive, its app usable, its consent live."""
        row = self._load_access_token(token) if token else None
        if row is None or row.application is None or not row.is_valid(scopes) or not row.application.is_usable(request):
            self._set_oauth2_error_on_request(request, row, scopes)
            return False
        consent = row.consent
        is_asleep = consent is None or consent.is_sandbox != row.application.is_sandbox or not consent.is_live(now())
        is_elsewhere = not may_use(row, row.application, request.headers, now())
        if row.user is None or not row.user.is_active or is_asleep or is_elsewhere:
            self._set_oauth2_error_on_request(request, None, scopes)
            return False
        request.client, request.user, request.scopes = row.application, row.user, row.scope.split()
        request.access_token, request.consent = row, row.consent
        return True

    def _load_access_token(self, token: str) -> AccessToken | None:
        rows = AccessToken.objects.select_related("application", "user", "consent")
        found: AccessToken | None = rows.filter(token_checksum=rules.checksum(token)).first()
        return found

    def _check_and_set_request_resource(self, request: Any) -> None:
        request.resource = []

    # --- identity -----------------------------------------------------------------------------------------------------

    def get_additional_claims(self, request: Any) -> dict[str, Any]:
        """Who the customer is; scopes decide which of it leaves."""
        consent: Consent | None = getattr(request, "consent", None)
        if consent is not None and consent.persona is not None:
            return _claims_of(consent.persona)
        user = request.user
        return {
            "sub": str(user.public_id),
            "name": user.full_name,
            "given_name": user.first_name,
            "locale": user.language,
            "email": user.email or "",
            "email_verified": user.email_confirmed_at is not None,
        }

    def get_discovery_claims(self, request: Any) -> list[str]:
        """The claims by name."""
        return list(self.oidc_claim_scope)

    def validate_id_token(self, token: str, scopes: Any, request: Any) -> bool:
        """An identity token says who somebody is; it opens nothing."""
        return False

    def _load_id_token(self, token: str) -> IdToken | None:
        found: IdToken | None = super()._load_id_token(token)
        return found

    def _get_key_for_token(self, token: str) -> jwk.JWK | None:
        """The key a token of ours names, also one that signs no more. None for what is no token of ours."""
        opened = jws.JWS()
        opened.deserialize(token)
        header = opened.jose_header  # a list for a token of many signatures, of which ours are none
        kid = header.get("kid") if isinstance(header, dict) else None
        if not isinstance(kid, str) or not can_be_kept(kid):
            return None
        row = SigningKey.objects.published(now()).filter(kid=kid).first()
        return row.jwk() if row else None


def _claims_of(persona: SandboxPersona) -> dict[str, Any]:
    """Who a persona of the sandbox is."""
    return {
        "sub": str(persona.public_id), "name": persona.full_name, "given_name": persona.full_name.split()[0],
        "locale": "en", "email": persona.email, "email_verified": True,
    }  # fmt: skip


def _claims(request: Any) -> Any:
    """The `claims` of a request, which may come as text that is not JSON: the toolkit refuses that by itself."""
    given = getattr(request, "claims", None)
    if not isinstance(given, str):
        return given
    try:
        return json.loads(given)
    except (ValueError, RecursionError):
        return None


def _assertion(request: Any) -> str | None:
    """The signed assertion an app proves itself with; None where it sends none of the kind we know."""
    if getattr(request, "client_assertion_type", None) != assertions.KIND:
        return None
    return str(getattr(request, "client_assertion", None) or "")


def _basic(request: Any) -> tuple[str, str] | None:
    """Name and secret of an `Authorization: Basic` header; None when there is none that can be read."""
    kind, _space, sealed = str(request.headers.get("HTTP_AUTHORIZATION") or "").partition(" ")
    if kind.lower() != "basic":
        return None
    try:
        name, colon, secret = base64.b64decode(sealed, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    pair = unquote_plus(name), unquote_plus(secret)
    return pair if colon and "\0" not in "".join(pair) else None
