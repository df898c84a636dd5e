"""What `startproject` writes, PostgreSQL, and what the two packages' guides say to add; nothing is tuned."""

import os
from datetime import timedelta
from urllib.parse import unquote, urlsplit

_place = urlsplit(os.environ["DATABASE_URL"])

SECRET_KEY = "only of a benchmark, and as long as a token's signature wants"  # noqa: S105
ALLOWED_HOSTS = ["127.0.0.1"]
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "rest_framework",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "bench.stock.urls"
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": _place.path[1:],
        "USER": _place.username or "",
        "PASSWORD": _place.password or "",
        "HOST": unquote(_place.hostname or ""),
        "PORT": str(_place.port or ""),
        "OPTIONS": {"options": "-c search_path=stock"},  # beside the bank's tables, in the same database
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
SIMPLE_JWT = {"ACCESS_TOKEN_LIFETIME": timedelta(hours=2)}  # five minutes as it comes, which a window may outlast
