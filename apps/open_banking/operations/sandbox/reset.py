"""Begins a developer's sandbox anew."""

from datetime import datetime

from django.db import transaction

from apps.audit_trail import operations as audit_trail
from apps.open_banking import policies
from apps.open_banking.models import DeveloperAccount, SandboxPayment, SandboxPersona, ThirdPartyApp
from apps.open_banking.operations.sandbox.end import end_sandbox
from apps.open_banking.operations.sandbox.make import fill, make
from apps.users.models import User


@transaction.atomic
def reset(*, by: User, at: datetime) -> list[SandboxPersona]:
    """Throw away what happened to the personas and write their year anew, up to today. Open sandbox consents and tokens
    end; ids, numbers, usernames and passwords stay. Of two at once, the second waits. Raises NotADeveloper.
    """
    developer = policies.require_developer(by)
    DeveloperAccount.objects.select_for_update().get(pk=developer.pk)
    apps = list(ThirdPartyApp.objects.filter(developer=developer))
    ended = end_sandbox(*apps, by=by, reason="sandbox reset", at=at)
    SandboxPayment.objects.filter(persona__developer=developer).delete()
    fill(developer, at)
    audit_trail.record("open_banking.sandbox.reset", on=developer, by=by, at=at, after={"consents": ended}, customer=by)
    return make(developer=developer, at=at)
