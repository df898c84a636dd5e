"""`/developers/sandbox`: who lives there, how to act as them, money from a tap, and everything from the beginning."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.kernel.money import Money
from apps.open_banking import policies
from apps.open_banking.magic import MAGIC
from apps.open_banking.models import DeveloperAccount, SandboxAccount, SandboxPersona
from apps.open_banking.operations import sandbox
from apps.open_banking.pages.developers.door import show
from apps.open_banking.personas import BY_NAME
from apps.users.doors import signed_in
from apps.users.pages import SeeOther, person_page


class Faucet(forms.Form):
    """How much, and where to."""

    account = forms.UUIDField(label=_("Account"), widget=forms.Select(attrs={"class": "input"}))
    amount = forms.DecimalField(
        label=_("Amount"), max_digits=12, decimal_places=2,
        widget=forms.TextInput(attrs={"class": "input", "inputmode": "decimal", "autocomplete": "off"}),
    )  # fmt: skip

    def __init__(self, people: list[SandboxPersona], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)
        self.accounts = {one.public_id: one for who in people for one in who.accounts.all() if one.status == "ACTIVE"}
        names = [(key, f"{one.persona.full_name}: {one.name}, {one.currency}") for key, one in self.accounts.items()]
        chooser: Any = self.fields["account"].widget
        chooser.choices = names

    def chosen(self) -> SandboxAccount | None:
        """The account, when it is one of one's own."""
        return self.accounts.get(self.cleaned_data["account"])


@require_GET
@person_page
def people(request: HttpRequest) -> HttpResponse:
    """Everybody with their words and accounts; before that, the way to become a developer."""
    if not DeveloperAccount.objects.filter(user=signed_in(request)).exists():
        return SeeOther(reverse("open_banking:own-apps"))
    developer, found = _mine(request)
    return _shown(request, developer, found, Faucet(found))


@require_POST
@person_page
def tap(request: HttpRequest) -> HttpResponse:
    """Made-up money on an account."""
    developer, found = _mine(request)
    form = Faucet(found, request.POST)
    account = form.chosen() if form.is_valid() else None
    if form.is_valid() and account is None:
        form.add_error("account", gettext("There is no such account in your sandbox."))
    if account is not None:
        try:
            amount = Money.of(str(form.cleaned_data["amount"]), account.currency)
            sandbox.faucet(account=account.public_id, amount=amount, by=signed_in(request), at=now())
        except DomainError as no:
            form.add_error("amount", str(no))
        else:
            messages.success(request, gettext("Added."))
            return SeeOther(reverse("open_banking:sandbox"))
    return _shown(request, developer, found, form, status=422)


@require_http_methods(["GET", "POST"])
@person_page
def reset(request: HttpRequest) -> HttpResponse:
    """What would be lost; then everything from the beginning."""
    policies.require_developer(signed_in(request))
    if request.method == "POST":
        sandbox.reset(by=signed_in(request), at=now())
        messages.success(request, gettext("Your sandbox is as on its first day."))
        return SeeOther(reverse("open_banking:sandbox"))
    return show(request, "sandbox_reset", "sandbox")


def _mine(request: HttpRequest) -> tuple[DeveloperAccount, list[SandboxPersona]]:
    developer = policies.require_developer(signed_in(request))
    return developer, sandbox.make(developer=developer, at=now())


def _shown(
    request: HttpRequest, developer: DeveloperAccount, found: list[SandboxPersona], form: Faucet, status: int = 200
) -> HttpResponse:
    told = [(who, BY_NAME[who.which].story, sandbox.password_of(developer, who.which)) for who in found]
    simulators = getattr(settings, "SIMULATORS_ADDRESS", "")  # only where they run
    return show(
        request,
        "sandbox",
        "sandbox",
        status=status,
        people=told,
        form=form,
        code=sandbox.CODE,
        simulators=simulators,
        answer=sandbox.ANSWER,
        magic=MAGIC,
    )
