"""A person joins once, with a phone that was proven, and nobody learns who is here already."""

import re
from datetime import date, timedelta

import pytest

from apps.audit_trail.models import AuditLog
from apps.kernel.clock import local_date, now
from apps.kernel.models import OutboxEvent
from apps.notifications.models import Message
from apps.users import operations
from apps.users.errors import CodeSpent, Invalid, Taken, TooSoon, WeakPassword, WrongCode
from apps.users.models import OtpChallenge, User
from apps.users.testing import PASSWORD, make_customer

pytestmark = pytest.mark.django_db
JOIN = OtpChallenge.Purpose.JOIN


def last_code() -> str:
    return re.search(r"\b(\d{6})\b", Message.objects.order_by("-pk").first().body)[1]


def proven(phone: str = "0712 345 908") -> OtpChallenge:
    challenge = operations.send_code(purpose=JOIN, address=phone, at=now())
    return operations.check_code(challenge_id=challenge.pk, code=last_code(), purpose=JOIN, at=now())


def join(**fields):
    asked = {
        "full_name": "Achieng Otieno",
        "id_number": "28456712",
        "email": "A@Example.com",
        "password": PASSWORD,
        **fields,
    }
    return operations.register(phone_proof=proven(asked.pop("phone", "0712 345 908")).pk, at=now(), **asked)


def test_makes_a_tier_1_customer_with_sealed_details():
    user = User.objects.get(pk=join().pk)
    assert (user.phone, user.email, user.id_number, user.kyc_tier) == (
        "+254712345908",
        "a@example.com",
        "28456712",
        "TIER_1",
    )
    raw = User.objects.filter(pk=user.pk).values_list("phone", flat=True).get()
    assert b"712345908" not in bytes(raw)
    assert user.check_password(PASSWORD)
    assert AuditLog.objects.filter(action="users.user.registered").exists()
    assert OutboxEvent.objects.filter(name="users.user.registered", payload__user_id=user.pk).exists()


@pytest.mark.parametrize(
    "other",
    [
        {"phone": "+254 712 345 908", "id_number": "30000001", "email": ""},
        {"phone": "0722 000 001", "id_number": "28456712", "email": ""},
        {"phone": "0722 000 001", "id_number": "30000001", "email": "a@EXAMPLE.com"},
    ],
)
def test_refuses_a_second_profile_without_saying_what_is_taken(other):
    challenge = operations.send_code(purpose=JOIN, address=other["phone"], at=now())
    OtpChallenge.objects.filter(pk=challenge.pk).update(answered_at=now())
    join_first = make_customer(phone="+254712345908", id_number="28456712", email="a@example.com")
    with pytest.raises(Taken) as no:
        operations.register(
            phone_proof=challenge.pk,
            full_name="Other Person",
            id_number=other["id_number"],
            email=other["email"],
            password=PASSWORD,
            at=now(),
        )
    assert not {"phone", "email", "id"} & set(str(no.value).lower().split())
    assert User.objects.customers().get() == join_first


def test_is_for_who_is_eighteen_to_the_day():
    today = local_date(now())
    birthday = today.replace(year=today.year - 18, day=min(today.day, 28))
    tomorrow = birthday + timedelta(days=today.day - birthday.day + 1)
    for born in (tomorrow, today, date(1900, 1, 1), today + timedelta(days=1)):
        with pytest.raises(Invalid) as no:
            join(date_of_birth=born, phone=f"0722 {born:%y%m%d}")
        assert list(no.value.facts["errors"]) == ["date_of_birth"]
    assert not User.objects.customers().exists()
    assert join(date_of_birth=birthday).date_of_birth == str(birthday)


@pytest.mark.parametrize("name", ["محمد بن عبد الله", "王小明", "Wanjikũ wa Ngũgĩ"])
def test_joins_under_a_name_of_any_script(name):
    assert User.objects.get(pk=join(full_name=name).pk).full_name == name


def test_a_code_opens_one_join_only():
    proof = proven()
    operations.register(phone_proof=proof.pk, full_name="Ann Mwangi", id_number="30000001", password=PASSWORD, at=now())
    with pytest.raises(CodeSpent):
        operations.register(
            phone_proof=proof.pk, full_name="Ben Mwangi", id_number="30000002", password=PASSWORD, at=now()
        )


def test_a_refused_join_can_use_its_code_again():
    proof = proven()
    with pytest.raises(WeakPassword):
        operations.register(
            phone_proof=proof.pk, full_name="Ann Mwangi", id_number="30000001", password="short", at=now()
        )
    operations.register(phone_proof=proof.pk, full_name="Ann Mwangi", id_number="30000001", password=PASSWORD, at=now())


def test_an_unanswered_code_opens_nothing():
    challenge = operations.send_code(purpose=JOIN, address="0712345908", at=now())
    with pytest.raises(CodeSpent):
        operations.register(
            phone_proof=challenge.pk, full_name="Ann", id_number="30000001", password=PASSWORD, at=now()
        )


def test_names_every_wrong_field():
    with pytest.raises(Invalid) as no:
        join(full_name="7", id_number="abc", email="not an address")
    assert set(no.value.facts["errors"]) == {"full_name", "id_number", "email"}


@pytest.mark.parametrize("password", ["", "short", "password1234", "123456789012", "achieng otieno"])
def test_refuses_passwords_that_would_be_guessed(password):
    with pytest.raises(WeakPassword):
        join(password=password)
    assert not User.objects.customers().exists()


def test_refuses_a_second_code_within_half_a_minute():
    operations.send_code(purpose=JOIN, address="0712345908", at=now())
    with pytest.raises(TooSoon):
        operations.send_code(purpose=JOIN, address="+254712345908", at=now())


def test_three_wrong_codes_spend_the_challenge_even_for_the_right_one():
    challenge = operations.send_code(purpose=JOIN, address="0712345908", at=now())
    code = last_code()
    wrong = "000000" if code != "000000" else "111111"
    for left in (2, 1, 0):
        with pytest.raises(WrongCode) as no:
            operations.check_code(challenge_id=challenge.pk, code=wrong, purpose=JOIN, at=now())
        assert no.value.facts["tries_left"] == left
    with pytest.raises(CodeSpent):
        operations.check_code(challenge_id=challenge.pk, code=code, purpose=JOIN, at=now())


def test_a_number_that_has_a_profile_gets_no_usable_code():
    make_customer(phone="+254712345908")
    operations.send_code(purpose=JOIN, address="0712345908", at=now())
    assert Message.objects.get().code == "users.already_here"
