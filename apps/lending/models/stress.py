"""Bad times, tried out on paper: scenarios, what is assumed about capital, and the runs that were made."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.kernel.triggers import append_only
from apps.lending.models.product import LoanProduct


class AssumptionKind(models.TextChoices):
    """What a figure is for."""

    WEIGHT = "WEIGHT", _("Risk weight of assets")
    FUNDING = "FUNDING", _("Share of a rise in rates that is passed on to funds")
    MINIMUM = "MINIMUM", _("Least core capital over risk-weighted assets")


class RiskAssumption(models.Model):
    """A figure that stress tests assume, from a day on, with its source. A share: 0.2 is 20 %.

    Of weights and funding the row whose `accounts` is the longest beginning of an account's code counts.
    """

    kind = models.CharField(max_length=7, choices=AssumptionKind.choices)
    accounts = models.CharField(max_length=10, blank=True, default="", help_text=_("How codes of accounts begin"))
    value = models.DecimalField(max_digits=6, decimal_places=4)
    valid_from = models.DateField()
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["kind", "accounts", "valid_from"], name="one_assumption_a_day"),
            models.CheckConstraint(condition=Q(value__gte=0, value__lte=10), name="an_assumption_is_a_share"),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.kind} {self.accounts} {self.value}"


class StressScenario(models.Model):
    """What might happen, from a day on: how much worse than expected. Rates and shares: 0.1 is ten points."""

    code = models.CharField(max_length=20)
    name = models.CharField(max_length=60)
    name_sw = models.CharField(max_length=60)
    about = models.CharField(max_length=300)
    about_sw = models.CharField(max_length=300)
    pd_factor = models.DecimalField(max_digits=6, decimal_places=3, help_text=_("Times as many loans fail"))
    loss_points = models.DecimalField(max_digits=5, decimal_places=4, help_text=_("More is lost of each that fails"))
    rate_points = models.DecimalField(max_digits=5, decimal_places=4, help_text=_("Rates a year rise by"))
    failing_share = models.DecimalField(
        max_digits=5, decimal_places=4, help_text=_("Of borrowers who pay: lose their income and stop")
    )
    product = models.ForeignKey(LoanProduct, on_delete=models.PROTECT, null=True, related_name="+")
    valid_from = models.DateField()
    source = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["code", "valid_from"], name="one_scenario_of_a_name_a_day"),
            models.CheckConstraint(
                condition=Q(pd_factor__gte=0, pd_factor__lte=100, loss_points__gte=0, loss_points__lte=1)
                & Q(rate_points__gte=-1, rate_points__lte=1, failing_share__gte=0, failing_share__lte=1),
                name="a_scenario_is_possible",
            ),
        ]
        triggers = append_only()

    def __str__(self) -> str:
        return self.name_sw if get_language() == "sw" else self.name

    @property
    def said(self) -> str:
        """What happens in it, in the reader's language."""
        return self.about_sw if get_language() == "sw" else self.about


class StressRun(models.Model):
    """One scenario tried on the whole book: what went in, what was assumed, and what came out. Never changed."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    scenario = models.ForeignKey(StressScenario, on_delete=models.PROTECT, related_name="runs")
    product = models.ForeignKey(LoanProduct, on_delete=models.PROTECT, null=True, related_name="+")
    currency = models.CharField(max_length=8)
    book_on = models.DateField(help_text=_("The book and the books of this day"))
    inputs = models.JSONField()
    model = models.JSONField(help_text=_("Which arithmetic, with every figure it assumed and its source"))
    results = models.JSONField()
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField()

    class Meta:
        triggers = append_only()

    def __str__(self) -> str:
        return f"{self.scenario_id} {self.book_on}"
