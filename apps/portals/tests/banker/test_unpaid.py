"""Standing orders that were not paid, and the bank's calendar, at the desk."""

from datetime import timedelta

import pytest

from apps.kernel.clock import local_date, now
from apps.ledger.queries import calendar_of, holidays
from apps.ledger.rules.calendar import working_day_from
from apps.payments.models import StandingOrderRun
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import Desk, enter, look
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
QUEUE, CALENDAR = "/workbench/queues/standing-orders/", "/workbench/holidays/"


@pytest.fixture
def desk():
    return Desk()


def test_what_was_not_paid_stands_in_a_queue_and_on_the_customers_page(desk):
    user = make_staff("SUPPORT_AGENT")
    client = enter(user)
    page = client.get(QUEUE).content.decode()
    assert "Not enough money." in page
    assert "3 tries" in page
    look(user, desk.customer)
    assert "Not enough money." in client.get(f"/workbench/customer/{desk.customer.pk}/").content.decode()
    StandingOrderRun.objects.update(created_at=now() - timedelta(days=15))
    assert "All were paid" in client.get(QUEUE).content.decode()


def test_the_queue_asks_the_database_no_more_with_more_rows(desk, django_assert_max_num_queries):
    client = enter(make_staff("SUPPORT_AGENT"))
    for nth in range(1, 9):
        row = StandingOrderRun.objects.get(pk=desk.run.pk)
        row.pk, row.due_on, row._state.adding = None, row.due_on + timedelta(days=nth), True
        row.save()
    with django_assert_max_num_queries(9):
        assert client.get(QUEUE).content.decode().count("Not enough money.") == 9


def test_a_gazetted_day_is_written_down_refused_twice_and_taken_back():
    client = enter(make_staff("ADMIN"))
    on = working_day_from(local_date(now()) + timedelta(days=20))
    fields = {"on": str(on), "name": "Idd-ul-Fitr", "notice": "3206 of 2027"}
    assert client.post(CALENDAR, fields).status_code == 303
    assert not calendar_of(on, on).is_working_day(on)
    again = client.post(CALENDAR, fields)
    assert again.status_code == 409
    assert faults_of(again.content.decode()) == []
    past = client.post(CALENDAR, fields | {"on": "2020-01-02"})
    assert past.status_code == 422
    [row] = [one for one in holidays(on.year) if one.id]
    for number, status in (("nonsense", 404), (str(row.id), 303), (str(row.id), 404)):
        assert client.post(CALENDAR, {"withdraw": number}).status_code == status
    assert calendar_of(on, on).is_working_day(on)
