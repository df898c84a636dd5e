"""The menu by API: what one may open, named in one's language, and every page of it opens."""

import pytest

from apps.portals.testing import sign_in
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db
PATH = "/api/v1/portals/menu"


def menu(client, who, language="en"):
    return client.get(PATH, headers={**bearer(who), "Accept-Language": language}).json()


def paths(shown):
    return {item["path"] for group in shown["groups"] for item in group["items"]}


def test_a_customer_opens_every_page_of_theirs(client):
    customer = make_customer()
    shown = menu(client, customer)
    assert shown["portal"] == "CUSTOMER"
    browser = sign_in(customer)
    assert {path: browser.get(path).status_code for path in paths(shown)} == dict.fromkeys(paths(shown), 200)
    assert not any(path.startswith("/workbench") for path in paths(shown))


def test_titles_are_in_the_language_asked_for(client):
    customer = make_customer()
    english, swahili = menu(client, customer), menu(client, customer, "sw")
    assert english["groups"][0]["items"][0]["title"] == "Home"
    assert swahili["groups"][0]["items"][0]["title"] != "Home"
    assert paths(english) == paths(swahili)


def test_staff_find_the_windows_their_rights_open(client):
    teller, auditor = paths(menu(client, make_staff("TELLER"))), paths(menu(client, make_staff("AUDITOR")))
    assert "/workbench/teller/" in teller
    assert "/workbench/teller/" not in auditor
    assert "/workbench/audit_trail/auditlog/" in auditor
    assert "/workbench/audit_trail/auditlog/" not in teller
    assert "/workbench/users/businessprofile/" in teller
    assert menu(client, make_staff("TELLER"))["portal"] == "WORKBENCH"


def test_asks_for_a_token_and_costs_the_same_for_all(client, django_assert_num_queries):
    assert client.get(PATH).status_code == 401
    headers = bearer(make_staff("SUPER_ADMIN"))
    with django_assert_num_queries(4):  # token, rate, the rights of the person and of their groups
        client.get(PATH, headers=headers)
    headers = bearer(make_customer())
    with django_assert_num_queries(2):  # token, rate
        client.get(PATH, headers=headers)
