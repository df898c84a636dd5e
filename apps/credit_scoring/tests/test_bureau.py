"""The bureau: what it says counts, what fails blocks nobody, nobody is listed unwarned. And the words of every code."""

from datetime import timedelta

import pytest

from apps.accounts.testing import kes
from apps.credit_scoring import operations, wording
from apps.credit_scoring.errors import NotListable
from apps.credit_scoring.models import BureauReport
from apps.credit_scoring.rules import factors
from apps.credit_scoring.rules.features import CHARACTERISTICS
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed
from apps.kernel.models import ProviderState
from apps.users.testing import make_customer, make_staff
from simulators.providers.metropol import score_of
from simulators.testing import client_of, running

AT = now().replace(microsecond=0)


@pytest.fixture
def bureau(tmp_path, settings):
    """The bureau's stand-in beside the bank, and its control."""
    with running(tmp_path / "simulators") as server, client_of(server) as web:
        settings.METROPOL_URL = f"{server.address}/metropol"

        def tell(**plan):
            assert web.post("/control/metropol/", json=plan).status_code == 200

        yield tell


def ask(person):
    return operations.ask_bureau(user=person, consented_at=AT, by=person, at=AT)


@pytest.mark.django_db(transaction=True)
def test_a_bureau_that_answers_counts(bureau):
    person = make_customer(id_number="21345679")
    before = operations.score(user=person, at=AT - timedelta(hours=1), by=person)
    bureau(identity_number="21345679", credit_score=900)
    row = ask(person)
    assert (row.status, row.score, row.bureau) == ("ANSWERED", 850, "metropol")
    after = operations.score(user=person, at=AT, by=person)
    assert after.pk != before.pk
    assert after.decision_score > before.decision_score
    assert "BUREAU_NOT_ASKED" not in after.notes
    bureau(identity_number="21345679")
    other = make_customer(id_number="21345678")
    assert ask(other).score == 300 + round((score_of("21345678") - 200) * 550 / 700)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("fault", "status", "note"),
    [
        ("NO_FILE", "NO_FILE", "BUREAU_NO_FILE"),
        ("HTML", "UNREADABLE", "BUREAU_UNREACHABLE"),
        ("NO_SCORE", "UNREADABLE", "BUREAU_UNREACHABLE"),
        ("HTTP_500", "UNREADABLE", "BUREAU_UNREACHABLE"),
        ("TIMEOUT", "UNREACHABLE", "BUREAU_UNREACHABLE"),
    ],
)
def test_a_bureau_that_fails_blocks_nobody(bureau, fault, status, note):
    person = make_customer(id_number="21345679")
    bureau(fault=fault)
    assert ask(person).status == status
    assert note in operations.score(user=person, at=AT, by=person).notes
    assert ProviderState.objects.filter(name="metropol", failures__gt=0).exists() == (fault in {"HTTP_500", "TIMEOUT"})


@pytest.mark.django_db(transaction=True)
def test_wrong_keys_and_no_keys(bureau, settings):
    person = make_customer(id_number="21345679")
    settings.METROPOL_PRIVATE_KEY = "another"
    assert ask(person).status == "UNREADABLE"
    settings.METROPOL_PRIVATE_KEY = ""
    assert ask(person) is None
    assert BureauReport.objects.count() == 1
    with pytest.raises(NotAllowed):
        operations.ask_bureau(user=person, consented_at=AT, by=make_customer(), at=AT)


@pytest.mark.django_db
def test_nobody_is_listed_without_notice_or_for_a_thousand():
    person, officer = make_customer(), make_staff("LOAN_OFFICER")

    def notice(owed="5000", reference="loans/1", by=officer):
        return operations.give_listing_notice(user=person, loan_reference=reference, owed=kes(owed), by=by, at=AT)

    def listable(days, owed="5000"):
        at = AT + timedelta(days=days)
        return operations.require_listable(loan_reference="loans/1", owed=kes(owed), at=at)

    with pytest.raises(NotListable):
        listable(99)
    with pytest.raises(NotListable) as no:
        notice("1000")
    assert no.value.facts["because"] == "TOO_SMALL_TO_LIST"
    with pytest.raises(NotAllowed):
        notice(by=make_staff("TELLER"))
    row = notice()
    assert notice() == row
    assert (row.list_from - row.noticed_on).days == 30
    with pytest.raises(NotListable):
        listable(29)
    assert listable(30) == row
    with pytest.raises(NotListable):
        listable(30, owed="1000")


def test_every_code_has_words_in_both_languages():
    codes = set(factors.WEIGHTS) | set(CHARACTERISTICS)
    for language in ("en", "sw"):
        for code in codes:
            for direction in ("UP", "DOWN"):
                (sentence,) = wording.explain([{"code": code, "direction": direction}], language)
                assert sentence.endswith(".")
        for table in (wording.REASONS, wording.NOTES):
            for code in table:
                assert wording.explain_reasons([code], language) or wording.explain_notes([code], language)
    assert wording.explain([{"code": "SAVINGS", "direction": "UP"}], "sw") != wording.explain(
        [{"code": "SAVINGS", "direction": "UP"}], "en"
    )


def test_what_is_missing_is_not_told_as_bad_and_nothing_is_said_twice():
    told = wording.explain(
        [
            {"code": "MISSED_PAYMENTS_UNKNOWN", "direction": "DOWN"},
            {"code": "DAYS_LATE_UNKNOWN", "direction": "UP"},
            {"code": "BUREAU_UNKNOWN", "direction": "DOWN"},
            {"code": "UNHEARD_OF", "direction": "UP"},
        ],
        "en",
    )
    assert told == [
        "You have not repaid a loan here yet, so we cannot count that for you.",
        "No credit bureau report was counted.",
    ]
    assert wording.explain_reasons(["SCORE_LOW", "SAVINGS.DOWN", "SAVINGS.DOWN"], "en") == [
        "The score is too low.",
        "Little money stays in your account.",
    ]
