"""What the bank says is changed by two: one asks, another sees how it reads in both languages, then it is so."""

from dataclasses import replace
from functools import partial

import pytest
from django.db import IntegrityError, transaction

from apps.kernel import approvals, records
from apps.kernel.clock import now
from apps.kernel.errors import AlreadyAsked, IllegalMove, NotAllowed
from apps.kernel.models import Approval
from apps.kernel.testing import at_once, refusals
from apps.notifications import messages, operations, queries, texts
from apps.notifications.errors import CannotSilence, StaleText, TextExists, UnknownMessage, UnknownPlaceholder
from apps.notifications.messages import Text
from apps.notifications.models import NotificationTemplate, TemplateVersion
from apps.notifications.tests.people import allow, make_editor, make_person

SERVICE = {
    "code": "test.service",
    "channel": "EMAIL",
    "language": "sw",
    "subject": "Habari",
    "body": "Kuhusu {account}",
}


@pytest.fixture
def row(db, said):
    return text_of("test.money")


def text_of(code):
    texts.bring_in_texts()
    return NotificationTemplate.objects.get(code=code, channel="SMS", language="en")


def ask(row, body="Gone: {amount}", *, by=None, **asked):
    return operations.ask_text_change(
        template=row, body=body, reason="Shorter", by=by or make_editor(), at=now(), **asked
    )


def stop(row, *, by=None):
    return operations.ask_text_stop(template=row, reason="Too long", by=by or make_editor(), at=now())


def add(*, by=None, **asked):
    return operations.ask_new_text(**{**SERVICE, **asked}, reason="New", by=by or make_editor(), at=now())


def heard(code="test.money", channel="SMS", language="en"):
    return texts.text_for(code, channel, language)[0].body


class TestByTwo:
    """Nothing that customers read changes before another person has allowed it."""

    def test_an_edit_waits_wins_over_its_file_once_allowed_and_keeps_its_versions(self, row, said, monkeypatch):
        written = []
        monkeypatch.setattr(records, "_pens", [lambda action, **facts: written.append((action, facts))])
        maker, checker = make_editor(), make_editor()
        asked = ask(row, by=maker, version=1)
        assert heard() == "Paid {amount}"
        assert TemplateVersion.objects.filter(template=row).count() == 1
        allow(asked, by=checker)
        assert heard() == "Gone: {amount}"
        newest = TemplateVersion.objects.filter(template=row).latest("version")
        assert (newest.version, newest.edited_by, newest.allowed_by) == (2, maker, checker)
        said["test.money", "SMS", "en"] = Text("", "A newer file {amount}")
        texts.bring_in_texts()
        assert heard() == "Gone: {amount}"
        stopping = stop(row)
        assert heard() == "Gone: {amount}"
        allow(stopping)
        assert heard() == "A newer file {amount}"
        assert [action for action, _facts in written] == ["notifications.text.edited", "notifications.text.stopped"]
        edited, stopped = (facts for _action, facts in written)
        assert (edited["by"], edited["after"]["asked_by"]) == (checker, maker.pk)
        assert (edited["before"]["body"], edited["after"]["body"]) == ("Paid {amount}", "Gone: {amount}")
        assert (stopped["before"]["is_active"], stopped["after"]["is_active"]) == (True, False)

    def test_a_text_in_a_place_of_its_own(self, row):
        asked = add(subject="Habari\r\nzetu")
        assert heard("test.service", "EMAIL", "sw") == "News about {account} by e-mail"
        with pytest.raises(UnknownMessage):
            add(code="no.such")
        allowed = allow(asked)
        before, after = operations.readings_of(allowed)
        assert (before["sw"]["body"], after["sw"]["body"]) == ("News about ***4021 by e-mail", "Kuhusu ***4021")
        made = NotificationTemplate.objects.get(pk=Approval.objects.get().outcome["text"])
        assert (made.subject, made.version) == ("Habari zetu", 1)
        assert heard("test.service", "EMAIL", "sw") == "Kuhusu {account}"
        with pytest.raises(TextExists):
            add()

    def test_nobody_allows_their_own(self, row):
        maker = make_editor()
        for asked in (ask(row, by=maker), add(by=maker)):
            with pytest.raises(NotAllowed):
                allow(asked, by=maker)
        assert heard() == "Paid {amount}"
        assert not NotificationTemplate.objects.filter(language="sw", code="test.service").exists()

    def test_only_those_who_look_after_content_ask_and_allow(self, row):
        outsiders = (make_person(), make_person(is_staff=True))
        for who in outsiders:
            for act in (partial(ask, row), partial(stop, row), add):
                with pytest.raises(NotAllowed):
                    act(by=who)
        asked = ask(row)
        for who in outsiders:
            with pytest.raises(NotAllowed):
                allow(asked, by=who)
        assert heard() == "Paid {amount}"

    def test_says_why(self, row):
        with pytest.raises(NotAllowed):
            operations.ask_text_change(template=row, body="x", reason=" ", by=make_editor(), at=now())
        assert not Approval.objects.exists()

    def test_the_database_takes_no_version_that_one_person_wrote_alone(self, row):
        editor = make_editor()
        for allowed_by in (None, editor):
            with pytest.raises(IntegrityError, match="no_one_changes_a_text_alone"), transaction.atomic():
                texts.keep_version(row, Text("", "Alone"), by=editor, at=now(), allowed_by=allowed_by)
        assert heard() == "Paid {amount}"


class TestWhatIsShown:
    """Who decides sees the words before and after, and how they read in both languages."""

    def test_before_and_after_as_people_read_them(self, row):
        asked = ask(row)
        assert (asked.before["body"], asked.after["body"]) == ("Paid {amount}", "Gone: {amount}")
        before, after = asked.before["reads"], asked.after["reads"]
        assert (before["en"]["body"], after["en"]["body"]) == ("Paid KES 5.00", "Gone: KES 5.00")
        assert after["en"]["segments"] == 1
        assert after["sw"] == after["en"]  # there is no Kiswahili text, so English is read there too

    def test_the_other_language_beside_a_text_of_ones_own(self, row):
        asked = add()
        assert asked.before["reads"]["sw"]["body"] == "News about ***4021 by e-mail"
        assert asked.after["reads"]["sw"]["body"] == "Kuhusu ***4021"
        assert asked.after["reads"]["en"] == asked.before["reads"]["en"]

    def test_what_speaks_once_a_text_is_stopped(self, row, said):
        allow(ask(row))
        assert stop(row).after["reads"]["en"]["body"] == "Paid KES 5.00"
        added = NotificationTemplate.objects.get(pk=allow(add(channel="IN_APP")).outcome["text"])
        assert stop(added).after["reads"] == {"en": None, "sw": None}

    def test_what_the_other_language_says_by_now_while_it_waits_and_what_was_shown_afterwards(self, row, said):
        asked = add()
        said["test.service", "EMAIL", "en"] = Text("News", "Newer news about {account}")
        texts.bring_in_texts()
        before, after = operations.readings_of(asked)
        assert after["en"]["body"] == before["en"]["body"] == "Newer news about ***4021"
        assert after["sw"]["body"] == "Kuhusu ***4021"

    def test_a_word_that_the_message_knows_no_more_is_shown_in_its_braces_and_can_be_mended(self, row, said):
        said["test.money", "SMS", "en"] = Text("", "Paid {amount} {was}")
        row = text_of("test.money")
        asked = ask(row)
        assert asked.before["reads"]["en"]["body"] == "Paid KES 5.00 {was}"
        allow(asked)
        assert heard() == "Gone: {amount}"

    def test_a_text_whose_words_the_message_knows_no_more_can_be_stopped(self, row, said, monkeypatch):
        allow(ask(row))
        known = messages.declared("test.money")
        monkeypatch.setitem(messages._declared, "test.money", replace(known, placeholders={"sum": "KES 5.00"}))
        said["test.money", "SMS", "en"] = Text("", "Paid {sum}")
        allow(stop(row))
        assert heard() == "Paid {sum}"


class TestRefusals:
    """What cannot be is refused when it is asked for, and looked at again when it is allowed."""

    def test_a_word_the_message_does_not_have(self, row):
        with pytest.raises(UnknownPlaceholder, match=r"\{balance\}") as no:
            ask(row, "{amount} {balance}")
        assert no.value.status == 422
        assert not Approval.objects.exists()

    def test_an_editor_who_saw_an_older_version(self, row):
        allow(ask(row, "One {amount}", version=1))
        with pytest.raises(StaleText):
            ask(row, "Two {amount}", version=1)
        assert heard() == "One {amount}"

    def test_a_message_about_money_cannot_be_stopped(self, row, said):
        with pytest.raises(CannotSilence):
            ask(row, is_active=False)
        asked = stop(row)
        del said["test.money", "SMS", "en"]  # the file that spoke instead is gone by the time it is allowed
        with pytest.raises((CannotSilence, StaleText)):
            allow(asked)
        with pytest.raises(CannotSilence):
            stop(row)
        row.refresh_from_db()
        assert row.is_active

    def test_a_text_that_changed_meanwhile(self, row, said):
        asked = ask(row)
        said["test.money", "SMS", "en"] = Text("", "A newer file {amount}")
        texts.bring_in_texts()
        with pytest.raises(StaleText):
            allow(asked)
        asked.refresh_from_db()
        assert (asked.status, heard()) == ("PENDING", "A newer file {amount}")

    def test_a_file_that_changed_behind_a_text_that_shall_be_stopped(self, row, said):
        allow(ask(row))
        asked = stop(row)
        said["test.money", "SMS", "en"] = Text("", "Other words {amount}")
        with pytest.raises(StaleText):
            allow(asked)
        assert heard() == "Gone: {amount}"

    def test_a_place_that_got_a_text_meanwhile(self, row, said):
        asked = add()
        said["test.service", "EMAIL", "sw"] = Text("Habari", "Kutoka faili {account}")
        texts.bring_in_texts()
        with pytest.raises(StaleText):
            allow(asked)
        assert heard("test.service", "EMAIL", "sw") == "Kutoka faili {account}"

    def test_a_change_of_the_other_language_stands_in_nobodys_way(self, row, said):
        english = ask(text_of("test.service"), "Something about {account}")
        kiswahili = add(channel="SMS", subject="", body="Habari ya {account}")
        allow(kiswahili)
        allow(english)
        assert heard("test.service") == "Something about {account}"
        assert heard("test.service", language="sw") == "Habari ya {account}"


class TestOneWaits:
    """About one text one request waits, of whatever kind."""

    def test_another_is_refused_until_the_first_is_decided_or_taken_back(self, row):
        maker = make_editor()
        asked = ask(row, by=maker)
        for act in (lambda: ask(row, "Other {amount}"), lambda: stop(row), lambda: ask(row, by=maker)):
            with pytest.raises(AlreadyAsked):
                act()
        assert list(queries.waiting_texts("test.money")) == [asked]
        assert list(queries.waiting_texts("test")) == []
        approvals.withdraw(approval=asked, by=maker, at=now())
        second = ask(row, "Second {amount}")
        approvals.send_back(approval=second, by=make_editor(), at=now(), reason="No")
        allow(ask(row, "Third {amount}"))
        assert heard() == "Third {amount}"
        with pytest.raises(IllegalMove):
            allow(asked)

    def test_other_places_of_the_same_message_wait_beside_it(self, row):
        ask(text_of("test.service"), "Something about {account}")
        add()
        add(channel="SMS")
        assert queries.waiting_texts("test.service").count() == 3

    def test_the_database_itself_refuses_a_second_one(self, row):
        asked = ask(row)
        twin = Approval(kind=asked.kind, subject=asked.subject, payload={}, reason="x", created_at=now())
        twin.maker, twin.stands_alone = make_editor(), True
        with pytest.raises(IntegrityError, match="one_waiting_request_about_it"), transaction.atomic():
            twin.save()


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    """Threads on connections of their own."""

    def test_two_who_allow_it_at_once_change_it_once(self, said):
        row = text_of("test.money")
        asked = ask(row)
        checkers = [make_editor() for _ in range(3)]
        made = at_once(*[lambda who=who: allow(Approval.objects.get(pk=asked.pk), by=who) for who in checkers])
        assert [type(no) for no in refusals(made)] == [IllegalMove, IllegalMove]
        assert TemplateVersion.objects.filter(template=row).count() == 2

    def test_two_who_ask_at_once_ask_once(self, said):
        row, makers = text_of("test.money"), [make_editor() for _ in range(4)]
        made = at_once(*[lambda who=who: ask(row, by=who) for who in makers])
        assert [type(no) for no in refusals(made)] == [AlreadyAsked] * 3
        assert queries.waiting_texts("test.money").count() == 1

    def test_asking_and_allowing_at_once_never_block_each_other_for_good(self, said):
        row = text_of("test.money")
        for nth in range(6):
            asked, checker, other = ask(row, f"Nth {nth} {{amount}}"), make_editor(), make_editor()
            made = at_once(
                lambda asked=asked, checker=checker: allow(asked, by=checker),
                lambda other=other: ask(row, "Other {amount}", by=other),
            )
            assert {type(no) for no in refusals(made)} <= {AlreadyAsked}
            for left in queries.waiting_texts("test.money"):
                approvals.withdraw(approval=left, by=left.maker, at=now())
        assert heard() == "Nth 5 {amount}"

    def test_allowing_while_its_maker_takes_it_back_does_one_of_the_two(self, said):
        row, maker, checker = text_of("test.money"), make_editor(), make_editor()
        asked = ask(row, by=maker)
        made = at_once(
            lambda: allow(Approval.objects.get(pk=asked.pk), by=checker),
            lambda: approvals.withdraw(approval=Approval.objects.get(pk=asked.pk), by=maker, at=now()),
        )
        assert [type(no) for no in refusals(made)] == [IllegalMove]
        asked.refresh_from_db()
        assert heard() == ("Gone: {amount}" if asked.status == "APPROVED" else "Paid {amount}")
