"""What apps prove themselves with beyond a secret, and what they pushed ahead of their customer."""

from django.db import models

from apps.open_banking.models.app import ThirdPartyApp


class UsedAssertion(models.Model):
    """A signed assertion that an app has used; kept as a hash until it is over, so that it is good once."""

    app = models.ForeignKey(ThirdPartyApp, on_delete=models.CASCADE, related_name="+", db_index=False)
    mark = models.BinaryField(max_length=32)
    expires_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["app", "mark"], name="assertions_are_good_once")]
        indexes = [models.Index(fields=["expires_at"], name="assertions_by_end")]

    def __str__(self) -> str:
        return f"{self.app_id}: {self.expires_at:%H:%M}"


class PushedRequest(models.Model):
    """What an app asks at `/oauth/authorize`, sent by itself beforehand (RFC 9126); its name is kept as a hash."""

    app = models.ForeignKey(ThirdPartyApp, on_delete=models.CASCADE, related_name="+")
    mark = models.CharField(max_length=64, unique=True)
    asked = models.JSONField()
    expires_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="pushed_requests_by_end")]

    def __str__(self) -> str:
        return f"{self.app_id}: {self.expires_at:%H:%M}"
