"""The OAuth2 and OpenID provider: django-oauth-toolkit with everything off that RFC 9700 advises against."""

from datetime import timedelta
from typing import Any

MODELS = {
    "APPLICATION": "ThirdPartyApp",
    "GRANT": "AuthorisationCode",
    "ACCESS_TOKEN": "AccessToken",
    "REFRESH_TOKEN": "RefreshToken",
    "ID_TOKEN": "IdToken",
    "DEVICE_GRANT": "DeviceGrant",
}
_GATES = (
    "IMPLICIT_GRANT", "PASSWORD_GRANT", "PKCE_METHOD", "ACCESS_TOKEN_TRANSPORT", "AUTHZ_RESPONSE_ISS", "TOKEN_STORAGE",
    "REFRESH_TOKEN", "REDIRECT_URI_SCHEME", "REDIRECT_URI_MATCHING", "PKCE_REQUIRED",
)  # fmt: skip
_WINDOWS = ("APPLICATION", "ACCESS_TOKEN", "GRANT", "ID_TOKEN", "REFRESH_TOKEN")


def provider(address: str) -> dict[str, Any]:
    """The toolkit's settings for a bank that answers at `address`."""
    return {
        **{f"COMPLIANT_BCP_RFC9700_{gate}": True for gate in _GATES},
        **{f"{name}_ADMIN_CLASS": f"apps.open_banking.admin.{MODELS[name]}s" for name in _WINDOWS},
        "OAUTH2_VALIDATOR_CLASS": "apps.open_banking.oauth.validator.Validator",
        "OIDC_ENABLED": True,
        "OIDC_ISS_ENDPOINT": address,
        "OIDC_RESPONSE_TYPES_SUPPORTED": ["code"],
        "OIDC_RP_INITIATED_LOGOUT_ENABLED": True,
        "PKCE_REQUIRED": True,
        "AUTHORIZATION_CODE_EXPIRE_SECONDS": 60,
        "ACCESS_TOKEN_EXPIRE_SECONDS": 600,
        "ID_TOKEN_EXPIRE_SECONDS": 600,
        "REFRESH_TOKEN_EXPIRE_SECONDS": timedelta(days=180),
        "ROTATE_REFRESH_TOKEN": True,
        "REFRESH_TOKEN_REUSE_PROTECTION": True,
        "REFRESH_TOKEN_GRACE_PERIOD_SECONDS": 0,
        "ALLOWED_REDIRECT_URI_SCHEMES": ["https"],  # loopback in the sandbox: apps.open_banking.rules
        "REQUEST_APPROVAL_PROMPT": "force",
        "SCOPES": {
            "openid": "Who you are",
            "profile": "Your name",
            "email": "Your e-mail address",
            "accounts": "Your accounts",
            "payments": "Payments",
            "fundsconfirmations": "Whether an amount is there",
        },
        "OAUTH_DEVICE_VERIFICATION_URI": f"{address}/oauth/device",
        "OAUTH_DEVICE_VERIFICATION_URI_COMPLETE": lambda code: f"{address}/oauth/device?user_code={code}",
    }
