"""The records, the seals over them, what verifying found, and what was anchored outside."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.db.models.expressions import RawSQL
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from apps.kernel.confidential import unseen
from apps.kernel.triggers import append_only

# What is sealed of a row: every column, in this order, as one JSON array written by PostgreSQL. Instants are whole
# microseconds since 1970, so that no session's time zone can change the text.
SEALED_COLUMNS = (
    "id",
    "action",
    "actor_id",
    "customer_id",
    "target_type",
    "target_id",
    "before",
    "after",
    "reason",
    "ip_address",
    "user_agent",
    "request_id",
    "at",
    "written_at",
)
_INSTANTS = {"at", "written_at"}


def _content(column: str) -> str:
    name = f'audit_trail_auditlog."{column}"'
    return f"(extract(epoch from {name}) * 1000000)::bigint" if column in _INSTANTS else name


# RFC 6962: a leaf is hashed with 0x00 before its content.
LEAF_SQL = (
    f"sha256('\\x00'::bytea || convert_to(jsonb_build_array({', '.join(map(_content, SEALED_COLUMNS))})::text, 'UTF8'))"
)


class AuditLogQuerySet(models.QuerySet["AuditLog"]):
    """Records by person and thing."""

    def by_actor(self, user: Any) -> "AuditLogQuerySet":
        """What this person did."""
        return self.filter(actor=user)

    def on_target(self, target: models.Model | str) -> "AuditLogQuerySet":
        """What was done to this thing: a row, `app.model/pk`, or the reference string it was recorded under."""
        if isinstance(target, models.Model):
            return self.filter(target_type=target._meta.label_lower, target_id=str(target.pk))
        kind, _slash, key = target.partition("/")
        return self.filter(Q(target_type=kind, target_id=key) | Q(target_type="", target_id=target))

    def of_customer(self, user: Any) -> "AuditLogQuerySet":
        """What concerns this customer: done by them, or to what is theirs."""
        return self.filter(Q(customer=user) | Q(actor=user))

    def seen_by(self, who: Any) -> "AuditLogQuerySet":
        """Without what is kept from this reader: records whose very being there would tell, and what was done about
        themselves as a customer.
        """
        return self.exclude(unseen(who, "action", "target_type", "target_id")).exclude(customer=who)

    def with_leaf(self) -> "AuditLogQuerySet":
        """Adds `leaf_hash`: the hash of the row as it stands now (32 bytes)."""
        # The SQL is a constant of this module.
        return self.annotate(leaf_hash=RawSQL(LEAF_SQL, [], output_field=models.BinaryField()))  # noqa: S611


class AuditLog(models.Model):
    """Somebody did something to something; written once, in the transaction of the deed."""

    action = models.CharField(max_length=120)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", db_index=False
    )
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
        help_text=_("Whose profile, account or product it was about"),
    )
    target_type = models.CharField(max_length=100, blank=True, default="")
    target_id = models.CharField(max_length=200, blank=True, default="")
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    reason = models.TextField(blank=True, default="")
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True, default="")
    request_id = models.CharField(max_length=64, blank=True, default="")
    at = models.DateTimeField(help_text=_("When it was done"))
    written_at = models.DateTimeField(db_default=Now(), help_text=_("The database's own clock"))

    objects = AuditLogQuerySet.as_manager()

    class Meta:
        verbose_name = _("record")
        verbose_name_plural = _("records")
        triggers = append_only()
        default_permissions = ()
        permissions = [("view_audit", "Can read and verify the audit trail")]
        constraints = [models.CheckConstraint(condition=~Q(action=""), name="a_record_says_what_was_done")]
        indexes = [
            models.Index(fields=["target_type", "target_id", "-id"], name="records_of_a_target"),
            models.Index(fields=["actor", "-id"], condition=Q(actor__isnull=False), name="records_of_an_actor"),
            models.Index(fields=["customer", "-id"], condition=Q(customer__isnull=False), name="records_of_a_customer"),
            models.Index(fields=["action", "-id"], name="records_of_an_action"),
            BrinIndex(fields=["at"], name="records_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.target}"

    @property
    def target(self) -> str:
        """What it was done to, as a reference."""
        return f"{self.target_type}/{self.target_id}" if self.target_type else self.target_id


class Seal(models.Model):
    """A block of up to 1,000 records under one Merkle root, chained to the block before.

    `root` is the hash of (previous root, Merkle root of the leaves); so the newest root covers every record sealed.
    """

    number = models.BigIntegerField(primary_key=True)
    upto = models.BigIntegerField(unique=True, help_text=_("The last record of the block"))
    ids = ArrayField(models.BigIntegerField())
    leaves = models.BinaryField(help_text=_("The leaf hashes, 32 bytes each, in the order of ids"))
    root = models.BinaryField(max_length=32)
    previous_root = models.BinaryField(max_length=32)
    sealed_at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        default_permissions = ()
        constraints = [models.CheckConstraint(condition=Q(number__gt=0), name="seals_count_from_one")]

    def __str__(self) -> str:
        return f"{self.number} (up to {self.upto})"


class IntegrityCheck(models.Model):
    """One verification: what it covered and what it found."""

    from_seal = models.BigIntegerField()
    upto_seal = models.BigIntegerField()
    root = models.BinaryField(max_length=32, help_text=_("The newest root at the time"))
    records = models.BigIntegerField()
    is_intact = models.BooleanField()
    first_break = models.CharField(max_length=200, blank=True, default="")
    breaks = models.JSONField(default=list)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    at = models.DateTimeField()

    class Meta:
        triggers = append_only()
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(is_intact=True, first_break="") | (Q(is_intact=False) & ~Q(first_break="")),
                name="a_broken_chain_is_named",
            )
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {'intact' if self.is_intact else self.first_break}"


class AnchorStatus(models.TextChoices):
    """Where an anchor stands."""

    PENDING = "PENDING", _("Pending")
    ANCHORED = "ANCHORED", _("Anchored")
    FAILED = "FAILED", _("Failed")


class ChainAnchor(models.Model):
    """The newest root of a day, written down outside the bank."""

    period = models.DateField()
    seal_number = models.BigIntegerField()
    root_hash = models.BinaryField(max_length=32)
    chain = models.CharField(max_length=30)
    anchor_reference = models.CharField(max_length=200, blank=True, default="")
    status = models.CharField(max_length=8, choices=AnchorStatus.choices, default=AnchorStatus.PENDING)
    error = models.CharField(max_length=300, blank=True, default="")
    created_at = models.DateTimeField()
    anchored_at = models.DateTimeField(null=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["period", "chain"], name="one_anchor_per_day_and_chain"),
            models.CheckConstraint(
                condition=~Q(status="ANCHORED") | (~Q(anchor_reference="") & Q(anchored_at__isnull=False)),
                name="an_anchored_root_can_be_looked_up",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.chain}"
