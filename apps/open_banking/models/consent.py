"""What a customer let an app do: the consent, its accounts, its moves, and everything that left by it."""

import uuid
from datetime import datetime
from typing import Any, cast

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Account
from apps.kernel.fields import EncryptedText
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only
from apps.open_banking import rules
from apps.open_banking.models.app import ThirdPartyApp
from apps.open_banking.models.sandbox import SandboxAccount, SandboxPersona
from apps.open_banking.states import OPEN, WAITING, WORDS, ConsentStatus, Words


class ConsentType(models.TextChoices):
    """What kind of access."""

    AIS = "AIS", _("Read accounts")
    PIS = "PIS", _("Pay somebody")
    CBPII = "CBPII", _("Ask whether an amount is there")
    IDENTITY = "IDENTITY", _("Sign in with KitBank")


class Permission(models.TextChoices):
    """What may be done with one account."""

    ACCOUNTS = rules.ACCOUNTS, _("Account name, number and kind")
    BALANCES = rules.BALANCES, _("Balances")
    TRANSACTIONS = rules.TRANSACTIONS, _("Money in and out")
    FUNDS = rules.FUNDS, _("Yes or no: is an amount there")
    PAYMENT = rules.PAYMENT, _("Paying one payee")


class Actor(models.TextChoices):
    """Who moved a consent."""

    PSU = "PSU", _("Customer")
    TPP = "TPP", _("App")
    BANK = "BANK", _("Bank")
    CLOCK = "CLOCK", _("Its time")


class ConsentQuerySet(models.QuerySet["Consent"]):
    """Consents by whose they are and where they stand."""

    def owned_by(self, user: Any) -> "ConsentQuerySet":
        """Those of one customer."""
        return self.filter(user_id=user.pk)

    def of_app(self, app: ThirdPartyApp) -> "ConsentQuerySet":
        """Those one app asked for."""
        return self.filter(app_id=app.pk)

    def live(self, at: datetime) -> "ConsentQuerySet":
        """Given, and not over."""
        return self.filter(status=ConsentStatus.VALID, valid_from__lte=at, valid_until__gt=at)

    def overdue(self, at: datetime) -> "ConsentQuerySet":
        """Still open though the time is over: the consent's own, or the time to authorise it."""
        return self.filter(Q(status__in=OPEN, valid_until__lte=at) | Q(status__in=WAITING, authorise_before__lte=at))

    def with_last_use(self) -> "ConsentQuerySet":
        """Adds `last_used_at`, from the log of what left."""
        newest = AccessLog.objects.filter(consent=models.OuterRef("pk")).order_by("-at").values("at")[:1]
        return self.annotate(last_used_at=models.Subquery(newest))


class Consent(models.Model):
    """One customer's word to one app: what, for which accounts, until when. Amounts are minor units of `currency`."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    app = models.ForeignKey(ThirdPartyApp, on_delete=models.PROTECT, related_name="consents", db_index=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    is_sandbox = models.BooleanField(default=False, help_text=_("As its app was when it was lodged, for good"))
    persona = models.ForeignKey(
        SandboxPersona, on_delete=models.PROTECT, null=True, related_name="+", help_text=_("Who let the app in there")
    )
    consent_type = models.CharField(max_length=8, choices=ConsentType.choices)
    status = models.CharField(max_length=20, choices=ConsentStatus.choices, default=ConsentStatus.RECEIVED)
    accounts_access = models.BooleanField(default=False)
    balances_access = models.BooleanField(default=False)
    transactions_access = models.BooleanField(default=False)
    payment_initiation = models.BooleanField(default=False)
    is_recurring = models.BooleanField(default=True)
    frequency_per_day = models.PositiveSmallIntegerField(default=4, help_text=_("Reads a day without the customer"))
    purpose = models.CharField(max_length=140, blank=True, default="")
    transactions_from = models.DateField(null=True, blank=True, help_text=_("Nothing older is shown"))
    amount_minor = models.BigIntegerField(null=True, blank=True)
    currency = models.CharField(max_length=8, blank=True, default="")
    payee = EncryptedText(null=True, row="public_id", help_text=_("Name, and phone or account as they are shown"))
    created_at = models.DateTimeField()
    authorise_before = models.DateTimeField()
    valid_from = models.DateTimeField()
    valid_until = models.DateTimeField()
    authorised_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    sca_method = models.CharField(max_length=8, blank=True, default="")
    warned_at = models.DateTimeField(null=True, blank=True)

    amount = MoneyOf("amount_minor")

    objects = ConsentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(status__in=ConsentStatus.values), name="consent_status_is_known"),
            models.CheckConstraint(
                condition=Q(valid_until__gt=F("valid_from")), name="consents_end_after_they_begin"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["VALID", "CONSUMED", "REVOKED_BY_PSU"])
                | Q(user__isnull=False, authorised_at__isnull=False),
                name="given_consents_say_by_whom_and_when",
            ),
            models.CheckConstraint(
                condition=Q(status__in=OPEN, ended_at=None) | (~Q(status__in=OPEN) & Q(ended_at__isnull=False)),
                name="consents_end_when_they_are_over",
            ),
            models.CheckConstraint(
                condition=Q(consent_type="PIS", amount_minor__gt=0, payment_initiation=True)
                & ~Q(currency="")
                | (~Q(consent_type="PIS") & Q(amount_minor=None, payment_initiation=False)),
                name="only_payments_have_an_amount",
            ),
            models.CheckConstraint(
                condition=~Q(consent_type="AIS")
                | Q(accounts_access=True) | Q(balances_access=True) | Q(transactions_access=True),
                name="account_consents_ask_for_something",
            ),
            models.CheckConstraint(
                condition=Q(frequency_per_day__gte=1) & (Q(is_recurring=True) | Q(frequency_per_day=1)),
                name="one_off_consents_read_once_a_day",
            ),
            models.UniqueConstraint(
                fields=["app", "user", "persona"],
                condition=Q(status="VALID", consent_type="AIS", is_recurring=True),
                nulls_distinct=False,
                name="one_recurring_consent_per_app_and_customer",
            ),
            models.CheckConstraint(
                condition=Q(is_sandbox=False, persona=None) | Q(is_sandbox=True),
                name="live_consents_have_no_persona",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["user", "-created_at"], name="consents_of_a_customer"),
            models.Index(fields=["app", "-created_at"], name="consents_of_an_app"),
            models.Index(fields=["valid_until"], condition=Q(status__in=OPEN), name="open_consents_by_end"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="consents_stay_where_their_app_was",
                operation=pgtrigger.Insert | pgtrigger.UpdateOf("is_sandbox", "app_id"),
                when=pgtrigger.Before,
                func="""
                IF TG_OP = 'UPDATE' THEN
                    IF (OLD.is_sandbox, OLD.app_id) IS DISTINCT FROM (NEW.is_sandbox, NEW.app_id) THEN
                        RAISE EXCEPTION 'a consent is of one app, and of the sandbox or not, for good';
                    END IF;
                    RETURN NEW;
                END IF;
                IF NEW.is_sandbox IS DISTINCT FROM (
                    SELECT is_sandbox FROM open_banking_thirdpartyapp WHERE id = NEW.app_id FOR SHARE
                ) THEN
                    RAISE EXCEPTION 'a consent is of the sandbox exactly when its app is';
                END IF;
                RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def permissions(self) -> list[Permission]:
        """What it asks for, for every chosen account."""
        asked = [
            (Permission.ACCOUNTS, self.accounts_access or self.balances_access or self.transactions_access),
            (Permission.BALANCES, self.balances_access),
            (Permission.TRANSACTIONS, self.transactions_access),
            (Permission.FUNDS, self.consent_type == ConsentType.CBPII),
            (Permission.PAYMENT, self.payment_initiation),
        ]
        return [one for one, is_asked in asked if is_asked]

    @property
    def words(self) -> Words:
        """Its status as each standard says it."""
        return WORDS[self.status]

    def is_live(self, at: datetime) -> bool:
        """Given, and not over."""
        return self.status == ConsentStatus.VALID and self.valid_from <= at < self.valid_until


def one_account(name: str) -> models.CheckConstraint:
    """A real account or one of the sandbox: one of them, never both."""
    return models.CheckConstraint(
        condition=Q(account__isnull=False, sandbox_account=None) | Q(account=None, sandbox_account__isnull=False),
        name=name,
    )


class ConsentAccount(models.Model):
    """One permission on one account, as the customer chose: a real one, or in the sandbox one of its developer's."""

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="chosen", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    sandbox_account = models.ForeignKey(SandboxAccount, on_delete=models.PROTECT, null=True, related_name="+")
    permission = models.CharField(max_length=12, choices=Permission.choices)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consent", "account", "permission"], name="each_permission_given_once"),
            models.UniqueConstraint(
                fields=["consent", "sandbox_account", "permission"], name="each_sandbox_permission_given_once"
            ),
            one_account("permissions_are_on_one_account"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="the_sandbox_and_real_money_stay_apart",
                operation=pgtrigger.Insert | pgtrigger.Update,
                when=pgtrigger.Before,
                func="""
                IF (NEW.sandbox_account_id IS NOT NULL)
                   IS DISTINCT FROM (SELECT is_sandbox FROM open_banking_consent WHERE id = NEW.consent_id) THEN
                    RAISE EXCEPTION 'a sandbox consent holds sandbox accounts alone, a live one real accounts alone';
                END IF;
                IF NEW.sandbox_account_id IS NOT NULL AND NOT EXISTS (
                    SELECT 1 FROM open_banking_sandboxaccount one
                      JOIN open_banking_sandboxpersona who ON who.id = one.persona_id
                      JOIN open_banking_consent given ON given.id = NEW.consent_id AND given.persona_id = who.id
                      JOIN open_banking_thirdpartyapp app ON app.id = given.app_id
                     WHERE one.id = NEW.sandbox_account_id AND app.developer_id = who.developer_id
                ) THEN
                    RAISE EXCEPTION 'a sandbox consent holds accounts of its own persona, and of its own developer';
                END IF;
                RETURN NEW;
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.held} {self.permission}"

    @property
    def held(self) -> Account | SandboxAccount:
        """The account, whichever it is."""
        return cast("Account | SandboxAccount", self.account or self.sandbox_account)  # the table has one of them


class ConsentEvent(models.Model):
    """One move of a consent, written once."""

    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, related_name="events", db_index=False)
    was = models.CharField(max_length=20, blank=True)
    became = models.CharField(max_length=20, choices=ConsentStatus.choices)
    actor = models.CharField(max_length=5, choices=Actor.choices)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["consent", "at"], name="moves_of_a_consent")]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.was} → {self.became}"


class Resource(models.TextChoices):
    """What was read."""

    ACCOUNTS = "ACCOUNTS", _("Account name, number and kind")
    BALANCES = "BALANCES", _("Balances")
    TRANSACTIONS = "TRANSACTIONS", _("Money in and out")
    FUNDS = "FUNDS", _("Yes or no: is an amount there")
    IDENTITY = "IDENTITY", _("Who you are")
    PAYMENT = "PAYMENT", _("A payment")
    PAYEES = "PAYEES", _("Saved payees")


class AccessLog(models.Model):
    """Something left the bank for an app: what of which account, how much of it, when. Written before it leaves."""

    app = models.ForeignKey(ThirdPartyApp, on_delete=models.PROTECT, related_name="+")
    consent = models.ForeignKey(Consent, on_delete=models.PROTECT, null=True, related_name="reads", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    sandbox_account = models.ForeignKey(SandboxAccount, on_delete=models.PROTECT, null=True, related_name="+")
    resource = models.CharField(max_length=12, choices=Resource.choices)
    fields = models.CharField(max_length=300, help_text=_("The names of what left, never its values"))
    rows = models.PositiveIntegerField(default=1)
    person_present = models.BooleanField()
    interaction_id = models.UUIDField()
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["consent", "-at"], name="reads_of_a_consent"),
            models.Index(fields=["user", "-at"], name="reads_of_a_customer"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(account=None) | Q(sandbox_account=None), name="what_left_was_real_or_of_the_sandbox"
            )
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.resource} {self.at:%Y-%m-%d %H:%M}"


class UnattendedReads(models.Model):
    """How often an account was read in a day without the customer being there."""

    consent = models.ForeignKey(Consent, on_delete=models.CASCADE, related_name="+", db_index=False)
    account = models.ForeignKey(Account, on_delete=models.PROTECT, null=True, related_name="+")
    sandbox_account = models.ForeignKey(SandboxAccount, on_delete=models.PROTECT, null=True, related_name="+")
    resource = models.CharField(max_length=12, choices=Resource.choices)
    day = models.DateField()
    reads = models.PositiveIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["consent", "account", "resource", "day"], name="one_count_a_day"),
            models.UniqueConstraint(
                fields=["consent", "sandbox_account", "resource", "day"], name="one_sandbox_count_a_day"
            ),
            one_account("reads_are_of_one_account"),
        ]

    def __str__(self) -> str:
        return f"{self.day}: {self.reads}"
