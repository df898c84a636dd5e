"""The form of the proof on the pages that let an app in: a code, or what a passkey signed."""

from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from apps.kernel.errors import DomainError
from apps.users.proof import AT_THE_CODE


class Proof(forms.Form):
    """A code, or what a passkey signed."""

    code = forms.CharField(
        label=_("Code"), required=False, max_length=24,
        widget=forms.TextInput(attrs={
            "class": "input", "autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false",
        }),
    )  # fmt: skip
    credential = forms.CharField(required=False, max_length=8000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **{"label_suffix": ""} | kwargs)

    def given(self) -> str:
        """What was given; a code without its spaces."""
        code = "".join(char for char in self.cleaned_data.get("code") or "" if char.isalnum())
        return self.cleaned_data.get("credential") or code

    def refuse(self, no: DomainError) -> None:
        """Say why, at the code where it belongs, with the tries that are left."""
        words = gettext(str(no))
        left = no.facts.get("tries_left")
        if left is not None:
            said = ngettext("You can try %(n)s more time.", "You can try %(n)s more times.", left)
            words = f"{words} {said % {'n': left}}"
        self.add_error("code" if no.code in AT_THE_CODE else None, words)
