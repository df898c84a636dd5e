"""Apps, consents and what left by them, as windows. The first five are registered by the toolkit, by these names."""

from django.contrib import admin

from apps.kernel.admin import Window
from apps.open_banking.models import AccessLog, Consent, ConsentEvent, DeveloperAccount, OtherBank

SEES = "open_banking.approve_apps"


class ThirdPartyApps(Window):
    """Apps of third parties. The toolkit's own column for whom they belong to is gone: their developer says it."""

    sees = SEES
    whose = "developer.user_id"
    list_display = ("name", "status", "is_sandbox", "client_type", "developer", "approved_at")
    list_filter = ("status", "is_sandbox")
    list_select_related = ("developer",)
    search_fields = ("client_id__exact",)


class AuthorisationCodes(Window):
    """Codes that were given out; what is kept of them opens nothing."""

    list_display = ("pk", "application", "expires", "used_at")
    list_select_related = ("application",)
    exclude = ("code", "nonce", "claims", "code_challenge")


class AccessTokens(Window):
    """Access that lives."""

    list_display = ("pk", "application", "scope", "expires", "is_direct")
    list_select_related = ("application",)
    exclude = ("token", "token_checksum")


class RefreshTokens(Window):
    """What access is renewed with."""

    list_display = ("pk", "application", "created", "revoked")
    list_select_related = ("application",)
    exclude = ("token", "token_checksum")


class IdTokens(Window):
    """Identity tokens that were given."""

    list_display = ("jti", "application", "expires")
    list_select_related = ("application",)


@admin.register(DeveloperAccount)
class Developers(Window):
    """Who builds apps."""

    sees = SEES
    list_display = ("organisation", "user", "created_at")
    list_select_related = ("user",)


@admin.register(Consent)
class Consents(Window):
    """What customers allowed."""

    list_display = ("public_id", "app", "user", "consent_type", "status", "valid_until")
    list_filter = ("status", "consent_type")
    list_select_related = ("app", "user")
    search_fields = ("public_id__exact",)


@admin.register(ConsentEvent)
class ConsentEvents(Window):
    """How consents moved."""

    list_display = ("consent", "was", "became", "actor", "by", "at")
    list_select_related = ("consent", "by")


@admin.register(AccessLog)
class AccessLogs(Window):
    """What left, for whom."""

    list_display = ("at", "app", "user", "resource", "rows", "person_present")
    list_filter = ("resource", "person_present")
    list_select_related = ("app", "user")


@admin.register(OtherBank)
class OtherBanks(Window):
    """Where customers may link accounts."""

    sees = SEES
    list_display = ("name", "address", "bank_id", "client_id", "is_active")
    list_filter = ("is_active",)
    exclude = ("client_secret",)
