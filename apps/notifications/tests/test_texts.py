"""Every text the bank brings, and how one reads."""

import re

import pytest
from django.core.checks import Error

from apps.notifications import messages, operations, rules, texts
from apps.notifications.errors import UnknownMessage, UnknownPlaceholder
from apps.notifications.messages import Message, Text
from apps.notifications.models import NotificationTemplate
from apps.notifications.states import Topic

PLACES = [(message.code, channel, language) for message, channel, language in messages.places()]


@pytest.mark.parametrize(("code", "channel", "language"), PLACES)
def test_every_text_is_there_complete_and_short(code, channel, language):
    said, text = messages.declared(code), messages.from_file(code, channel, language)
    assert text is not None
    whole = f"{text.subject}\n{text.body}"
    assert rules.placeholders(whole) <= set(said.placeholders)
    assert "!" not in whole
    assert "{" not in rules.PLACEHOLDER.sub("", whole)
    assert not re.search(r"\d{6,}", whole)
    assert bool(text.subject) == (channel == "EMAIL")
    if channel == "SMS":
        filled = rules.filled(text.body, said.placeholders, language)
        assert set(filled) <= rules.GSM7
        assert rules.segments(filled) == 1, len(filled)
        assert "\n" not in filled
    if said.is_secret:
        assert "{code}" in text.body
        assert "{code}" not in text.subject


@pytest.mark.parametrize("said", messages.everything(), ids=lambda said: said.code)
def test_both_languages_tell_the_same_facts(said):
    for channel in said.channels:
        english, swahili = (messages.from_file(said.code, channel, language) for language in ("en", "sw"))
        assert english != swahili
        assert rules.placeholders(english.subject + english.body) == rules.placeholders(swahili.subject + swahili.body)


def test_the_system_check_is_content_and_finds_what_is_wrong(monkeypatch, said):
    monkeypatch.setattr(messages, "_declared", {})
    assert texts.check_texts() == []
    messages.declare(Message("test.nothing", topic=Topic.SERVICE))
    assert {error.id for error in texts.check_texts()} == {"texts.E001"}
    said |= {
        ("test.nothing", channel, language): Text("", "{what}")
        for channel in ("SMS", "EMAIL")
        for language in ("en", "sw")
    }
    found = texts.check_texts()
    assert all(isinstance(error, Error) for error in found)
    assert [error.id for error in found].count("texts.E002") == 4
    assert [error.id for error in found].count("texts.E003") == 2


def test_an_undeclared_message_is_unknown():
    with pytest.raises(UnknownMessage):
        messages.declared("no.such")


@pytest.fixture
def row(db, said):
    texts.bring_in_texts()
    return NotificationTemplate.objects.get(code="test.money", channel="SMS", language="en")


def test_files_become_rows_once_and_are_renewed(row, said):
    assert (row.body, row.version, row.edited_by) == ("Paid {amount}", 1, None)
    texts.bring_in_texts()
    row.refresh_from_db()
    assert row.version == 1
    said["test.money", "SMS", "en"] = Text("", "You paid {amount}")
    texts.bring_in_texts()
    row.refresh_from_db()
    assert (row.body, row.version) == ("You paid {amount}", 2)
    assert list(row.versions.order_by("version").values_list("body", flat=True)) == [
        "Paid {amount}",
        "You paid {amount}",
    ]


def test_falls_back_to_english(row):
    assert texts.text_for("test.money", "SMS", "sw")[0].body == "Paid {amount}"
    with pytest.raises(texts.TextMissing):
        texts.text_for("test.money", "WHATSAPP", "en")


def test_previews_with_examples_and_counts_sms(row):
    assert operations.preview(template=row) == {
        "subject": "",
        "body": "Paid KES 5.00",
        "segments": 1,
        "placeholders": ["amount"],
    }
    assert operations.preview(template=row, body="x" * 161)["segments"] == 2
    with pytest.raises(UnknownPlaceholder):
        operations.preview(template=row, body="{x}")
