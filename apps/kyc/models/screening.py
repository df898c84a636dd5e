"""Lists of people and firms that are watched, by versions, and customers who may be among them."""

from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from apps.kernel.triggers import append_only
from apps.users.queries import near


class WatchListKind(models.TextChoices):
    """Why somebody is on a list."""

    SANCTIONS = "SANCTIONS", _("Sanctions")
    PEP = "PEP", _("Politically exposed")
    ADVERSE = "ADVERSE", _("Adverse news")
    OWN = "OWN", _("Our own list")


class PartyKind(models.TextChoices):
    """What is listed."""

    PERSON = "PERSON", _("Person")
    FIRM = "FIRM", _("Firm or group")
    OTHER = "OTHER", _("Ship, aircraft or other")


class WatchList(models.Model):
    """A list somebody publishes, and the format of its files."""

    code = models.CharField(max_length=20, unique=True)
    name = models.CharField(max_length=80)
    kind = models.CharField(max_length=9, choices=WatchListKind.choices)
    format = models.CharField(max_length=4, choices=[("OFAC", "OFAC SDN XML"), ("UN", "UN XML"), ("CSV", "CSV")])
    source = models.CharField(max_length=200, help_text=_("Where its files come from"))

    class Meta:
        permissions = [("work_screening", "Can load watch lists and decide who is on them")]

    def __str__(self) -> str:
        return self.name


class ListVersion(models.Model):
    """One file of a list as it was loaded. A version is whole or not there: it is loaded in one transaction."""

    watch_list = models.ForeignKey(WatchList, on_delete=models.PROTECT, related_name="versions", db_index=False)
    number = models.PositiveIntegerField()
    published_on = models.DateField()
    sha256 = models.CharField(max_length=64)
    parties = models.PositiveIntegerField()
    added = models.PositiveIntegerField()
    changed = models.PositiveIntegerField()
    removed = models.PositiveIntegerField()
    loaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    loaded_at = models.DateTimeField()
    allowed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        null=True,
        help_text=_("Who allowed a file that is much shorter"),
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["watch_list", "number"], name="one_version_a_number"),
            models.CheckConstraint(condition=Q(parties__gt=0), name="a_list_lists_somebody"),
            models.CheckConstraint(
                condition=Q(allowed_by=None) | ~Q(allowed_by=F("loaded_by")), name="another_allows_a_shorter_list"
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.watch_list_id} {self.number}"


class OfferedList(models.Model):
    """A file that is much shorter than the list in force, as it was brought: kept until a second person has decided,
    and after that as what they decided on. `packed` is the file, deflated.
    """

    watch_list = models.ForeignKey(WatchList, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    packed = models.BinaryField()
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    offered_at = models.DateTimeField()

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.watch_list_id} {self.sha256[:8]}"


class ListedParty(models.Model):
    """One entry of a list between two versions of it. `uid` is the publisher's number; `births` is what it knows of the
    days of birth: `{"year", "on", "give_or_take"}`. `print` changes when names or births do, and nothing else.
    """

    watch_list = models.ForeignKey(WatchList, on_delete=models.PROTECT, related_name="parties")
    uid = models.CharField(max_length=60)
    kind = models.CharField(max_length=6, choices=PartyKind.choices)
    name = models.CharField(max_length=300)
    programme = models.CharField(max_length=300, blank=True, default="")
    remarks = models.TextField(blank=True, default="")
    countries = ArrayField(models.CharField(max_length=80), default=list)
    births = models.JSONField(default=list)
    print = models.CharField(max_length=64)
    whole_print = models.CharField(max_length=64, help_text=_("Of everything the list says"))
    since = models.ForeignKey(ListVersion, on_delete=models.PROTECT, related_name="+")
    until = models.ForeignKey(ListVersion, on_delete=models.PROTECT, related_name="+", null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["watch_list", "uid"], condition=Q(until=None), name="one_current_entry_a_party"
            ),
            models.CheckConstraint(condition=~Q(name=""), name="a_party_has_a_name"),
        ]

    def __str__(self) -> str:
        return self.name


class ListedName(models.Model):
    """A name of a listed party, with what it is found by."""

    party = models.ForeignKey(ListedParty, on_delete=models.CASCADE, related_name="names")
    text = models.CharField(max_length=300)
    is_weak = models.BooleanField(default=False, help_text=_("The publisher says so"))
    words = ArrayField(models.CharField(max_length=300))
    keys = ArrayField(models.CharField(max_length=300))

    class Meta:
        indexes = [GinIndex(fields=["keys"], name="listed_names_by_key")]

    def __str__(self) -> str:
        return self.text


class NameWord(models.Model):
    """How many names, listed and of customers, have a word: what many have says little. Counted anew each night."""

    word = models.CharField(max_length=300, primary_key=True)
    names = models.PositiveIntegerField()

    def __str__(self) -> str:
        return f"{self.word} {self.names}"


class ScreenedPerson(models.Model):
    """A customer's name as it was screened last; screened again when name or day of birth changed."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, primary_key=True, related_name="+")
    print = models.CharField(max_length=64)
    words = ArrayField(models.CharField(max_length=300))
    keys = ArrayField(models.CharField(max_length=300))
    screened_at = models.DateTimeField()

    class Meta:
        indexes = [GinIndex(fields=["keys"], name="screened_people_by_key")]

    def __str__(self) -> str:
        return str(self.user_id)


class ScreeningStatus(models.TextChoices):
    """What a person said of a hit."""

    OPEN = "OPEN", _("To be looked at")
    CLEARED = "CLEARED", _("Somebody else")
    CONFIRMED = "CONFIRMED", _("The same")
    GONE = "GONE", _("No longer alike")


class ScreeningHitQuerySet(models.QuerySet["ScreeningHit"]):
    """Hits by whom they may be shown to."""

    def visible_to(self, user: Any) -> "ScreeningHitQuerySet":
        """For those who decide on them: all but those of themselves and of who is near; for others there are none."""
        if not user.is_active or not user.has_perm("kyc.work_screening"):
            return self.none()
        return self.exclude(user__in=near(user.pk).values("pk"))


class ScreeningHit(models.Model):
    """A customer and a listed party that may be one: one row for good, so that what was cleared is remembered.

    It wakes when either of the two changes in name or birth, and when `sleeps_until` has come. `score` is 0 to 1.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    watch_list = models.ForeignKey(WatchList, on_delete=models.PROTECT, related_name="+")
    uid = models.CharField(max_length=60)
    party = models.ForeignKey(ListedParty, on_delete=models.PROTECT, related_name="hits")
    listed_name = models.CharField(max_length=300)
    score = models.DecimalField(max_digits=4, decimal_places=3)
    birth = models.CharField(max_length=9)
    pairs = models.JSONField(default=list, help_text=_("Which words were taken for each other"))
    status = models.CharField(max_length=9, choices=ScreeningStatus.choices, default=ScreeningStatus.OPEN)
    user_print = models.CharField(max_length=64)
    party_print = models.CharField(max_length=64)
    found_at = models.DateTimeField(help_text=_("Opened, or woken"))
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    reason = models.CharField(max_length=500, blank=True, default="")
    sleeps_until = models.DateTimeField(null=True)

    objects = ScreeningHitQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "watch_list", "uid"], name="a_pair_is_one_hit"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="a_hits_score_is_a_share"),
            models.CheckConstraint(condition=Q(status__in=ScreeningStatus.values), name="hit_status_is_known"),
            models.CheckConstraint(
                condition=~Q(status__in=["CLEARED", "CONFIRMED"])
                | (Q(decided_by__isnull=False, decided_at__isnull=False) & ~Q(reason="")),
                name="a_decided_hit_says_why",
            ),
            models.CheckConstraint(
                condition=~Q(decided_by=F("user")) | Q(decided_by=None), name="nobody_clears_themselves"
            ),
        ]
        indexes = [
            models.Index(fields=["-score", "id"], condition=Q(status="OPEN"), name="hits_to_look_at"),
            models.Index(fields=["user", "status"], name="hits_of_a_person"),
            models.Index(fields=["sleeps_until"], condition=Q(status="CLEARED"), name="hits_that_sleep"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.listed_name}"


class ScreeningDecision(models.Model):
    """What became of a hit, each time: written once."""

    hit = models.ForeignKey(ScreeningHit, on_delete=models.PROTECT, related_name="decisions")
    became = models.CharField(max_length=9, choices=ScreeningStatus.choices)
    reason = models.CharField(max_length=500)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()
    score = models.DecimalField(max_digits=4, decimal_places=3)

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.hit_id} {self.became}"
