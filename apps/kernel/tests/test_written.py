"""Statements written once: the same rows as the ORM gives, whatever the values, and no guard is lost."""

import pytest
from django.contrib.auth import get_user_model
from django.db import models
from django.utils import timezone

from apps.kernel import written
from apps.kernel.approvals import APPROVAL
from apps.kernel.errors import IllegalMove
from apps.kernel.models import Approval, Delivery, OutboxEvent
from apps.kernel.written import Written

pytestmark = pytest.mark.django_db


def make_customer():
    number = get_user_model().objects.count()
    return get_user_model().objects.create_user(
        full_name=f"Person {number}", phone=f"+2547221{number:05d}", id_number=str(31_000_000 + number)
    )


def asked_by(maker, kind="x"):
    return Approval.objects.create(
        kind=kind, subject="x/1", payload={"a": [1]}, reason="r", maker=maker, created_at=timezone.now()
    )


def waiting():
    return Written(
        lambda maker, kind: (
            Approval.objects.filter(maker_id=maker, kind=kind, status="PENDING")
            .select_related("maker", "checker")
            .annotate(doubled=models.F("id") * 2)
            .order_by("pk")
        ),
        maker=-1,
        kind="\x00kind",
    )


def test_gives_what_the_queryset_gives_with_related_rows_and_annotations(django_assert_num_queries):
    one, other = make_customer(), make_customer()
    rows = [asked_by(one), asked_by(one), asked_by(other)]
    question = waiting()
    for person, expected in ((one, rows[:2]), (other, rows[2:])):
        with django_assert_num_queries(1):
            found = question.rows(maker=person.pk, kind="x")
            assert [row.maker.full_name for row in found] == [person.full_name] * len(expected)
        assert found == expected
        assert [row.doubled for row in found] == [row.pk * 2 for row in expected]
        assert found[0].payload == {"a": [1]}
        assert found[0].checker is None
        assert found[0].maker.phone == person.phone
    assert question.first(maker=one.pk, kind="y") is None


def test_a_second_thread_may_ask_while_the_statement_is_being_written(monkeypatch):
    row, question = asked_by(make_customer()), waiting()
    heard, reader = [], written._reader

    def interrupted(compiler):
        if not heard:
            heard.append(None)
            heard[0] = question.rows(maker=row.maker_id, kind="x")  # as a thread that comes at this very moment
        return reader(compiler)

    monkeypatch.setattr(written, "_reader", interrupted)
    assert question.rows(maker=row.maker_id, kind="x") == heard[0] == [row]


def test_a_mark_that_the_statement_does_not_hold_is_a_mistake():
    with pytest.raises(LookupError, match="nowhere"):
        Written(lambda pk, nowhere: Approval.objects.filter(pk=pk), pk=-1, nowhere=-2).rows(pk=1, nowhere=2)


def test_inserts_rows_with_their_keys_in_one_statement(django_assert_num_queries):
    rows = [OutboxEvent(name=f"n{nth}", payload={"n": nth}, published_at=timezone.now()) for nth in range(3)]
    with django_assert_num_queries(1):
        made = written.insert(rows)
    kept = OutboxEvent.objects.filter(pk__in=[row.pk for row in made]).order_by("pk")
    assert [(row.name, row.payload) for row in kept] == [
        ("n0", {"n": 0}), ("n1", {"n": 1}), ("n2", {"n": 2}),
    ]  # fmt: skip
    assert not made[0]._state.adding
    assert written.insert([]) == []


def test_inserts_what_stands_in_nobodys_way_in_one_statement(django_assert_num_queries):
    event = OutboxEvent.objects.create(name="n", payload={}, published_at=timezone.now())
    first, second = (Delivery(event=event, subscriber="s", next_attempt_at=timezone.now()) for _nth in range(2))
    with django_assert_num_queries(2):
        assert written.insert_once(first)
        assert not written.insert_once(second)
    assert first.pk == Delivery.objects.get().pk
    assert second.pk is None


def test_copies_many_rows_as_they_would_have_been_saved():
    odd = {"a": ["tab\t", "line\n", "back\\slash", "\\N", "Ünïcode", None, 1.5, True]}
    rows = [OutboxEvent(name=f"copied.{nth}", payload=odd, published_at=timezone.now()) for nth in range(40)]
    assert written.copy(rows) == 40
    assert written.copy([]) == 0
    kept = list(OutboxEvent.objects.filter(name__startswith="copied.").order_by("pk"))
    assert [(row.name, row.payload, row.published_at) for row in kept] == [
        (row.name, odd, row.published_at) for row in rows
    ]


def test_a_move_with_a_person_and_one_with_plain_values_keep_the_guard():
    maker, checker = make_customer(), make_customer()
    row, plain = asked_by(maker), asked_by(maker)
    APPROVAL.make(row, "APPROVED", checker=checker, decided_at=timezone.now())
    APPROVAL.make(plain, "WITHDRAWN", decided_at=timezone.now(), outcome={"why": "mind"})
    row.refresh_from_db()
    plain.refresh_from_db()
    assert (row.status, row.checker, plain.status, plain.outcome) == ("APPROVED", checker, "WITHDRAWN", {"why": "mind"})
    with pytest.raises(IllegalMove):
        APPROVAL.make(plain, "RETURNED", decided_at=timezone.now(), answer="late")
    plain.refresh_from_db()
    assert (plain.status, plain.answer) == ("WITHDRAWN", "")
