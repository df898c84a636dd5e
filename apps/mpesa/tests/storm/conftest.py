"""What the storm's truths say when they do not hold: both sides, as in a test."""

import pytest

pytest.register_assert_rewrite(*(f"apps.mpesa.tests.storm.{name}" for name in ("elsewhere", "files", "shops", "truth")))
