"""`/oauth/device`: the owner of a device types its short code, and decides as on any other request."""

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from apps.kernel.throttles import caller_of, require
from apps.open_banking.models import Consent, DeviceGrant, ThirdPartyApp
from apps.open_banking.oauth import device
from apps.open_banking.pages.decide import Asked, decide
from apps.open_banking.pages.door import customer_page, show
from apps.users.doors import signed_in

TOO_OFTEN = _("Too many codes. Nothing was done; wait a minute and try again.")


class ShortCode(forms.Form):
    """What the device shows."""

    user_code = forms.CharField(
        label=_("Code on the device"),
        max_length=20,
        error_messages={"required": _("Write the code.")},
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "autocapitalize": "characters"}),
    )


@require_http_methods(["GET", "POST"])
@customer_page
def enter(request: HttpRequest) -> HttpResponse:
    """Without a code that waits: the question for it. With one: who asks, and the decision."""
    user, typed = signed_in(request), request.GET.get("user_code", "")
    if not typed:
        return show(request, "device", form=ShortCode(label_suffix=""))
    row = device.waiting(typed)
    if row is None:
        require("otp", caller_of(request), TOO_OFTEN)  # short codes are not to be guessed
        form = ShortCode({"user_code": typed}, label_suffix="")
        form.is_valid()
        form.add_error("user_code", gettext("No device waits with that code, or its ten minutes are over."))
        return show(request, "device", status=422, form=form)
    app = ThirdPartyApp.objects.select_related("developer").get(client_id=row.client_id)

    def allow(consent: Consent) -> HttpResponse:
        DeviceGrant.objects.filter(pk=row.pk, status=DeviceGrant.AUTHORIZATION_PENDING).update(
            status=DeviceGrant.AUTHORIZED, user=user, consent=consent
        )
        return show(request, "device_done", app=app, is_in=True)

    def refuse() -> HttpResponse:
        DeviceGrant.objects.filter(pk=row.pk).update(status=DeviceGrant.DENIED, user=user)
        return show(request, "device_done", app=app, is_in=False)

    asked = Asked(
        app=app, consent=row.consent, scopes=tuple(row.scope.split()), leads_to="", allow=allow, refuse=refuse
    )
    return decide(request, asked, user)
