"""What a group is asked to decide, who voted, and which officers put their name to it."""

import uuid

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.chamas.models.constitution import ConstitutionVersion
from apps.chamas.models.group import ChamaGroup, Membership
from apps.kernel.triggers import append_only


class ProposalStatus(models.TextChoices):
    """Where a proposal stands. PASSED: agreed on, but what it asks could not be done yet; no money has moved."""

    OPEN = "OPEN", _("Being decided")
    PASSED = "PASSED", _("Agreed on, not done yet")
    CARRIED_OUT = "CARRIED_OUT", _("Done")
    REJECTED = "REJECTED", _("Turned down")
    LAPSED = "LAPSED", _("Not decided in time")
    WITHDRAWN = "WITHDRAWN", _("Withdrawn")


class VoteChoice(models.TextChoices):
    """What a member says."""

    YES = "YES", pgettext_lazy("a vote", "For")
    NO = "NO", _("Against")
    ABSTAIN = "ABSTAIN", _("Abstain")


class Proposal(models.Model):
    """Something the group is asked to do: an act and its facts, decided by the constitution of the day it was made."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    group = models.ForeignKey(ChamaGroup, on_delete=models.PROTECT, related_name="proposals", db_index=False)
    act = models.CharField(max_length=20)
    facts = models.JSONField()
    amount_minor = models.BigIntegerField(default=0, help_text=_("What would leave the group; 0 for nothing"))
    why = models.CharField(max_length=200, blank=True, default="")
    concerned = ArrayField(models.BigIntegerField(), help_text=_("Members whose own money or post it is"))
    version = models.ForeignKey(ConstitutionVersion, on_delete=models.PROTECT, related_name="+")
    is_voted_on = models.BooleanField()
    majority_bps = models.PositiveIntegerField()
    sign_offs_needed = models.PositiveSmallIntegerField()
    made_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", db_index=False)
    key = models.CharField(max_length=120, help_text=_("The maker's form or request, counted once"))
    made_at = models.DateTimeField()
    closes_at = models.DateTimeField(help_text=_("The end of voting"))
    lapses_at = models.DateTimeField(help_text=_("Until when it can be done"))
    status = models.CharField(max_length=11, choices=ProposalStatus.choices, default=ProposalStatus.OPEN)
    decided_at = models.DateTimeField(null=True, blank=True)
    because = models.CharField(max_length=200, blank=True, default="", help_text=_("Why it was not done"))
    reference = models.CharField(max_length=60, blank=True, default="", help_text=_("What people quote, once done"))

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["made_by", "key"], name="a_proposal_form_counts_once"),
            models.CheckConstraint(condition=Q(status__in=ProposalStatus.values), name="proposal_status_is_known"),
            models.CheckConstraint(condition=Q(amount_minor__gte=0), name="a_proposal_asks_for_no_less_than_nothing"),
            models.CheckConstraint(
                condition=Q(made_at__lt=F("closes_at"), closes_at__lte=F("lapses_at")), name="a_proposal_has_time"
            ),
            models.CheckConstraint(
                condition=Q(is_voted_on=True) | Q(sign_offs_needed__gte=2), name="nobody_decides_for_a_group_alone"
            ),
            models.CheckConstraint(
                condition=Q(status="OPEN", decided_at=None) | (~Q(status="OPEN") & Q(decided_at__isnull=False)),
                name="a_decision_has_a_time",
            ),
        ]
        indexes = [
            models.Index(fields=["group", "-id"], name="proposals_of_a_group"),
            models.Index(fields=["closes_at"], condition=Q(status="OPEN"), name="proposals_by_end_of_voting"),
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.public_id}"


# The proposal is kept as it is until this row is in, so that nothing is added to what was decided a moment ago.
_STILL_OPEN = """
SELECT status, closes_at, group_id, concerned INTO asked FROM chamas_proposal WHERE id = NEW.proposal_id FOR SHARE;
SELECT group_id, status, role INTO own FROM chamas_membership WHERE id = NEW.member_id;
IF asked.status <> 'OPEN' OR own.group_id <> asked.group_id OR own.status <> 'ACTIVE'
   OR NEW.member_id = ANY(asked.concerned) OR {no}
THEN RAISE EXCEPTION 'member % has no say in proposal %', NEW.member_id, NEW.proposal_id
     USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
END IF;
RETURN NEW;
"""


def _has_a_say(name: str, no: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        operation=pgtrigger.Insert,
        when=pgtrigger.Before,
        declare=[("asked", "record"), ("own", "record")],
        func=_STILL_OPEN.format(no=no, name=name),
    )


class Vote(models.Model):
    """One member's say, once and for good."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="votes", db_index=False)
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    choice = models.CharField(max_length=7, choices=VoteChoice.choices)
    at = models.DateTimeField()

    class Meta:
        triggers = [
            *append_only(),
            _has_a_say("members_vote_in_time", "own.role = 'AUDITOR' OR NEW.at > asked.closes_at"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["proposal", "member"], name="a_member_votes_once"),
            models.CheckConstraint(condition=Q(choice__in=VoteChoice.values), name="vote_choice_is_known"),
        ]

    def __str__(self) -> str:
        return f"{self.proposal_id} {self.choice}"


class SignOff(models.Model):
    """An officer approves a proposal, or turns it down; never one's own money, and each officer once."""

    proposal = models.ForeignKey(Proposal, on_delete=models.PROTECT, related_name="sign_offs", db_index=False)
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    is_approval = models.BooleanField()
    because = models.CharField(max_length=200, blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        triggers = [
            *append_only(),
            _has_a_say("officers_sign_off", "own.role NOT IN ('CHAIR', 'TREASURER', 'SECRETARY')"),
        ]
        constraints = [models.UniqueConstraint(fields=["proposal", "member"], name="an_officer_signs_once")]

    def __str__(self) -> str:
        return f"{self.proposal_id} {'yes' if self.is_approval else 'no'}"
