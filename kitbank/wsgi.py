"""Pages and API."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kitbank.settings.local")
application = get_wsgi_application()

from apps.kernel.garbage import settle_in  # noqa: E402 the apps are loaded by the line above

settle_in()

# A thread whose answer from the database has come waits this long for one that computes: of Python's five milliseconds,
# longer than a statement takes, a confirm waits many times. Two runs each: 231 and 244 a second, 184 and 199 with five.
sys.setswitchinterval(0.001)
