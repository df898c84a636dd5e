"""Papers that customers bring, what was read on them, and the verification that leads from them to a tier."""

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from apps.kernel.fields import EncryptedText, Fingerprint, PrintCopy, SavedInOne
from apps.kernel.triggers import append_only


class DocumentKind(models.TextChoices):
    """What a paper is."""

    NATIONAL_ID = "NATIONAL_ID", _("National ID")
    PASSPORT = "PASSPORT", _("Passport")
    ALIEN_ID = "ALIEN_ID", _("Alien card")
    DRIVING_LICENCE = "DRIVING_LICENCE", _("Driving licence")
    SELFIE = "SELFIE", _("Photo of yourself")
    TAX_PIN = "TAX_PIN", _("KRA PIN certificate")
    PROOF_OF_ADDRESS = "PROOF_OF_ADDRESS", _("Proof of address")
    BUSINESS_REGISTRATION = "BUSINESS_REGISTRATION", _("Certificate of registration")
    CR12 = "CR12", _("List of directors and shareholders (CR12)")
    PARTNERSHIP_DEED = "PARTNERSHIP_DEED", _("Partnership deed")
    GROUP_CONSTITUTION = "GROUP_CONSTITUTION", _("Constitution of the group")


class Side(models.TextChoices):
    """Which part of it a file shows."""

    FRONT = "FRONT", pgettext_lazy("of a paper", "Front")
    BACK = "BACK", pgettext_lazy("of a paper", "Back")
    PAGE = "PAGE", pgettext_lazy("of a paper", "Page")


class DocumentStatus(models.TextChoices):
    """Where a paper stands."""

    UPLOADED = "UPLOADED", _("Received")
    IN_REVIEW = "IN_REVIEW", _("Being checked")
    VERIFIED = "VERIFIED", pgettext_lazy("of a paper", "Checked")
    REJECTED = "REJECTED", _("Not accepted")
    EXPIRED = "EXPIRED", _("Expired")


class AskedBecause(models.TextChoices):
    """Why a part is asked for again, in words the customer reads in their language."""

    BLURRED = "BLURRED", _("The picture is blurred or too dark to read.")
    CUT_OFF = "CUT_OFF", _("A part of the paper is outside the picture.")
    GLARE = "GLARE", _("Light on the paper hides what is written.")
    WRONG_PAPER = "WRONG_PAPER", _("This is another paper than the one we asked for.")
    EXPIRED = "EXPIRED", _("This paper has expired.")
    NOT_YOURS = "NOT_YOURS", _("The name or number on it is not the one we have of you.")
    FACE_HIDDEN = "FACE_HIDDEN", _("Your face is not fully seen.")
    UNLIKE = "UNLIKE", _("The photo and the paper do not show the same person.")


class TargetTier(models.TextChoices):
    """The tiers that papers lead to."""

    TIER_2 = "TIER_2", _("Tier 2")
    TIER_3 = "TIER_3", _("Tier 3")


class WorkflowStatus(models.TextChoices):
    """Where a verification stands."""

    STARTED = "STARTED", _("You are adding papers")
    WAITING_FOR_CUSTOMER = "WAITING_FOR_CUSTOMER", _("We asked you for something")
    IN_REVIEW = "IN_REVIEW", _("We are checking")
    APPROVED = "APPROVED", _("Approved")
    REJECTED = "REJECTED", _("Not approved")


class WorkflowQuerySet(models.QuerySet["VerificationWorkflow"]):
    """Verifications, as doors ask for them."""

    def owned_by(self, user: object) -> "WorkflowQuerySet":
        """A customer's own."""
        return self.filter(user=user)

    def live(self) -> "WorkflowQuerySet":
        """Not decided yet."""
        return self.filter(decided_at=None)

    def waiting(self) -> "WorkflowQuerySet":
        """In the officers' queue, the soonest promised first."""
        return self.filter(status=WorkflowStatus.IN_REVIEW, waits_for_second=False).order_by("answer_by", "pk")


class VerificationWorkflow(models.Model):
    """One customer's way to a tier: papers, checks, a person's decision. One at a time for each customer.

    `round` counts how often it came to us: checks belong to a round. `answer_by` is what we promised.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    target_tier = models.CharField(max_length=6, choices=TargetTier.choices)
    status = models.CharField(max_length=20, choices=WorkflowStatus.choices, default=WorkflowStatus.STARTED)
    round = models.PositiveSmallIntegerField(default=0)
    is_reopened = models.BooleanField(default=False, help_text=_("A known business changed; its limits stay meanwhile"))
    says_complete = models.BooleanField(
        default=False, help_text=_("A business said that nobody it did not name holds a tenth of it")
    )
    started_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True, help_text=_("When the bank's own checks of this round were done"))
    answer_by = models.DateTimeField(null=True)
    assigned_to = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    claimed_at = models.DateTimeField(null=True)
    waits_for_second = models.BooleanField(default=False)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")

    objects = WorkflowQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user"], condition=Q(decided_at=None), name="one_live_verification_each"),
            models.CheckConstraint(condition=Q(status__in=WorkflowStatus.values), name="verification_status_is_known"),
            models.CheckConstraint(
                condition=Q(status__in=["APPROVED", "REJECTED"], decided_by__isnull=False, decided_at__isnull=False)
                | (~Q(status__in=["APPROVED", "REJECTED"]) & Q(decided_by=None, decided_at=None)),
                name="a_verification_is_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("user")), name="nobody_verifies_themselves"
            ),
            models.CheckConstraint(
                condition=Q(assigned_to=None) | ~Q(assigned_to=F("user")), name="nobody_takes_their_own_verification"
            ),
            models.CheckConstraint(
                condition=~Q(status="IN_REVIEW") | Q(submitted_at__isnull=False, answer_by__isnull=False),
                name="a_review_has_a_clock",
            ),
        ]
        indexes = [
            models.Index(fields=["answer_by", "id"], condition=Q(status="IN_REVIEW"), name="verifications_waiting"),
            models.Index(fields=["user", "-started_at"], name="verifications_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.target_tier}"

    def is_late(self, at: datetime) -> bool:
        """Whether we promised an answer before now."""
        return self.status == WorkflowStatus.IN_REVIEW and self.answer_by is not None and self.answer_by < at


class DocumentQuerySet(models.QuerySet["KycDocument"]):
    """Papers, as doors ask for them."""

    def owned_by(self, user: object) -> "DocumentQuerySet":
        """A customer's own."""
        return self.filter(user=user)

    def current(self) -> "DocumentQuerySet":
        """Not replaced by a newer picture of the same part."""
        return self.filter(replaced_at=None)


class KycDocument(models.Model):
    """One side or page of a paper. Its number and what was read on it are sealed; the file is kept apart, sealed too.

    `key` makes the same upload one row, however often it is sent; `sha256_given` is of what came, `sha256_kept` of the
    clean copy, before sealing.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    workflow = models.ForeignKey(VerificationWorkflow, on_delete=models.PROTECT, related_name="documents")
    person = models.ForeignKey(
        "kyc.BusinessPerson",
        on_delete=models.PROTECT,
        null=True,
        related_name="documents",
        help_text=_("Whose paper it is among those a business named"),
    )
    kind = models.CharField(max_length=21, choices=DocumentKind.choices)
    side = models.CharField(max_length=5, choices=Side.choices)
    number = EncryptedText(null=True)
    number_print = Fingerprint(of="number", null=True)
    reading = EncryptedText(null=True)
    born_on = EncryptedText(null=True)
    expires_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=9, choices=DocumentStatus.choices, default=DocumentStatus.UPLOADED)
    media_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField(help_text=_("Bytes of the clean copy"))
    sha256_given = models.CharField(max_length=64)
    sha256_kept = models.CharField(max_length=64)
    key = models.CharField(max_length=255)
    consent_at = models.DateTimeField(null=True, help_text=_("When they agreed that their face is compared"))
    uploaded_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)
    asked_because = models.CharField(max_length=11, choices=AskedBecause.choices, blank=True, default="")
    reviewed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    reviewed_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")

    objects = DocumentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="one_upload_a_key"),
            models.UniqueConstraint(
                fields=["workflow", "person", "kind", "side"],
                condition=Q(replaced_at=None),
                nulls_distinct=False,
                name="one_current_picture_a_part",
            ),
            models.CheckConstraint(condition=Q(status__in=DocumentStatus.values), name="document_status_is_known"),
            models.CheckConstraint(condition=Q(kind__in=DocumentKind.values), name="document_kind_is_known"),
            models.CheckConstraint(condition=Q(size__gt=0), name="a_document_is_not_empty"),
            models.CheckConstraint(
                condition=~Q(kind="SELFIE") | Q(consent_at__isnull=False), name="a_face_is_kept_with_consent"
            ),
            models.CheckConstraint(
                condition=Q(reviewed_by=None) | ~Q(reviewed_by=F("user")), name="nobody_reviews_their_own_paper"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["VERIFIED", "REJECTED"])
                | Q(reviewed_by__isnull=False, reviewed_at__isnull=False),
                name="a_checked_paper_has_a_checker",
            ),
        ]
        indexes = [
            models.Index(fields=["expires_on"], condition=Q(status="VERIFIED"), name="papers_that_expire"),
            models.Index(fields=["user", "-uploaded_at"], name="papers_of_a_person"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.kind} {self.side}"


class DocumentFile(models.Model):
    """The sealed bytes of a document, in a row of their own so that no list ever loads them.

    `sha256_stored` is of the sealed bytes: damage is seen without a key.
    """

    document = models.OneToOneField(KycDocument, on_delete=models.PROTECT, primary_key=True, related_name="file")
    sealed = models.BinaryField()
    key_id = models.CharField(max_length=40)
    sha256_stored = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["key_id"], name="files_by_key")]

    def __str__(self) -> str:
        return str(self.document_id)


class HeldNumber(SavedInOne):
    """The number of a checked paper belongs to one customer."""

    kind = models.CharField(max_length=21, choices=DocumentKind.choices)
    number_print = PrintCopy(max_length=32, source="kyc.KycDocument.number_print")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["kind", "number_print"], name="a_number_has_one_holder")]
        indexes = [models.Index(fields=["number_print"], name="held_numbers_by_print")]

    def __str__(self) -> str:
        return f"{self.kind} {self.user_id}"


class CheckKind(models.TextChoices):
    """What is checked."""

    NUMBER = "NUMBER", _("Number on the paper and in the profile")
    NAME = "NAME", _("Name on the paper and in the profile")
    AGE = "AGE", _("Age")
    EXPIRY = "EXPIRY", _("Date of expiry")
    READING = "READING", _("Reading of the machine-readable zone")
    REGISTRY = "REGISTRY", _("Government registry")
    FACE = "FACE", _("Face on the photo and on the paper")
    LIVENESS = "LIVENESS", _("A living person took the photo")
    HOLDER = "HOLDER", _("Nobody else holds this number")
    OWNERS = "OWNERS", _("Directors and owners as on the papers")
    PEOPLE = "PEOPLE", _("Everybody named is known to us")


class CheckResult(models.TextChoices):
    """What came of it. Nothing that failed or stayed silent ever passes by itself."""

    PASS = "PASS", _("Agrees")
    FAIL = "FAIL", _("Does not agree")
    PERSON = "PERSON", _("Needs a person")


class WorkflowCheck(models.Model):
    """One check of a round: what, by whom or what, and what came of it. `facts` holds no personal data."""

    workflow = models.ForeignKey(VerificationWorkflow, on_delete=models.PROTECT, related_name="checks")
    round = models.PositiveSmallIntegerField()
    kind = models.CharField(max_length=8, choices=CheckKind.choices)
    result = models.CharField(max_length=6, choices=CheckResult.choices)
    engine = models.CharField(max_length=40, help_text=_("What was asked; empty when a person looked"))
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=CheckKind.values), name="check_kind_is_known"),
            models.CheckConstraint(condition=Q(result__in=CheckResult.values), name="check_result_is_known"),
            models.CheckConstraint(condition=Q(by__isnull=False) | ~Q(engine=""), name="somebody_made_the_check"),
            models.UniqueConstraint(
                fields=["workflow", "round", "kind"], condition=Q(by=None), name="the_bank_checks_once_a_round"
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.workflow_id} {self.kind} {self.result}"
