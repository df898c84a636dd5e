"""Other rules for a group that has begun: a version and the vote on it, asked for in one step."""

from datetime import datetime
from typing import Any

from django.db import transaction

from apps.chamas import policies
from apps.chamas.models import ChamaGroup, Proposal
from apps.chamas.operations import books
from apps.chamas.operations.decide import propose
from apps.chamas.operations.propose import propose_constitution
from apps.users.models import User


@transaction.atomic
def amend(*, group: ChamaGroup, rules: dict[str, Any], by: User, at: datetime, key: str, why: str = "") -> Proposal:
    """Put a version before the members and the vote on it, once per `key`.

    Raises NotFound, NotAllowed, GroupNotOpen, and Invalid naming each rule that cannot be carried out.
    """
    held = books.locked(group)
    earlier = Proposal.objects.filter(made_by=policies.membership(by, held), key=key[:120]).first()
    if earlier is not None:
        return earlier
    version = propose_constitution(group=held, rules=rules, by=by, at=at)
    facts = {"version": version.version}
    return propose(group=held, act="AMENDMENT", facts=facts, by=by, at=at, key=key, why=why)
