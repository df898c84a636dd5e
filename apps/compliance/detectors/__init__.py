"""What the rules look for, as one question to the database each."""

from apps.compliance.detectors.look import Seen, seen

__all__ = ["Seen", "seen"]
