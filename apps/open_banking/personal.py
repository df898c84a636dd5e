"""What open banking holds of a person: whom they let in, what left, and what they build themself."""

from collections.abc import Sequence
from datetime import datetime

from apps.kernel import personal
from apps.kernel.personal import Part, Step
from apps.kernel.triggers import erasing
from apps.open_banking.models import (
    AccessLog,
    AccessToken,
    Actor,
    Consent,
    DeveloperAccount,
    LinkedBank,
    PaymentTerms,
    TransactionRequest,
)
from apps.open_banking.operations import end_many, forget_links
from apps.open_banking.states import OPEN, ConsentStatus

personal.holds(
    Part("app_consents", "open_banking.Consent", "user",
         ("public_id", "app__name", "consent_type", "status", "accounts_access", "balances_access",
          "transactions_access", "purpose", "created_at", "authorised_at", "valid_until", "ended_at")),
    Part("app_reads", "open_banking.AccessLog", "user",
         ("at", "app__name", "resource", "fields", "rows", "person_present")),
    Part("app_payments", "open_banking.TransactionRequest", "user",
         ("public_id", "app__name", "type", "payment__reference", "created_at")),
    Part("app_limits", "open_banking.CounterpartyLimit", "payee__owner",
         ("payee__nickname", "currency", "single_minor", "monthly_minor", "yearly_minor", "total_minor", "created_at")),
    Part("own_views", "open_banking.CustomView", "account__owner",
         ("view_id", "description", "permissions", "created_at")),
    Part("linked_banks", "open_banking.LinkedBank", "user",
         ("public_id", "bank__name", "status", "consent_until", "last_read_at", "created_at", "linked_at", "ended_at")),
    Part("linked_accounts", "open_banking.LinkedAccount", "link__user",
         ("link__bank__name", "label", "masked_number", "currency", "balance_minor", "balance_at")),
    Part("linked_lines", "open_banking.LinkedLine", "account__link__user",
         ("account__label", "booked_at", "currency", "amount_minor", "description", "counterparty")),
    Part("developer", "open_banking.DeveloperAccount", "user", ("organisation", "created_at")),
)  # fmt: skip
personal.leave_out(
    "Random codes that live minutes to months and say nothing of a person; the consent they belong to is told.",
    "open_banking.AccessToken.user", "open_banking.RefreshToken.user", "open_banking.IdToken.user",
    "open_banking.AuthorisationCode.user", "open_banking.DeviceGrant.user",
)  # fmt: skip
personal.leave_out("Work of staff.", "open_banking.ThirdPartyApp.approved_by")
personal.leave_out("Who moved a consent: its customer, told with it, or staff.", "open_banking.ConsentEvent.by")


def _end_consents(people: Sequence[int], at: datetime) -> int:
    """Nothing is shown any more of who leaves."""
    rows = Consent.objects.select_for_update().filter(user_id__in=people, status__in=OPEN).order_by("pk")
    ids = list(rows.values_list("pk", flat=True))
    count = end_many(ids, to=ConsentStatus.REVOKED_BY_BANK, actor=Actor.BANK, by=None, reason="erased", at=at)
    count += forget_links(people, at)
    return count + int(AccessToken.objects.filter(user_id__in=people).delete()[0])


def _delete_reads(people: Sequence[int], at: datetime) -> int:
    """The one way by which rows written once may go: the law's time is over."""
    Consent.objects.filter(user_id__in=people).update(purpose="", payee=None)
    PaymentTerms.objects.filter(consent__user_id__in=people).update(payee_name="", payee_address=None, destination=None)
    TransactionRequest.objects.filter(user_id__in=people).update(details=None)
    DeveloperAccount.objects.filter(user_id__in=people).update(organisation="")
    LinkedBank.objects.filter(user_id__in=people).delete()
    with erasing(AccessLog):
        return int(AccessLog.objects.filter(user_id__in=people).delete()[0])


personal.erases(
    Step("open_banking.consents", at_once=True, act=_end_consents),
    Step("open_banking.reads", at_once=False, act=_delete_reads),
)
