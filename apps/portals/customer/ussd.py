"""USSD: setting the PIN that approves what is dialled, after a proof; turning it off."""

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.kernel.clock import now
from apps.kernel.errors import DomainError
from apps.payments.operations import ussd_limit
from apps.portals.customer import step_up as steps
from apps.portals.customer.door import customer_page
from apps.portals.customer.forms import SecretField, Sheet
from apps.portals.customer.pages import done, show
from apps.users import operations
from apps.users.doors import signed_in
from apps.users.models import User, UssdPin
from apps.users.operations.ussd import SET_PIN, subject_of


class Pin(Sheet):
    """The PIN, typed twice."""

    where = {"ussd_pin_weak": "pin"}
    pin = SecretField(label=_("New USSD PIN"), new=True, error_messages={"required": _("Write the PIN.")})
    again = SecretField(label=_("The same once more"), new=True, error_messages={"required": _("Write the PIN.")})

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for field in self.fields.values():
            field.widget.attrs |= {"inputmode": "numeric", "maxlength": "6"}

    def clean(self) -> dict[str, str]:
        """Both the same."""
        pin, again = self.cleaned_data.get("pin"), self.cleaned_data.get("again")
        if pin and again and pin != again:
            self.add_error("again", forms.ValidationError(_("The two are not the same.")))
        return self.cleaned_data


@require_http_methods(["GET", "POST"])
@customer_page
def ussd(request: HttpRequest) -> HttpResponse:
    """Prove that it is you, then choose the PIN."""
    user = signed_in(request)
    if request.method == "POST" and "off" in request.POST:
        return _turn_off(request, user)
    proof = steps.Session(request, user, SET_PIN, subject_of(user))
    step = proof.step()
    try:
        if request.method == "POST" and "way" in request.POST:
            proof.ask()
            return done(request, "ussd")
    except DomainError as no:
        return _page(request, user, proof, steps.refused(no))
    if step.is_proved:
        return _choose(request, user, proof)
    form = steps.Proof(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            steps.answer(request, step, form, user)
        except DomainError as no:
            form.refuse(no)
        else:
            return done(request, "ussd")
    return _page(request, user, proof, form)


def _turn_off(request: HttpRequest, user: User) -> HttpResponse:
    operations.remove_ussd_pin(user=user, at=now())
    messages.success(request, gettext("USSD is off. Nothing can be approved by it."))
    return done(request, "ussd")


def _choose(request: HttpRequest, user: User, proof: steps.Session) -> HttpResponse:
    form = Pin(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        step = proof.step()
        pin, challenge = form.cleaned_data["pin"], step.challenge.pk if step.challenge else None
        try:
            operations.set_ussd_pin(user=user, pin=pin, challenge_id=challenge, at=now())
        except DomainError as no:
            form.refuse(no)
        else:
            proof.forget()
            messages.success(request, gettext("Your USSD PIN is set."))
            return done(request, "ussd")
    return _page(request, user, proof, form)


def _page(request: HttpRequest, user: User, proof: steps.Session, form: Sheet) -> HttpResponse:
    held = UssdPin.objects.filter(user=user).first()
    locked = held.locked_until if held and held.locked_until and held.locked_until > now() else None
    facts = {"held": held, "locked": locked, "code": settings.USSD_CODE, "limit": ussd_limit()}
    return show(request, "settings/ussd", form, step=proof.step(), **facts)
