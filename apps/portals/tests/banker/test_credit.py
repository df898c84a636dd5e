"""Credit at the desk: figures for who sees the portfolio, people for who reviews, one review, and two for a change."""

import re
from datetime import timedelta

import pytest

from apps.accounts.testing import kes
from apps.credit_scoring import operations as credit
from apps.credit_scoring.models import DriftReading, ModelVersion
from apps.credit_scoring.testing import BAD_LOANS, Lender, lending_by, make_struggler
from apps.credit_scoring.training import pipeline
from apps.credit_scoring.training.synthetic import synthetic_year
from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.portals.banker.credit import FOOT, chart
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users.models import CustomerView
from apps.users.queries import system_user
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
PAGE = "/workbench/credit/"


def text_of(answer):
    page = answer.content.decode()
    assert faults_of(page) == []
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u00a0", " ")


@pytest.fixture
def declined():
    person = make_struggler()
    with lending_by(Lender({person.pk: BAD_LOANS})):
        yield credit.decide(user=person, product="INSTANT", amount=kes("3000"), active_loans=0, at=now(), by=person)


def read(weeks_ago, psi, **facts):
    model = ModelVersion.objects.get(status="CHAMPION")
    at = now() - timedelta(weeks=weeks_ago)
    return DriftReading.objects.create(
        model=model, read_on=local_date(at), scores=300, psi=psi, is_alarm=psi > 0.2, read_at=at, **facts
    )


def test_shows_what_the_model_is_made_of_and_whether_it_still_fits():
    read(1, 0.05)
    read(0, 0.31, bands=[{"from": 0, "upto": 1000, "then": 1, "now": 1}], by_characteristic={"SAVINGS": 0.4})
    answer = enter(make_staff("ANALYST")).get(PAGE)
    words = text_of(answer)
    assert "made from invented customers" in words
    assert "Today's customers are not those" in words.replace("&#x27;", "'")
    assert "Calling everybody good" in words
    assert "0.310" in words
    assert "2 readings: 0.31 now; 1 above the alarm" in words
    assert "Declines a person must look at" not in words
    assert "style=" not in answer.content.decode()


def test_the_chart_puts_the_alarm_below_what_is_above_it():
    assert chart([]) is None
    assert chart([read(0, 0.1)]) is None
    found = chart([read(1, 0.4), *DriftReading.objects.all()][::-1][:2])
    assert min(dot.y for dot in found.dots) < found.alarm_y < FOOT


def test_a_decline_waits_is_explained_and_is_reviewed_once(declined):
    officer = make_staff("LOAN_OFFICER")
    client = enter(officer)
    words = text_of(client.get(PAGE))
    assert declined.user.full_name in words
    assert "The score is too low." in words
    address = f"{PAGE}decisions/{declined.public_id}/"
    words = text_of(client.get(address))
    for said in ("KES 3,000.00", "You have loans running already.", "missed_payments", "The decline stands"):
        assert said in words, said
    assert CustomerView.objects.filter(viewer=officer, customer=declined.user).count() == 1
    assert client.post(address, {"decision": "overturn"}).status_code == 422
    declined.refresh_from_db()
    assert declined.status == "REVIEW_OPEN"
    assert client.post(address, {"decision": "overturn", "note": "Paid at the counter"}).status_code == 303
    declined.refresh_from_db()
    assert (declined.status, declined.final_outcome) == ("OVERTURNED", "REFERRED")
    assert client.post(address, {"decision": "uphold", "note": "No"}).status_code == 409
    assert "Paid at the counter" in text_of(client.get(address))


def test_an_override_is_asked_for_and_changes_nothing_yet(declined):
    client = enter(make_staff("BRANCH_MANAGER"))
    address = f"{PAGE}decisions/{declined.public_id}/"
    assert client.post(address, {"outcome": "APPROVED", "reason": "Guaranteed"}).status_code == 303
    assert Approval.objects.get().kind == "credit_scoring.override"
    declined.refresh_from_db()
    assert declined.final_outcome == "REJECTED"
    assert client.post(address, {"outcome": "REJECTED", "reason": "x"}).status_code == 409


def test_auditors_look_and_tellers_do_not(declined):
    address = f"{PAGE}decisions/{declined.public_id}/"
    auditor = enter(make_staff("AUDITOR"))
    assert "Look at it" not in text_of(auditor.get(address))
    assert auditor.post(address, {"decision": "uphold", "note": "x"}).status_code == 422
    teller, analyst = enter(make_staff("TELLER")), enter(make_staff("ANALYST"))
    assert [teller.get(PAGE).status_code, teller.get(address).status_code] == [403, 403]
    assert analyst.get(address).status_code == 403
    declined.refresh_from_db()
    assert declined.status == "REVIEW_OPEN"


def test_another_champion_is_asked_for_by_who_manages_rules():
    made = pipeline.train(synthetic_year(5, 3000), seed=5, with_challenger=False)
    row = credit.keep(made.scorecard, by=system_user(), at=now())
    asked = {"model": row.pk, "to": "CHAMPION", "reason": "Better"}
    assert enter(make_staff("LOAN_OFFICER")).post(PAGE, asked).status_code == 422
    assert enter(make_staff("SUPPORT_AGENT")).post(PAGE, asked).status_code == 403
    admin = enter(make_staff("ADMIN"))
    assert "Put another model to use" in text_of(admin.get(PAGE))
    assert admin.post(PAGE, {**asked, "to": "KING"}).status_code == 422
    assert admin.post(PAGE, asked).status_code == 303
    assert Approval.objects.get().after["model"] == row.name


def test_a_warning_is_taken(declined):
    row = credit.raise_warning(
        user=declined.user, loan_reference="loans/1", signal="DAYS_LATE", severity="NOTICE", facts={}, at=now()
    )
    client = enter(make_staff("LOAN_OFFICER"))
    assert "An instalment is late" in text_of(client.get(PAGE))
    assert client.post(f"{PAGE}warnings/{row.pk}/").status_code == 303
    row.refresh_from_db()
    assert row.status == "ACKNOWLEDGED"
    assert client.post(f"{PAGE}warnings/{row.pk}/").status_code == 409


def test_without_a_model_the_page_says_so():
    ModelVersion.objects.update(status="RETIRED", retired_at=now())
    words = text_of(enter(make_staff("ANALYST")).get(PAGE))
    assert "No credit model is in use" in words
    assert "None: the five factors decide alone." in words


def test_as_many_queries_for_many_decisions(declined, django_assert_max_num_queries):
    client = enter(make_staff("LOAN_OFFICER"))
    client.get(PAGE)
    for _ in range(3):
        person = make_struggler()
        credit.decide(user=person, product="INSTANT", amount=kes("1"), active_loans=0, at=now(), by=person)
    with django_assert_max_num_queries(22):
        client.get(PAGE)
