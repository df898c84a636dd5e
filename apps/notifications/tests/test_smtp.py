"""The mail adapter against the mail catcher, over a real socket."""

import pytest

from apps.notifications.adapters.smtp import Smtp
from apps.notifications.ports import Result
from simulators.testing import running


@pytest.fixture(scope="module")
def catcher(tmp_path_factory):
    with running(tmp_path_factory.mktemp("simulators")) as simulators:
        yield simulators


@pytest.fixture(autouse=True)
def real_mail(catcher, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", catcher.settings.mail_port, False


def send(address: str, **more: str):
    letter = {"subject": "Nenosiri — jipya", "text": "Habari Wanjiku,\n\nüß\n.\nend\n", "reference": "ref-1", **more}
    return Smtp().send(address=address, **letter)


def test_sends(catcher):
    outcome = send("wanjiku@example.com")
    assert outcome.result is Result.TAKEN
    assert outcome.reference == "<ref-1@kitbank.example>"
    row = catcher.house.store.row("SELECT * FROM mail ORDER BY id DESC")
    assert (row["subject"], row["recipients"]) == ("Nenosiri — jipya", '["wanjiku@example.com"]')
    assert row["text"].replace("\r\n", "\n") == "Habari Wanjiku,\n\nüß\n.\nend\n"
    assert b"Message-ID: <ref-1@kitbank.example>" in row["raw"]


def test_an_address_that_does_not_exist_is_returned():
    outcome = send("nobody@example.com")
    assert (outcome.result, outcome.error) == (Result.RETURNED, "550 5.1.1 No such mailbox here")


@pytest.mark.parametrize("address", ["a,b@example.com", "a@b..com", "(a)@example.com", "a@" + "x" * 70 + ".com"])
def test_what_is_no_address_is_refused_in_words(address):
    outcome = send(address)
    assert (outcome.result, outcome.error) == (Result.REFUSED, "That is no address that mail can be sent to.")


def test_a_busy_mailbox_is_tried_again():
    assert send("busy@example.com").result is Result.AGAIN


def test_nobody_there_is_tried_again(settings):
    settings.EMAIL_PORT = 9
    assert send("wanjiku@example.com").result is Result.AGAIN


def test_a_subject_with_a_line_break_is_no_way_in():
    with pytest.raises(ValueError, match="newlines"):
        send("wanjiku@example.com", subject="a\nBcc: other@example.com")
