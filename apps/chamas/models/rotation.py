"""The merry-go-round: rounds in which every member has one turn, and how their order came about."""

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.chamas.models.constitution import ConstitutionVersion
from apps.chamas.models.cycle import Cycle
from apps.chamas.models.group import ChamaGroup, Membership
from apps.kernel.fields import EncryptedText
from apps.kernel.money import MoneyOf
from apps.kernel.triggers import append_only


class RoundStatus(models.TextChoices):
    """Where a round stands."""

    ORDERING = "ORDERING", _("Words or bids are taken")
    RUNNING = "RUNNING", _("Running")
    DONE = "DONE", _("Everybody had a turn")


class Round(models.Model):
    """Every member of the start once. For a draw the bank publishes `seed_hash` first and shows `shown_seed` after."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="rounds", db_index=False)
    version = models.ForeignKey(ConstitutionVersion, on_delete=models.PROTECT, related_name="+")
    number = models.PositiveIntegerField()
    how = models.CharField(max_length=9)
    status = models.CharField(max_length=8, choices=RoundStatus.choices)
    currency = models.CharField(max_length=8)
    seed = EncryptedText(row="public_id", blank=True)
    seed_hash = models.CharField(max_length=64, blank=True, default="")
    shown_seed = models.CharField(max_length=64, blank=True, default="")
    until = models.DateTimeField(null=True, blank=True, help_text=_("Words and bids are taken until then"))
    started_at = models.DateTimeField()
    ordered_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["group", "number"], name="rounds_are_numbered"),
            models.UniqueConstraint(
                fields=["group"], condition=Q(status__in=["ORDERING", "RUNNING"]), name="one_round_at_a_time"
            ),
            models.CheckConstraint(condition=Q(how__in=["FIXED", "DRAWN", "AUCTIONED"]), name="order_is_made_somehow"),
            models.CheckConstraint(
                condition=Q(status="ORDERING", ordered_at=None, until__isnull=False, shown_seed="")
                | Q(status="RUNNING", ordered_at__isnull=False, done_at=None)
                | Q(status="DONE", ordered_at__isnull=False, done_at__isnull=False),
                name="rounds_have_their_times",
            ),
            models.CheckConstraint(
                condition=~Q(how="DRAWN") | (~Q(seed_hash="") & (Q(status="ORDERING") | ~Q(shown_seed=""))),
                name="a_draw_is_committed_to_and_shown",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.group} · {self.number}"


class Turn(models.Model):
    """One member's turn: the pot of one cycle (minor units), less what they gave up for being early."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="turns", db_index=False)
    position = models.PositiveIntegerField()
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="turns")
    cycle = models.OneToOneField(Cycle, on_delete=models.PROTECT, null=True, related_name="turn")
    discount_minor = models.BigIntegerField(default=0)
    shared_minor = models.BigIntegerField(default=0, help_text=_("Of the discount, given to the others"))
    paid_minor = models.BigIntegerField(default=0, help_text=_("Paid out to the member"))
    paid_at = models.DateTimeField(null=True, blank=True, help_text=_("Paid out in full, or closed"))
    skipped_at = models.DateTimeField(
        null=True, blank=True, help_text=_("Closed by decision: what was unpaid is not owed")
    )

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["round", "member"], name="a_member_has_one_turn_in_a_round"),
            models.UniqueConstraint(
                fields=["round", "position"], name="turns_are_in_order", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(
                condition=Q(shared_minor__gte=0, shared_minor__lte=F("discount_minor"), paid_minor__gte=0),
                name="a_turn_gives_up_no_more_than_was_bid",
            ),
            models.CheckConstraint(
                condition=Q(cycle__isnull=False) | Q(paid_minor=0, shared_minor=0, paid_at=None),
                name="a_turn_is_paid_of_its_cycle",
            ),
            models.CheckConstraint(
                condition=Q(skipped_at=None) | Q(skipped_at=F("paid_at")), name="a_closed_turn_is_over"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} · {self.position}"


class DrawWord(models.Model):
    """What a member put into a draw, once, before the seed was shown."""

    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="words", db_index=False)
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    word = models.CharField(max_length=40)
    at = models.DateTimeField()

    class Meta:
        default_permissions = ()
        triggers = append_only()
        constraints = [models.UniqueConstraint(fields=["round", "member"], name="a_member_adds_one_word")]

    def __str__(self) -> str:
        return f"{self.round_id} · {self.member_id}"


class Bid(models.Model):
    """What a member offers to give up for an early turn; nobody reads it before all are opened."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    round = models.ForeignKey(Round, on_delete=models.PROTECT, related_name="bids", db_index=False)
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    sealed = EncryptedText(row="public_id")
    opened_minor = models.BigIntegerField(null=True)
    currency = models.CharField(max_length=8)
    at = models.DateTimeField()

    opened = MoneyOf("opened_minor")

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["round", "member"], name="a_member_bids_once"),
            models.CheckConstraint(
                condition=Q(opened_minor=None) | Q(opened_minor__gt=0), name="an_opened_bid_gives_up_something"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.round_id} · {self.member_id}"


class SwapStatus(models.TextChoices):
    """Whether the other one agreed."""

    ASKED = "ASKED", _("Waits for an answer")
    DONE = "DONE", _("Swapped")
    DECLINED = "DECLINED", _("Declined")
    WITHDRAWN = "WITHDRAWN", _("Taken back")
    LAPSED = "LAPSED", _("Not answered")


class Swap(models.Model):
    """One member asks another for their turn; both positions as they were, and how it ended."""

    asker = models.ForeignKey(Turn, on_delete=models.PROTECT, related_name="+")
    other = models.ForeignKey(Turn, on_delete=models.PROTECT, related_name="+")
    asker_position = models.PositiveIntegerField()
    other_position = models.PositiveIntegerField()
    status = models.CharField(max_length=9, choices=SwapStatus.choices, default=SwapStatus.ASKED)
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True, blank=True, help_text=_("When it ended, by whatever"))

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["asker"], condition=Q(status="ASKED"), name="one_swap_is_asked_at_a_time"),
            models.CheckConstraint(condition=~Q(asker=F("other")), name="a_swap_is_between_two"),
            models.CheckConstraint(
                condition=Q(status="ASKED", answered_at=None) | (~Q(status="ASKED") & Q(answered_at__isnull=False)),
                name="a_swap_is_answered_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.asker_id} ⇄ {self.other_id}"
