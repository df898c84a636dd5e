"""Consents, apps and developers as the bank's own API writes and reads them."""

import json
from typing import Any

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from apps.kernel.money import Money
from apps.kernel.serializers import MoneyField
from apps.open_banking.models import Consent, ConsentType, DeveloperAccount, ThirdPartyApp, limits_of
from apps.open_banking.names import account_name
from apps.open_banking.states import AppStatus
from apps.users.api.strict import Strict

LODGED_CHOICES = [(one.value, str(one.label)) for one in (ConsentType.AIS, ConsentType.PIS, ConsentType.CBPII)]
METHODS = [("SMS", "SMS"), ("TOTP", "TOTP"), ("PASSKEY", "PASSKEY")]


class PaymentCreditor(Strict):
    """Who is paid, in one way: an `account` or shop here, an `account` at another `bank`, or by M-Pesa."""

    account = serializers.CharField(max_length=40, required=False, help_text=_("Account or shop number"))
    bank = serializers.CharField(max_length=8, required=False, help_text=_("Code of another bank of Kenya"))
    name = serializers.CharField(max_length=140, required=False, help_text=_("Where their bank does not tell it"))
    phone = serializers.CharField(max_length=20, required=False, help_text="M-Pesa")
    paybill = serializers.CharField(max_length=12, required=False, help_text="M-Pesa")
    till = serializers.CharField(max_length=12, required=False, help_text="M-Pesa")


class TimeLimits(Strict):
    """What recurring payments may come to in a calendar month, or year."""

    amount = MoneyField(positive=True)
    payments = serializers.IntegerField(min_value=1, max_value=1000)


class LodgeConsent(Strict):
    """What an app will ask its customer for. AIS asks for at least one of the three; CBPII for none of them.

    PIS says how much to whom: once, unless `is_recurring`, which takes `monthly`, and `yearly` beside it.
    """

    consent_type = serializers.ChoiceField(choices=LODGED_CHOICES, default="AIS")
    accounts_access = serializers.BooleanField(default=False)
    balances_access = serializers.BooleanField(default=False)
    transactions_access = serializers.BooleanField(default=False)
    valid_until = serializers.DateTimeField(required=False, help_text=_("At most 90 days from now, which is usual"))
    is_recurring = serializers.BooleanField(required=False, help_text=_("True unless told; for PIS false"))
    frequency_per_day = serializers.IntegerField(required=False, min_value=1, max_value=32_000)
    purpose = serializers.CharField(required=False, allow_blank=True, max_length=140, default="")
    transactions_from = serializers.DateField(required=False)
    amount = MoneyField(positive=True, required=False, help_text=_("PIS: of the payment, or the most of each"))
    creditor = PaymentCreditor(required=False)
    reference = serializers.CharField(max_length=80, required=False, allow_blank=True, default="")
    monthly = TimeLimits(required=False)
    yearly = TimeLimits(required=False)


class AppNamed(serializers.ModelSerializer[ThirdPartyApp]):
    """Which app."""

    id = serializers.UUIDField(source="public_id")
    organisation = serializers.CharField(source="developer.organisation")

    class Meta:
        model = ThirdPartyApp
        fields = ["id", "name", "organisation", "website_url"]


class AccessConsentShown(serializers.ModelSerializer[Consent]):
    """A consent. `status` is PENDING, AUTHORISED, REJECTED, REVOKED or EXPIRED; `detail` says how it ended."""

    id = serializers.UUIDField(source="public_id")
    app = AppNamed()
    status = serializers.CharField(source="words.api")
    detail = serializers.CharField(source="status")
    amount = MoneyField(allow_null=True)
    selected_accounts = serializers.SerializerMethodField(help_text=_("Numbers of accounts; told to their owner alone"))
    account_ids = serializers.SerializerMethodField(help_text=_("What the chosen accounts are called under /obp/"))
    payee = serializers.SerializerMethodField(help_text=_("Name, and phone or account as they are shown; PIS alone"))
    reference = serializers.SerializerMethodField()
    monthly = serializers.SerializerMethodField()
    yearly = serializers.SerializerMethodField()

    class Meta:
        model = Consent
        fields = [
            "id", "app", "is_sandbox", "consent_type", "status", "detail", "accounts_access", "balances_access",
            "transactions_access", "payment_initiation", "is_recurring", "frequency_per_day", "purpose",
            "transactions_from", "amount", "payee", "reference", "monthly", "yearly", "selected_accounts",
            "account_ids",
            "valid_from", "valid_until", "created_at", "authorised_at", "ended_at",
        ]  # fmt: skip

    def get_selected_accounts(self, row: Consent) -> list[int]:
        """One's own accounts, for their owner."""
        asks = getattr(self.context.get("request"), "user", None)
        if row.user_id is None or getattr(asks, "pk", None) != row.user_id:
            return []
        return sorted({one.account_id for one in row.chosen.all() if one.account_id is not None})

    def get_account_ids(self, row: Consent) -> list[str]:
        """Once they were chosen."""
        rows = row.chosen.all()
        if row.is_sandbox:
            return sorted({str(one.sandbox_account.public_id) for one in rows if one.sandbox_account})
        return [str(account_name(pk)) for pk in sorted({one.account_id for one in rows if one.account_id is not None})]

    def get_payee(self, row: Consent) -> str:
        """Whom a consent to pay pays."""
        return str(row.payee or "")

    def get_reference(self, row: Consent) -> str:
        """Of payments."""
        return limits_of(row).note if row.payment_initiation else ""

    @extend_schema_field(TimeLimits(allow_null=True))
    def get_monthly(self, row: Consent) -> dict[str, Any] | None:
        """Of recurring payments."""
        return _cap(row, 0)

    @extend_schema_field(TimeLimits(allow_null=True))
    def get_yearly(self, row: Consent) -> dict[str, Any] | None:
        """Of recurring payments that have one."""
        return _cap(row, 1)


def _cap(row: Consent, nth: int) -> dict[str, Any] | None:
    if not row.payment_initiation:
        return None
    cap = limits_of(row).caps[nth]
    if cap.minor is None:
        return None
    return {"amount": MoneyField().to_representation(Money(cap.minor, row.currency)), "payments": cap.count}


class AuthoriseConsent(Strict):
    """Which accounts, and the answered challenge for exactly this; without one, a challenge is asked for."""

    accounts = serializers.ListField(
        child=serializers.IntegerField(min_value=1), min_length=1, max_length=50, required=False
    )
    sandbox_accounts = serializers.ListField(
        child=serializers.UUIDField(), min_length=1, max_length=50, required=False,
        help_text=_("Instead of accounts, of one's own sandbox, for an app that is there"),
    )  # fmt: skip
    challenge = serializers.UUIDField(required=False)
    code = serializers.CharField(required=False, max_length=24)
    method = serializers.ChoiceField(choices=METHODS, required=False)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Real accounts or the sandbox's, never both."""
        if ("accounts" in attrs) == ("sandbox_accounts" in attrs):
            raise serializers.ValidationError({"accounts": [_("Name accounts, or those of the sandbox, not both.")]})
        return attrs


class RegisterDeveloper(Strict):
    """Who builds."""

    organisation = serializers.CharField(max_length=100)


class DeveloperShown(serializers.ModelSerializer[DeveloperAccount]):
    """A developer."""

    id = serializers.UUIDField(source="public_id")

    class Meta:
        model = DeveloperAccount
        fields = ["id", "organisation", "created_at"]


class AppToRegister(Strict):
    """What a developer says of an app. https on public names; http on loopback in the sandbox."""

    name = serializers.CharField(max_length=100)
    description = serializers.CharField(max_length=300, required=False, allow_blank=True, default="")
    website_url = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    logo_url = serializers.CharField(max_length=500, required=False, allow_blank=True, default="")
    redirect_uris = serializers.ListField(child=serializers.CharField(max_length=500), min_length=1, max_length=10)
    scopes = serializers.ListField(child=serializers.ChoiceField(choices=ThirdPartyApp.Scope.choices), max_length=3)
    post_logout_redirect_uris = serializers.ListField(
        child=serializers.CharField(max_length=500), required=False, default=list, max_length=10,
        help_text=_("Where people may be led after they signed out of the bank"),
    )  # fmt: skip
    is_public = serializers.BooleanField(default=False, help_text=_("People install it, so it can keep no secret"))
    uses_devices = serializers.BooleanField(default=False)
    public_keys = serializers.CharField(
        max_length=12_000, required=False, allow_blank=True, default="",
        help_text=_("A key set (RFC 7517) as text: it proves itself by private_key_jwt and has no secret"),
    )  # fmt: skip
    certificate = serializers.CharField(
        max_length=12_000, required=False, allow_blank=True, default="",
        help_text=_("PEM of its TLS client certificate: its calls must come with it"),
    )  # fmt: skip


class AppShown(serializers.ModelSerializer[ThirdPartyApp]):
    """An app, without its secret."""

    id = serializers.UUIDField(source="public_id")
    redirect_uris = serializers.SerializerMethodField()
    post_logout_redirect_uris = serializers.SerializerMethodField()
    scopes = serializers.ListField(child=serializers.CharField(), source="allowed_scopes")
    status = serializers.ChoiceField(choices=AppStatus.choices)
    organisation = serializers.CharField(source="developer.organisation")
    public_keys = serializers.SerializerMethodField()
    created_at = serializers.DateTimeField(source="created")

    class Meta:
        model = ThirdPartyApp
        fields = [
            "id", "client_id", "name", "organisation", "description", "website_url", "logo_url", "redirect_uris",
            "post_logout_redirect_uris", "scopes", "client_type", "uses_devices", "status", "status_because",
            "is_sandbox", "public_keys", "certificate_thumbprint",
            "rate_limit_per_minute", "rate_limit_per_day", "created_at", "approved_at",
        ]  # fmt: skip

    def get_redirect_uris(self, row: ThirdPartyApp) -> list[str]:
        """Each of them."""
        return str(row.redirect_uris).split()

    def get_post_logout_redirect_uris(self, row: ThirdPartyApp) -> list[str]:
        """Each of them."""
        return str(row.post_logout_redirect_uris).split()

    def get_public_keys(self, row: ThirdPartyApp) -> str:
        """As they were registered."""
        return json.dumps(row.public_keys) if row.public_keys else ""


class AppWithSecret(AppShown):
    """The same with a secret, told this once. Null for an app that can keep none."""

    client_secret = serializers.SerializerMethodField()

    class Meta(AppShown.Meta):
        fields = [*AppShown.Meta.fields, "client_secret"]

    def get_client_secret(self, row: ThirdPartyApp) -> str | None:
        """Never again."""
        secret: str | None = self.context["secret"]
        return secret


class AppReason(Strict):
    """Why."""

    reason = serializers.CharField(max_length=200)


class ApproveApp(AppReason):
    """Why, and whether it may take people's passwords."""

    direct_login = serializers.BooleanField(default=False)


class AppAsked(serializers.Serializer[Any]):
    """A request that another member of staff decides."""

    approval = serializers.IntegerField()
