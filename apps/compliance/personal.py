"""What data protection holds of a person. Cases, alerts and reports are not given to anybody they are about."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from apps.compliance.looks import looks_of
from apps.compliance.models import DataRequest, RequestPaper
from apps.kernel import personal
from apps.kernel.personal import Held, Part, Step, Swept, swept


def _looks(user_id: int) -> Iterator[dict[str, Any]]:
    """With the role and not the name, without those that the law keeps."""
    for look in looks_of(user_id, most=10_000):
        yield {"role": look.role, "reason": look.reason, "at": look.at.isoformat(timespec="seconds")}


personal.holds(
    Part("staff_looks", "users.CustomerView", "customer", (), rows=_looks),
    Part("consents", "compliance.ConsentRecord", "user",
         ("purpose__code", "purpose__version", "is_given", "channel", "at")),
    Part("data_requests", "compliance.DataRequest", "user",
         ("public_id", "kind", "status", "field", "held", "wanted", "reason", "asked_at", "answered_at", "answer")),
    Part("breaches", "compliance.BreachPerson", "user", ("breach__reference", "breach__title", "told_at")),
)  # fmt: skip
personal.leave_out(
    "Suspicion of money laundering: telling of it is a crime (POCAMLA 2009, tipping off).",
    "compliance.SuspiciousActivityAlert.subject", "compliance.Case.subject", "compliance.AlertParty.person",
)  # fmt: skip
personal.leave_out(
    "Legal holds may speak of an inquiry; that the law keeps data is told with every erasure.",
    "compliance.LegalHold.user",
)
personal.leave_out("Stands in the answer to the request.", "compliance.Erasure.user")
personal.leave_out(
    "Work of staff.",
    "compliance.AmlRule.maker", "compliance.AmlRule.checker", "compliance.SuspiciousActivityAlert.closed_by",
    "compliance.Case.assigned_to", "compliance.Case.suspicion_by", "compliance.Case.decided_by",
    "compliance.CaseEntry.by", "compliance.Evidence.by", "compliance.SuspiciousTransactionReport.drafted_by",
    "compliance.SuspiciousTransactionReport.approved_by", "compliance.SuspiciousTransactionReport.filed_by",
    "compliance.ReportVersion.by", "compliance.ComplianceReport.made_by", "compliance.FilingReceipt.by",
    "compliance.DataRequest.maker", "compliance.DataRequest.answered_by", "compliance.LegalHold.set_by",
    "compliance.LegalHold.lift_asked_by", "compliance.LegalHold.lifted_by", "compliance.Erasure.asked_by",
    "compliance.Erasure.allowed_by", "compliance.Breach.opened_by", "compliance.BreachEntry.by",
    "compliance.StaffAlert.staff", "compliance.StaffAlert.closed_by",
    "compliance.TaxReturn.computed_by", "compliance.TaxReturn.filed_by", "compliance.TaxReturn.pay_asked_by",
    "compliance.TaxReturn.paid_by", "compliance.TaxComputation.by",
    "compliance.ProcessingActivity.by", "compliance.RetentionRule.maker", "compliance.RetentionRule.checker",
)  # fmt: skip


def _forget_requests(people: Sequence[int], at: datetime) -> int:
    RequestPaper.objects.filter(request__user_id__in=people).delete()
    return DataRequest.objects.filter(user_id__in=people).update(held=None, wanted=None, reason="", answer="-")


def _old_papers(before: datetime, held: Held) -> Swept:
    return swept(RequestPaper.objects.filter(request__answered_at__lt=before), held, by="request__user_id")


personal.erases(Step("compliance.requests", at_once=False, act=_forget_requests))
personal.retains("REQUEST_PAPERS", _old_papers)
