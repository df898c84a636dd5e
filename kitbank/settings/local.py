"""One machine, for development and demonstration: the embedded database and the simulators."""

import os

from kitbank.local import places
from kitbank.local.postgres import local_url
from kitbank.local.secrets import load_secrets

# A command typed by hand beside a running bank finds the bank's own database and keys.
load_secrets()
os.environ.setdefault("DATABASE_URL", local_url())

from kitbank.settings.base import *  # noqa: E402
from kitbank.settings.base import env  # noqa: E402
from kitbank.settings.simulated import *  # noqa: E402
from kitbank.settings.simulated import SIMULATORS_APPS  # noqa: E402

WHITENOISE_USE_FINDERS = not places.PACKED.exists()  # `make run` packs them; nothing else on one's own machine does
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "kitbank.local.packing.Gzipped"},
}
DEBUG = env.bool("DEBUG", False)
ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
INSTALLED_APPS = [*INSTALLED_APPS, *SIMULATORS_APPS]
for _chatty in ("mail.log", "django_structlog", "kombu", "celery"):
    LOGGING["loggers"][_chatty] = {"level": "WARNING"}
# Live updates have a port of their own here; in production a proxy leads /live/ to them.
if LIVE_PORT:
    _hosts = [host for host in ALLOWED_HOSTS if not host.startswith("[")]  # a policy cannot name an IPv6 address
    CONTENT_SECURITY_POLICY["DIRECTIVES"]["connect-src"] += [f"http://{host}:{LIVE_PORT}" for host in _hosts]
