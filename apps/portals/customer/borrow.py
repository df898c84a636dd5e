"""Borrowing: what one could have and why not more, the score in words, one's loans, and who asks for a guarantee."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from apps.credit_scoring import operations as scoring
from apps.credit_scoring.models import Decision
from apps.credit_scoring.wording import explain, explain_notes
from apps.kernel.clock import now
from apps.lending import limits, matching
from apps.lending.models import Guarantee, GuaranteeStatus, Loan, LoanStatus
from apps.lending.operations.switch import is_on
from apps.portals.customer.door import customer_page
from apps.portals.customer.loan_facts import answer_of
from apps.portals.customer.pages import show
from apps.users.doors import signed_in

MOST = 50
LIVE = (LoanStatus.APPLIED, LoanStatus.UNDER_REVIEW, LoanStatus.APPROVED, LoanStatus.ACTIVE, LoanStatus.WRITTEN_OFF)


@require_GET
@customer_page
def borrow(request: HttpRequest) -> HttpResponse:
    """Limits with their reasons, the score with its factors, loans, requests to guarantee."""
    user, at, language = signed_in(request), now(), get_language() or "en"
    score = scoring.score(user=user, at=at, by=user)
    found = limits.limits_of_all(user=user, terms=matching.on_offer(at), by=user, at=at, score=score)
    loans = list(Loan.objects.owned_by(user).shown().order_by("-pk")[:MOST])
    asked = Guarantee.objects.asked_of(user).select_related("loan__borrower", "loan__product").order_by("-pk")
    guarantees = [row for row in asked[:MOST] if row.status in (GuaranteeStatus.ASKED, GuaranteeStatus.GIVEN)]
    return show(
        request,
        "borrow/borrow",
        limits=sorted(found, key=lambda one: (not one.is_open, -one.amount.minor)),
        can_ask=any(one.is_open for one in found),
        score=score,
        helps=explain((row for row in score.factors if row["direction"] == "UP"), language),
        hinders=explain((row for row in score.factors if row["direction"] != "UP"), language),
        notes=explain_notes(score.notes, language),
        declined=answer_of(Decision.objects.owned_by(user).awaiting_review().last()),
        live=[loan for loan in loans if loan.status in LIVE],
        over=[loan for loan in loans if loan.status not in LIVE],
        waiting=[row for row in guarantees if row.status == GuaranteeStatus.ASKED],
        given=[row for row in guarantees if row.status == GuaranteeStatus.GIVEN],
        lends=is_on(),
    )
