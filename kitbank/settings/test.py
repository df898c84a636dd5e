"""The test suite: real PostgreSQL, fast passwords, tasks run by hand."""

import os

os.environ.setdefault("SECRET_KEY", "test-" + "0" * 50)
os.environ.setdefault("FIELD_KEYS", "t1:" + "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")
os.environ.setdefault("BLIND_INDEX_KEY", "MTEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=")

from kitbank.settings.base import *
from kitbank.settings.simulated import *
from kitbank.settings.simulated import SIMULATORS_APPS

WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # every test client makes the middleware anew, which would look at every file
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # one test keeps Argon2
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
CELERY_TASK_ALWAYS_EAGER = False
REQUEST_LOG_BY_THREAD = False  # a thread has a connection of its own, outside the test's transaction
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"

LOGGING["root"]["level"] = "WARNING"
INSTALLED_APPS = [*INSTALLED_APPS, *SIMULATORS_APPS]
