"""Statements that can be checked: a seal over what each says of money, and the same again whatever comes later."""

from datetime import date
from io import BytesIO
from threading import Event

import pytest
from django.db import transaction
from openpyxl import load_workbook

from apps.accounts.testing import kes
from apps.chamas import operations, statement_files
from apps.chamas.errors import Invalid
from apps.chamas.models import GroupStatement
from apps.chamas.testing import make_group, make_person, member_of, open_next, pay_all
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed, NotFound
from apps.kernel.testing import at_once, refusals

pytestmark = pytest.mark.django_db
ALWAYS = {"first": date(2020, 1, 1), "last": date(2035, 1, 1)}


def made(group, by, **asked):
    return operations.make_statement(group=group, by=by.user, at=now(), **ALWAYS | asked)


def test_a_seal_stays_whatever_comes_later_and_an_altered_one_shows():
    group = make_group(members=4)
    pay_all(open_next(group))
    member = member_of(group, "MEMBER")
    (whole, view), (own, mine) = made(group, member), made(group, member, member=member)
    assert (len(view.lines), len(mine.lines), whole.seal == own.seal) == (8, 2, False)
    assert operations.is_genuine(whole)
    operations.contribute(member=member, amount=kes("50"), key="later", by=member.user, at=now())
    assert [operations.is_genuine(row) for row in (whole, own)] == [True, True]
    again, _view = made(group, member)
    assert (again.seal == whole.seal, again.upto_id > whole.upto_id) == (False, True)
    forged = GroupStatement.objects.create(
        group=group, from_date=whole.from_date, to_date=whole.to_date, lines=8, upto_id=whole.upto_id,
        seal=again.seal, made_at=now(),
    )  # fmt: skip
    assert not operations.is_genuine(forged)


def test_members_keep_to_their_own_and_a_refusal_keeps_nothing():
    group = make_group(members=4)
    chair, member = member_of(group, "CHAIR"), member_of(group, "MEMBER")
    with pytest.raises(NotAllowed):
        made(group, member, member=chair)
    with pytest.raises(NotFound):
        operations.make_statement(group=group, by=make_person(), at=now(), **ALWAYS)
    with pytest.raises(Invalid):
        made(group, member, first=date(2036, 1, 1))
    assert not GroupStatement.objects.exists()
    assert made(group, chair, member=member)[0].member == member


@pytest.mark.django_db(transaction=True)
def test_a_payment_that_is_written_while_a_statement_is_made_is_in_it():
    """Members do not wait for each other: a row with a lower id may be written last. The statement waits for it."""
    group = make_group(members=4, verified=True)
    open_next(group)
    slow, quick = member_of(group, "MEMBER"), member_of(group, "CHAIR")
    began, other_done = Event(), Event()

    def pays_slowly():
        with transaction.atomic():
            operations.contribute(member=slow, amount=kes("1200"), key="1", by=slow.user, at=now())
            began.set()
            assert other_done.wait(20)

    def pays_and_asks():
        assert began.wait(20)
        operations.contribute(member=quick, amount=kes("1200"), key="1", by=quick.user, at=now())
        other_done.set()
        return made(group, quick)[0]

    found = at_once(pays_slowly, pays_and_asks)
    assert not refusals(found)
    row = GroupStatement.objects.get()
    assert row.lines == 4
    assert operations.is_genuine(row)


def test_a_workbook_is_made_whatever_signs_stand_in_names_and_notes():
    group = make_group(members=4)
    pay_all(open_next(group))
    chair, member = member_of(group, "CHAIR"), member_of(group, "MEMBER")
    operations.rename_group(group=group, name="Umoja\x07 Women", by=chair.user, at=now())
    member.group.refresh_from_db()
    made = operations.make_statement(group=member.group, by=member.user, at=now(), **ALWAYS)
    book = load_workbook(BytesIO(statement_files.workbook_of(*made).content))
    assert book.worksheets[0].cell(1, 1).value == "Umoja Women"
