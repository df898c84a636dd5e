"""What tests of data protection share: proof of an act, officers, somebody who is erased."""

from apps.compliance.models import DataRequest, Erasure
from apps.compliance.operations import privacy
from apps.compliance.operations.privacy import erase, export
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.models import Approval
from apps.notifications.testing import code_sent_to
from apps.users import operations as users
from apps.users.models import User


def proof(user: User, operation: str, subject: str):
    """An answered challenge for one act."""
    row = users.challenge(user=user, operation=operation, subject=subject, at=now(), method="SMS")
    users.answer(challenge_id=row.pk, user=user, answer=code_sent_to(str(user.phone)), at=now())
    return row.pk


def download_proof(request: DataRequest):
    """Proof for a download."""
    return proof(request.user, export.OPERATION, export.subject_of(request))


def ask_erasure(user: User, **facts) -> DataRequest:
    """A request with its proof."""
    given = proof(user, erase.OPERATION, erase.subject_of(user))
    return privacy.ask_erasure(user=user, reason="I move away", challenge_id=given, at=facts.get("at", now()))


def allow(approval: Approval, by: User) -> None:
    """A second person says yes."""
    approvals.approve(approval=approval, by=by, at=now())


def close(user: User, officer: User, second: User) -> Erasure:
    """Asked for, agreed to by two."""
    request = ask_erasure(user)
    allow(privacy.accept_erasure(request=request, answer="Papers seen.", by=officer, at=now()), second)
    return Erasure.objects.get(user=user)
