"""Who may know of a case, who may work on it, and who must keep away from it."""

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Transaction
from apps.compliance.models import Case, DataRequest, SuspiciousTransactionReport, TaxReturn
from apps.kernel.errors import NotAllowed, NotFound
from apps.users.models import User
from apps.users.policies import is_connected, require_right
from apps.users.queries import near

WORK = "compliance.work_cases"
APPROVE = "compliance.approve_str"


def may_know(who: User) -> bool:
    """Active staff who work cases: for everybody else there is no such thing."""
    return bool(who.is_active and who.has_perm(WORK))


def require_may_know(who: User) -> None:
    """Raises NotFound, never NotAllowed: a refusal would tell that there is something."""
    if not may_know(who):
        raise NotFound(_("There is nothing here."))


def officers() -> QuerySet[User]:
    """Staff who work cases, by name."""
    return holders(WORK)


def holders(permission: str) -> QuerySet[User]:
    """Staff with a right, by name."""
    label, _dot, codename = permission.partition(".")
    right = {"permissions__content_type__app_label": label, "permissions__codename": codename}
    through_group = Q(**{f"groups__{name}": value for name, value in right.items()})
    own = Q(**{f"user_{name}": value for name, value in right.items()})
    found: QuerySet[User] = User.objects.filter(through_group | own, is_staff=True, status="ACTIVE")
    return found.distinct().order_by("full_name")


def is_involved(who: User, case: Case) -> bool:
    """Whether a case touches this person or anybody near them: as its subject, on the path of its money, as the other
    side of one of its transactions, or by a business they share with the subject. Relatives are known as declared.
    """
    kin = near(who.pk).values("pk")
    if case.alerts.filter(parties__person__in=kin).exists():
        return True
    lines = {line for found in case.alerts.values_list("lines", flat=True) for line in found}
    transfers = Transaction.objects.filter(pk__in=lines).values("transfer_id")
    if Transaction.objects.filter(Q(transfer_id__in=transfers) | Q(pk__in=lines), account__owner__in=kin).exists():
        return True
    return case.subject is not None and is_connected(who, case.subject)


def require_may_work(who: User, case: Case) -> None:
    """An officer who is not involved. Raises NotFound, NotAllowed."""
    require_may_know(who)
    if not Case.objects.visible_to(who).filter(pk=case.pk).exists():
        raise NotFound(_("There is nothing here."))
    if is_involved(who, case):
        raise NotAllowed(_("You or an account of yours is part of this case. Another officer must work on it."))


def require_may_approve(who: User, report: SuspiciousTransactionReport) -> None:
    """The MLRO, who neither drafted it nor is involved. Raises NotFound, NotAllowed."""
    require_may_work(who, report.case)
    if not who.has_perm(APPROVE):
        raise NotAllowed(_("Only the MLRO approves reports. Nothing was changed."))
    last = report.versions.order_by("-number").first()
    if who.pk in {report.drafted_by_id, last.by_id if last else None}:
        raise NotAllowed(_("Another person must approve what you drafted. Nothing was changed."))


SEE, ANSWER, KEEP = "compliance.view_registers", "compliance.handle_data_requests", "compliance.keep_registers"


def require_may_act(who: User) -> None:
    """Readers of the registers change nothing, however right their input. Raises NotAllowed."""
    if not who.has_perm(KEEP):
        require_right(who, ANSWER)


def require_may_see(who: User, request: DataRequest) -> None:
    """Staff who read requests, never their own or of who is near. Raises NotFound."""
    if not DataRequest.objects.visible_to(who).filter(pk=request.pk).exists():
        raise NotFound(_("There is nothing here."))


def require_may_answer(who: User, request: DataRequest) -> None:
    """Staff who answer requests, never their own. Raises NotFound, NotAllowed."""
    require_may_see(who, request)
    require_right(who, ANSWER)


VIEW_TAXES, FILE_TAXES = "compliance.view_taxes", "compliance.file_taxes"


def may_see_taxes(who: User) -> bool:
    """Active staff who read tax returns: for everybody else there are none."""
    return bool(who.is_active and who.has_perm(VIEW_TAXES))


def require_may_file(who: User, tax_return: TaxReturn) -> None:
    """Four eyes: who files a return did not compute its figures. Raises NotAllowed."""
    require_right(who, FILE_TAXES)
    if who.pk == tax_return.computed_by_id:
        raise NotAllowed(_("Another officer must file what you computed. Nothing was filed."))
