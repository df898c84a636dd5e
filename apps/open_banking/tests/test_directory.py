"""What other doors may know of third parties: who they are, and what their servers are told."""

import base64

import pytest
from django.test import RequestFactory

from apps.accounts.testing import make_account
from apps.kernel import events, meanings, third_parties
from apps.kernel.clock import now
from apps.kernel.models import OutboxEvent
from apps.kernel.testing import deliver_events
from apps.open_banking import operations
from apps.open_banking.testing import give, lodge, make_app, make_developer, make_token

pytestmark = pytest.mark.django_db


def test_knows_a_developers_apps_and_nobody_elses():
    developer = make_developer()
    mine, other = make_app(developer=developer).app, make_app().app
    [found] = third_parties.of(developer.user_id)
    assert (found.id, found.client_id, found.owner_id) == (mine.public_id, mine.client_id, developer.user_id)
    assert set(third_parties.named([mine.public_id, other.public_id])) == {mine.public_id, other.public_id}


def test_finds_the_app_behind_a_request_without_asking_while_it_is_served(django_assert_num_queries):
    account = make_account()
    made = make_app()
    consent = give(lodge(made.app), [account])
    raw = make_token(made.app, consent)
    basic = base64.b64encode(f"{made.app.client_id}:{made.secret}".encode()).decode()
    with django_assert_num_queries(0):
        marks = [
            third_parties.mark(RequestFactory().get(path, headers={"Authorization": header}))
            for path, header in (("/obp/v5.1.0/my/accounts", f"Bearer {raw}"), ("/oauth/token", f"Basic {basic}"),
                                 ("/oauth/token", "Basic ???"), ("/api/v1/accounts/", f"Bearer {raw}"))
        ]  # fmt: skip
    assert raw not in str(marks)
    assert made.secret not in str(marks)
    assert third_parties.marked(marks) == dict.fromkeys(marks[:2], made.app.public_id)
    assert marks[3] == ""


def test_tells_an_apps_server_that_a_consent_was_given_and_ended_and_nothing_of_the_customer():
    account = make_account()
    consent = give(lodge(make_app().app), [account])
    operations.revoke(consent=consent, by=account.owner, at=now())
    told = []
    for row in OutboxEvent.objects.filter(name__startswith="open_banking.consent.").order_by("pk"):
        event = events.read(row.name, row.payload)
        offer = third_parties.offer_of(event)
        told.append((offer.name, offer.notice(event)))
    assert [name for name, _notice in told] == ["consent.authorised", "consent.revoked"]
    for _name, notice in told:
        assert notice.client == consent.app.public_id
        assert set(notice.facts) == {"consent_id", "consent_type", "status"}
    assert len({notice.key for _name, notice in told}) == 2
    assert deliver_events()  # and whoever delivers hears of it


def test_every_number_of_the_api_has_a_cause_and_a_remedy():
    found = meanings.everything()
    assert {"OBP-20001", "OBP-35005", "consent_required", "invalid", "too_many_requests"} <= set(found)
    assert all(one.cause and one.remedy and 400 <= one.status < 600 for one in found.values())


def test_a_name_that_no_table_can_hold_marks_nobody_and_hides_no_other():
    made = make_app()
    header = base64.b64encode(b"a\0b:c").decode()
    marks = {
        third_parties.mark(RequestFactory().get("/oauth/authorize", {"client_id": "a\0b"})),
        third_parties.mark(RequestFactory().get("/oauth/token", headers={"Authorization": f"Basic {header}"})),
        third_parties.mark(RequestFactory().get("/oauth/authorize", {"client_id": made.app.client_id})),
    }
    assert set(third_parties.marked(marks).values()) == {made.app.public_id}
