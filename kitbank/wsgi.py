"""Pages and API."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kitbank.settings.local")
application = get_wsgi_application()

from apps.kernel.garbage import settle_in  # noqa: E402 the apps are loaded by the line above

settle_in()
