"""Consents by OBP's own door: asked for by an app or begun by the customer, and held by the app as a signed word (JWT)
that it sends in a header.
"""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.open_banking.models.app import ThirdPartyApp
from apps.open_banking.models.consent import Consent


class ConsentRequest(models.Model):
    """What an app will ask some customer for; one consent comes of it at most."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    app = models.ForeignKey(ThirdPartyApp, on_delete=models.PROTECT, related_name="+")
    payload = models.JSONField()
    consent = models.OneToOneField(Consent, on_delete=models.PROTECT, null=True, related_name="request")
    created_at = models.DateTimeField()

    def __str__(self) -> str:
        return str(self.public_id)


class HeaderConsent(models.Model):
    """A consent that waits for the answer to one challenge: for which accounts it was asked, and by which challenge."""

    consent = models.OneToOneField(Consent, on_delete=models.CASCADE, related_name="header")
    accounts = ArrayField(models.BigIntegerField())  # of the books, or of the sandbox, as the consent is
    challenge = models.UUIDField()
    tries = models.PositiveSmallIntegerField(default=0, help_text=_("In the sandbox, where nobody is messaged"))

    def __str__(self) -> str:
        return str(self.consent)
