"""A new key seals everything again, and the old one can be dropped."""

import base64

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from cryptography.exceptions import InvalidTag
from django.core.management import call_command
from django.db import connection

from apps.kernel import cipher
from apps.kernel.clock import now
from apps.users import operations
from apps.users.models import OtpChallenge, User
from apps.users.testing import make_customer

NEW = "k2:" + base64.b64encode(b"n" * 32).decode()


@pytest.mark.django_db
def test_everything_opens_with_the_new_key_alone(settings, capsys):
    user = make_customer(phone="+254712345908", id_number="28456712")
    operations.send_code(purpose=OtpChallenge.Purpose.JOIN, address="0733000001", at=now())
    app = TOTP.activate(user, "JBSWY3DPEHPK3PXP")
    settings.FIELD_KEYS = [NEW, *settings.FIELD_KEYS]
    call_command("rotate_field_keys")
    settings.FIELD_KEYS = [NEW]
    again = User.objects.get(pk=user.pk)
    assert (again.phone, again.id_number) == ("+254712345908", "28456712")
    assert OtpChallenge.objects.get().address == "+254733000001"
    app.instance.refresh_from_db()
    assert cipher.key_id_of(base64.b64decode(app.instance.data["secret"])) == "k2"
    assert User.objects.with_phone("0712 345 908").get() == user
    assert "mfa_authenticator.data" in capsys.readouterr().out


@pytest.mark.django_db
def test_a_value_moved_to_another_row_does_not_open():
    one, other = make_customer(), make_customer()
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE users_user SET id_number = (SELECT id_number FROM users_user WHERE id = %s) WHERE id = %s",
            [one.pk, other.pk],
        )
    with pytest.raises(InvalidTag):
        _ = User.objects.get(pk=other.pk).id_number
