"""The PIN for USSD: which ones are taken, how it is kept, and that only a proof sets it."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rest_framework.test import APIClient

from apps.audit_trail.models import AuditLog
from apps.kernel.clock import now
from apps.notifications.testing import code_sent_to
from apps.users import operations, rules
from apps.users.errors import BadUssdPin, StepUpRequired, UssdLocked
from apps.users.models import UssdPin
from apps.users.operations.ussd import SET_PIN, subject_of
from apps.users.testing import make_customer

BORN, TODAY = date(1991, 3, 9), date(2026, 11, 21)


def check(pin):
    rules.ussd_pin(pin, phone="+254712345908", born=BORN, today=TODAY)


@pytest.mark.parametrize("pin", ["4826", "70915", "380527"])
def test_takes(pin):
    check(pin)


@pytest.mark.parametrize(
    "pin",
    ["1234", "4321", "7890", "9876", "0987", "1111", "1212", "123123", "121212", "482482", "1985", "2026", "1900",
     "5908",
     "45908", "0903", "0309", "090391", "910309", "123", "1234567", "", "48a6", "\u0664\u0668\u0662\u0666", " 482"],
)  # fmt: skip
def test_refuses(pin):
    with pytest.raises(rules.Unreadable):
        check(pin)


@given(st.text(max_size=8))
def test_takes_nothing_but_four_to_six_digits(pin):
    try:
        check(pin)
    except rules.Unreadable:
        return
    assert pin.isascii()
    assert pin.isdecimal()
    assert 4 <= len(pin) <= 6


@pytest.fixture
def person(db):
    return make_customer()


def proof(user):
    asked = operations.challenge(user=user, operation=SET_PIN, subject=subject_of(user), at=now(), method="SMS")
    operations.answer(challenge_id=asked.pk, user=user, answer=code_sent_to(str(user.phone)), at=now())
    return asked.pk


def test_is_hashed_with_argon2_and_in_no_record(person, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
    operations.set_ussd_pin(user=person, pin="4826", challenge_id=proof(person), at=now())
    assert UssdPin.objects.get().pin_hash.startswith("argon2$argon2id$")
    assert AuditLog.objects.filter(action="users.ussd_pin.set").count() == 1
    assert "4826" not in str(list(AuditLog.objects.values_list("before", "after")))


def test_needs_a_proof_for_exactly_this(person):
    other = operations.challenge(
        user=person, operation="users.factor.remove", subject="factors/1", at=now(), method="SMS"
    )
    operations.answer(challenge_id=other.pk, user=person, answer=code_sent_to(str(person.phone)), at=now())
    for challenge_id in (None, other.pk):
        with pytest.raises(StepUpRequired):
            operations.set_ussd_pin(user=person, pin="4826", challenge_id=challenge_id, at=now())
    assert not UssdPin.objects.exists()


def test_a_weak_one_spends_no_proof(person):
    challenge_id = proof(person)
    with pytest.raises(BadUssdPin):
        operations.set_ussd_pin(user=person, pin="1234", challenge_id=challenge_id, at=now())
    operations.set_ussd_pin(user=person, pin="4826", challenge_id=challenge_id, at=now())
    assert UssdPin.objects.exists()


def test_another_one_does_not_open_a_lock(person):
    operations.set_ussd_pin(user=person, pin="4826", challenge_id=proof(person), at=now())
    locked = now() + timedelta(hours=20)
    UssdPin.objects.update(wrong=3, locked_until=locked)
    later = now() + timedelta(minutes=2)
    asked = operations.challenge(user=person, operation=SET_PIN, subject=subject_of(person), at=later, method="SMS")
    operations.answer(challenge_id=asked.pk, user=person, answer=code_sent_to(str(person.phone)), at=later)
    operations.set_ussd_pin(user=person, pin="7091", challenge_id=asked.pk, at=later)
    held = UssdPin.objects.get()
    assert (held.wrong, held.locked_until) == (3, locked)
    with pytest.raises(UssdLocked):  # or one that was set anew would have no wrong tries
        operations.remove_ussd_pin(user=person, at=later)
    operations.remove_ussd_pin(user=person, at=locked)
    assert not UssdPin.objects.exists()


def test_the_api_sets_and_removes_it(person):
    api = APIClient()
    api.force_authenticate(person)
    assert api.put("/api/v1/auth/ussd-pin/", {"pin": "4826"}, format="json").status_code == 403
    asked = api.post("/api/v1/auth/step-up/", {"operation": SET_PIN, "method": "SMS"}, format="json").json()
    answer = {"code": code_sent_to(str(person.phone))}
    assert api.post(f"/api/v1/auth/step-up/{asked['id']}/", answer, format="json").status_code == 200
    headers = {"Step-Up-Challenge": asked["id"]}
    assert api.put("/api/v1/auth/ussd-pin/", {"pin": "4826"}, format="json", headers=headers).status_code == 204
    assert UssdPin.objects.filter(user=person).exists()
    assert api.delete("/api/v1/auth/ussd-pin/").status_code == 204
    assert not UssdPin.objects.exists()
