"""The real bank: everything secret comes from the environment, and nothing is assumed."""

from kitbank.settings.base import *
from kitbank.settings.base import FIELD_KEYS, env

SECRET_KEY = env.str("SECRET_KEY")
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS")
BLIND_INDEX_KEY = env.str("BLIND_INDEX_KEY")
if not FIELD_KEYS:
    raise RuntimeError("FIELD_KEYS is empty: personal data could not be encrypted. See docs/operations.md.")

SESSION_COOKIE_SECURE = True
CSRF_COOKIE_SECURE = True
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", True)
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", 1)  # the one that ends TLS; without it all customers would be one caller
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
LIVE_PORT = env.int("LIVE_PORT", 0)
SIMULATORS_ALLOWED = False
WEBHOOKS_TO_LOOPBACK = False
