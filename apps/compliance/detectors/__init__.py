"""What the rules look for, as one question to the database each; and which of their sights are one way of money."""

from apps.compliance.detectors.look import Seen, home_rates, seen
from apps.compliance.detectors.paths import Stop, meeting

__all__ = ["Seen", "Stop", "home_rates", "meeting", "seen"]
