"""The registrar of businesses is asked once a round; what is silent, unreadable or another business passes nobody."""

import pytest

from apps.kernel.clock import now
from apps.kernel.errors import Unavailable
from apps.kernel.http import NotReached
from apps.kyc import ports
from apps.kyc.brs import Brs, read
from apps.kyc.models import BusinessPerson
from apps.kyc.operations.papers.found import firms_agree
from apps.kyc.ports import BadAnswer, BusinessAnswer, RegisteredPerson
from apps.kyc.queries import newest_checks
from apps.kyc.testing import business_handed_in
from apps.users import operations as people
from apps.users.models import User
from apps.users.testing import make_business, make_customer
from simulators.providers.brs import KEY
from simulators.testing import client_of, running

AT = now()
NAME, NUMBER = "Ziwa Fresh Fish Ltd", "PVT-ZIWA26KE"
OWNER = RegisteredPerson("OTIENO, Achieng")


class Says:
    """A registrar that answers, or fails, as it is told."""

    name = "brs"

    def __init__(self, answer):
        self.answer = answer

    def is_set_up(self):
        return self.answer is not None

    def ask(self, number):
        assert number == NUMBER
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


@pytest.fixture
def firm(db):
    row = make_business(make_customer(full_name="Achieng Otieno"))
    people.change_business(business=row, name=NAME, registration_number=NUMBER, by=row.created_by, at=AT)
    row.refresh_from_db()
    return row


@pytest.fixture
def checks_of(monkeypatch):
    """The checks of a business that was handed in, by what is checked, while the registrar says `answer`."""

    def checks(firm, answer):
        monkeypatch.setattr(ports, "_business_registries", [Says(answer)])
        return {row.kind: row for row in newest_checks(business_handed_in(firm, AT))}

    return checks


def known(name=NAME, *named, kind="COMPANY", is_active=True):
    return BusinessAnswer(name, kind, is_active, named, "r1")


@pytest.mark.parametrize(
    ("answer", "registry", "owners"),
    [
        (known("ZIWA FRESH FISH LIMITED", OWNER), ("PASS", None), ("PASS", None)),
        (known(NAME), ("PASS", None), ("PASS", None)),
        (known(NAME, RegisteredPerson("Achieng Otieno", "99999999")), ("PASS", None), ("FAIL", "unnamed")),
        (known(NAME, OWNER, RegisteredPerson("Baraka Mwangi")), ("PASS", None), ("FAIL", "unnamed")),
        (known("Ziwa Fresh Foods Ltd", OWNER), ("PERSON", "other_name"), ("PASS", None)),
        (known("Mlima Transport Ltd", OWNER), ("FAIL", "other_name"), ("PASS", None)),
        (known(NAME, OWNER, is_active=False), ("FAIL", "not_active"), ("PASS", None)),
        (known(NAME, OWNER, kind="PARTNERSHIP"), ("FAIL", "other_kind"), ("PASS", None)),
        (BusinessAnswer(reference="r2"), ("FAIL", "not_found"), ("PASS", None)),
        (BadAnswer("no JSON"), ("PERSON", "unreadable"), ("PASS", None)),
        (NotReached("down"), ("PERSON", "no_answer"), ("PASS", None)),
        (None, ("PERSON", "not_asked"), ("PASS", None)),
    ],
)
def test_agrees_only_with_the_same_business_and_the_same_people(firm, checks_of, answer, registry, owners):
    found = checks_of(firm, answer)
    assert (found["REGISTRY"].result, found["REGISTRY"].facts.get("why")) == registry
    assert (found["OWNERS"].result, found["OWNERS"].facts.get("why")) == owners
    assert "Achieng" not in str([row.facts for row in found.values()])


def test_a_number_of_a_paper_counts_for_more_than_a_name(firm, checks_of):
    User.objects.filter(pk=firm.created_by_id).update(full_name="Mary Wanjiku")
    number = str(firm.created_by.id_number)
    assert checks_of(firm, known(NAME, RegisteredPerson("Achieng Otieno", number)))["OWNERS"].result == "PASS"


def test_says_whom_the_registrar_does_not_have(firm, checks_of):
    other = make_customer(full_name="Baraka Mwangi", kyc_tier="TIER_2")
    User.objects.filter(pk=firm.created_by_id).update(kyc_tier="TIER_2")
    named = {"business": firm, "is_director": True, "nationality": "KE", "added_by": other, "added_at": AT}
    BusinessPerson.objects.create(who=firm.created_by, is_owner=True, share_bp=10_000, **named)
    stranger = BusinessPerson.objects.create(who=other, **named)
    found = checks_of(firm, known(NAME, OWNER))["OWNERS"]
    assert (found.result, found.facts["unnamed"], found.facts["unregistered"]) == ("PERSON", 0, [stranger.pk])


@pytest.mark.django_db
def test_asks_the_registrar_over_the_wire(tmp_path, settings):
    plan = {"registration_number": NUMBER, "name": NAME, "people": [{"name": OWNER.full_name, "id_number": ""}]}
    with running(tmp_path / "simulators") as server, client_of(server) as web:
        settings.BRS_URL, settings.BRS_KEY = f"{server.address}/brs", KEY
        assert Brs().ask(NUMBER).name == ""
        web.post("/control/brs/", json=plan)
        told = Brs().ask(NUMBER)
        assert (told.name, told.kind, told.is_active, told.people) == (NAME, "COMPANY", True, (OWNER,))
        for fault, no in (("HTML", BadAnswer), ("NO_NAME", BadAnswer), ("TIMEOUT", Unavailable)):
            web.post("/control/brs/", json=plan | {"fault": fault})
            with pytest.raises(no):
                Brs().ask(NUMBER)
        web.post("/control/brs/", json=plan)
        settings.BRS_KEY = "other"
        with pytest.raises(BadAnswer):
            Brs().ask(NUMBER)


@pytest.mark.parametrize(
    ("theirs", "ours", "agrees"),
    [
        ("Kamau & Sons Co. Ltd", "KAMAU AND SONS LIMITED", "PASS"),
        ("Sons of Kamau Ltd", "Kamau Sons Ltd", "PERSON"),
        ("Nairobi Trading Ltd", "Mombasa Trading Ltd", "FAIL"),  # a word that many share says nothing
        ("Duka la Achieng", "Duka la Otieno", "PERSON"),
    ],
)
def test_compares_names_of_firms(theirs, ours, agrees):
    assert firms_agree(theirs, ours) == agrees


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>",
        "[]",
        '{"found": "yes"}',
        '{"found": true, "name": "A", "type": "company", "status": "active"}',
        '{"found": true, "name": "A", "type": "company", "status": "active", "people": [{}]}',
        '{"found": true, "name": "A", "type": "bank", "status": "active", "people": []}',
        '{"found": true, "name": "A", "type": "company", "status": null, "people": []}',
        '{"found": true, "name": " ", "type": "company", "status": "active", "people": []}',
        '{"found": true, "name": "A", "type": ["company"], "status": "active", "people": []}',
    ],
)
def test_reads_whole_answers_only(text):
    with pytest.raises(BadAnswer):
        read(text)
