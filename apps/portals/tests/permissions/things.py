"""Something behind the doors: real rows of one customer, so that "not there" can be told from "not for you"."""

from datetime import timedelta
from typing import Any

from apps.accounts.models import Account, SleepingAccount, Transaction
from apps.accounts.testing import business_account, kes, make_account, make_mandate
from apps.audit_trail.models import AuditLog
from apps.chamas.models import GroupCheck, GroupEntry, GroupLoan, GroupPaper, Investment, Meeting, Proposal
from apps.compliance.models import StaffAlert, SuspiciousActivityAlert, TaxReturn
from apps.compliance.operations import taxes
from apps.compliance.testing import make_case, make_tax
from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.kyc.operations import papers
from apps.ledger.testing import make_period
from apps.lending.models import CollectionCase, Loan
from apps.lending.testing import make_borrower, make_loan
from apps.payments import operations as payments
from apps.payments.models import Payment
from apps.payments.schedule import Schedule
from apps.portals.testing import make_push
from apps.portals.tests.api.bank import make_bank
from apps.portals.tests.customer.circle import make_circle, swap_of
from apps.users import operations
from apps.users.models import BusinessProfile, User
from apps.users.testing import make_staff


def make_things() -> tuple[User, dict[str, dict[str, Any]]]:
    """The customer whose things they are, and the parameters of addresses by how these begin."""
    bank = make_bank()
    customer = User.objects.get(pk=bank.paths["admin/users"][0])
    account = Account.objects.filter(owner=customer).order_by("pk")[0]
    line = Transaction.objects.filter(account=account).order_by("pk")[0]
    workflow = papers.start_verification(user=customer, target_tier="TIER_2", at=now())
    case, loan = make_case(), make_loan(make_borrower(), "5000")
    written = AuditLog.objects.filter(customer=customer).exclude(action__startswith="compliance.").order_by("pk")[0]
    own = {
        f"api/v1/{noun}/": {"pk": values[0], "public_id": values[0]}
        for noun, values in bank.paths.items()
        if "{" not in noun
    }
    push = make_push(account)
    teller = make_staff("TELLER")
    why = "She is at the hospital and cannot say her PIN"
    glass = {"pk": operations.break_glass(customer=customer, reason=why, by=teller, at=now()).pk}
    seen = StaffAlert.objects.create(
        rule="REFUSALS", staff=teller, day=local_date(now()), count=10, threshold=10, raised_at=now()
    )
    asleep = SleepingAccount.objects.create(
        account=account, last_act_on=local_date(now()), asleep_since=local_date(now()), currency="KES"
    )
    period = make_period("Held", local_date(now()), local_date(now()))
    payment = {"public_id": Payment.objects.filter(payer=customer).order_by("pk")[0].public_id}
    collection = {"public_id": CollectionCase.objects.order_by("pk")[0].public_id}
    lent = {"public_id": Loan.objects.get(pk=loan.pk).public_id}
    signed, arranged = _joint(customer, bank.paths["businesses"][0])
    make_tax("10", at=now() - timedelta(days=40))
    taxes.draft_due(at=now())
    taxed = {"pk": TaxReturn.objects.earliest("pk").pk}
    of_case = {"reference": case.reference, "pk": SuspiciousActivityAlert.objects.filter(case=case)[0].pk}
    return customer, {
        **own,
        **_circle(bank.inner),
        **_group(customer),
        "api/v1/admin/transactions/": {"pk": line.pk},
        "api/v1/admin/payments/": payment,
        "api/v1/admin/kyc/": {"public_id": workflow.public_id},
        "api/v1/kyc/verificationworkflows/": {"public_id": workflow.public_id},
        "api/v1/admin/loans/": lent,
        "api/v1/loans/": lent,
        "api/v1/admin/compliance/": of_case,
        "api/v1/admin/compliance/rules/": {"code": "RAPID_IN_OUT"},
        "api/v1/admin/compliance/tax-returns/": taxed,
        "compliance/taxes/": taxed,
        "api/v1/audit/audit-logs/": {"pk": written.pk},
        "api/v1/mpesa/transactions/": {"public_id": push.public_id},
        "compliance/": of_case,
        "compliance/customers/": {"pk": case.subject_id},
        "compliance/rules/": {"code": "RAPID_IN_OUT"},
        "obp/": {"version": "v5.1.0", "bank_id": "kitbank.ke", "base": "KES", "quote": "KES", "code": "SAVINGS"},
        "money/accounts/": {"pk": account.pk},
        "money/transactions/": {"pk": line.pk},
        "pay/confirm/": payment,
        "pay/done/": payment,
        "pay/topup/": {"public_id": push.public_id},
        "plan/goals/": {"public_id": bank.paths["goals"][0]},
        "pay/scheduled/auto/": {"public_id": bank.paths["accounts/transfer-rules"][0]},
        "money/deposits/": {"public_id": bank.paths["deposits"][0]},
        "workbench/savings/": {"code": "SAVINGS"},
        "workbench/dormant/": {"pk": asleep.pk},
        "workbench/periods/": {"pk": period.pk},
        "api/v1/ledger/periods/": {"pk": period.pk},
        "inbox/": {"public_id": bank.paths["notifications/threads"][0]},
        "settings/businesses/": {"pk": bank.paths["businesses"][0]},
        "settings/businesses/<int:pk>/payments/": signed,
        "api/v1/businesses/<int:pk>/payments/": signed,
        "settings/businesses/<int:pk>/orders/": arranged,
        "api/v1/businesses/<int:pk>/standing-orders/": arranged,
        "api/v1/admin/users/<int:pk>/mandate/": {"pk": BusinessProfile.objects.get(pk=signed["pk"]).party_id},
        "shop/": {"public_id": bank.paths["merchants"][0]},
        "borrow/": lent,
        "workbench/customer/": {"pk": customer.pk, "act": "suspend"},
        "workbench/account/": {"pk": account.pk, "act": "freeze"},
        "workbench/approvals/": {"pk": Approval.objects.order_by("pk")[0].pk},
        "workbench/kyc/": {"public_id": workflow.public_id},
        "workbench/loans/": lent,
        "workbench/collections/": collection,
        "workbench/products/loans/": {"code": "INSTANT"},
        "workbench/rules/": {"code": "LARGE_AMOUNT"},
        "workbench/messages/texts/": {"app": "users", "name": "code", "channel": "SMS", "language": "en"},
        "workbench/<str:app_label>/": {"app_label": "users"},
        "workbench/staff/": {"pk": teller.staff.pk, "act": "suspend"},
        "workbench/audit/customers/": {"pk": customer.pk},
        "workbench/glass/": glass,
        "api/v1/admin/break-glass/": glass,
        "api/v1/audit/staff-alerts/": {"pk": seen.pk},
        "compliance/staff/": {"pk": seen.pk},
    }


def _group(customer: User) -> dict[str, dict[str, Any]]:
    """A group of the customer, by the addresses of its pages."""
    group = make_circle(customer)
    asked, held = (
        Proposal.objects.get(group=group, act="WITHDRAW_SAVINGS"),
        Meeting.objects.filter(group=group, status="HELD").latest("pk"),
    )
    swap, owned = swap_of(group), Investment.objects.get(group=group)
    paper, here = GroupPaper.objects.get(group=group), {"slug": group.slug}
    check = GroupCheck.objects.create(
        group=group, is_registered=False, handed_in_by=customer, handed_in_at=now(), answer_by=now()
    )
    check.papers.add(paper)
    return {
        "chama/": here,
        "chama/start/": {"preset": "savings"},
        "chama/<slug:slug>/approvals/": here | {"public_id": asked.public_id, "act": "withdraw_savings"},
        "chama/<slug:slug>/meetings/": here | {"public_id": held.public_id},
        "chama/<slug:slug>/loans/": here | {"reference": GroupLoan.objects.get(group=group).reference},
        "chama/<slug:slug>/investments/": here | {"public_id": owned.public_id},
        "chama/<slug:slug>/papers/": here | {"public_id": paper.public_id},
        "workbench/group-papers/": {"public_id": check.public_id, "paper_id": paper.public_id},
        "api/v1/admin/groups/": here,
        "api/v1/admin/groups/papers/": {"public_id": check.public_id, "paper_id": paper.public_id},
        "chama/<slug:slug>/ledger/": here | {"pk": GroupEntry.objects.filter(group=group)[0].pk},
        "chama/<slug:slug>/members/": here | {"pk": swap.asker.member_id},
        "chama/<slug:slug>/turns/": here | {"pk": swap.other_id},
        "chama/<slug:slug>/swaps/": here | {"pk": swap.pk},
    }


def _joint(customer: User, pk: int) -> tuple[dict[str, Any], dict[str, Any]]:
    """A payment and a standing order of the customer's business that wait for signatures, as addresses name them."""
    firm = BusinessProfile.objects.get(pk=pk)
    account = business_account(firm, balance="5000")
    make_mandate(firm, customer)
    to, at = make_account().number, now()
    joint = payments.ask_joint(from_account=account, to=to, amount=kes("10"), key="one", by=customer, at=at)
    order = payments.ask_joint_order(
        from_account=account, where=payments.place_here(to=to, owner=firm.party, at=at), amount=kes("20"),
        schedule=Schedule("WEEKLY", local_date(at)), key="rent", by=customer, at=at,
    )  # fmt: skip
    return {"pk": pk, "public_id": joint.payment.public_id}, {"pk": pk, "public_id": order.order.public_id}


def _circle(inner: dict[str, list[Any]]) -> dict[str, dict[str, Any]]:
    """Addresses of the customer's group, by each thing in it."""
    slug, base = inner["slug"][0], "api/v1/chamas/<slug:slug>/"
    names = {"members": "number", "loans": "reference", "constitution": "version", "swaps": "number"}
    found = {base: {"slug": slug}, "api/v1/chamas/": {}, "workbench/groups/": {"slug": slug}}
    for part, (value, *_more) in inner.items():
        found[f"{base}{part}/"] = {"slug": slug, names.get(part, "public_id"): value}
    return found
