"""The door Africa's Talking knocks at."""

import pytest
from django.test import Client

from apps.notifications.models import ProviderReport

pytestmark = pytest.mark.django_db
PATH = "/webhooks/africastalking/delivery"
TOKEN = "simulated-callback"
FORM = "application/x-www-form-urlencoded"
BODY = "id=ATPid_1&status=Success&phoneNumber=%2B254711000000"


def post(path: str = f"{PATH}?token={TOKEN}", body: str | bytes = BODY, **more):
    return Client(enforce_csrf_checks=True).post(path, body, content_type=FORM, **more)


@pytest.mark.parametrize(
    "path", [f"{PATH}?token={TOKEN}", f"{PATH}/?token={TOKEN}", f"{PATH}/{TOKEN}", f"{PATH}/{TOKEN}/"]
)
def test_keeps_what_came_and_answers_at_once(path, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as callbacks:
        answer = post(path)
    assert (answer.status_code, answer.json()) == (200, {"received": True})
    row = ProviderReport.objects.get()
    assert (row.raw, row.outcome) == (BODY, "")
    assert len(callbacks) == 1


@pytest.mark.parametrize(
    "path",
    [PATH, f"{PATH}?token=", f"{PATH}?token=wrong", f"{PATH}?token={TOKEN}x", f"{PATH}/wrong", f"{PATH}?token=%C3%BC"],
)
def test_turns_away_who_does_not_know_the_word(path):
    answer = post(path)
    assert (answer.status_code, answer.json()["code"]) == (403, "not_allowed")
    assert not ProviderReport.objects.exists()


@pytest.mark.parametrize("path", [PATH, f"{PATH}?token=", f"{PATH}?token=x"])
def test_lets_nobody_in_while_there_is_no_word(path, settings):
    settings.AFRICASTALKING_CALLBACK_TOKEN = ""
    assert post(path).status_code == 403


def test_takes_garbage_calmly():
    for body in (b"", b"\xff\xfe\x00\x01", b"id=1" * 100, b"[]"):
        assert post(body=body).status_code == 200
    assert ProviderReport.objects.count() == 4


def test_takes_no_flood():
    assert post(body="x" * 9000).status_code == 413
    assert not ProviderReport.objects.exists()


def test_is_for_posting():
    assert Client().get(f"{PATH}?token={TOKEN}").status_code == 405


def test_answers_whatever_the_content_type():
    answer = Client().post(f"{PATH}?token={TOKEN}", BODY, content_type="text/plain")
    assert answer.status_code == 200
