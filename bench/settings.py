"""The bank as it is, with room for more requests a minute than any person sends."""

from kitbank.settings.test import *
from kitbank.settings.test import RATE_LIMITS

ROOT_URLCONF = "bench.http_urls"
ALLOWED_HOSTS = ["127.0.0.1"]
RATE_LIMITS = dict.fromkeys(RATE_LIMITS, "99999999/min")
