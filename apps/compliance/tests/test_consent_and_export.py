"""Consents are words that stay; a copy of one's data is whole, sealed, one's own, and never tips off."""

import base64
import io
import json
import zipfile
from datetime import timedelta
from unittest.mock import ANY

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, transaction

from apps.accounts.testing import make_account
from apps.audit_trail.models import AuditLog
from apps.compliance.errors import AskedAlready, CannotWithdraw
from apps.compliance.looks import looks_of
from apps.compliance.models import ConsentPurpose, ConsentRecord, DataRequest, ExportFile
from apps.compliance.operations import privacy
from apps.compliance.operations.privacy import request as requests
from apps.compliance.testing import download_proof, make_case
from apps.credit_scoring import operations as credit
from apps.credit_scoring.models import BureauReport
from apps.kernel import cipher, consents, personal
from apps.kernel.clock import now
from apps.kernel.errors import NotAllowed, NotFound
from apps.kernel.testing import at_once, deliver_events, refusals
from apps.notifications import operations as notifications
from apps.notifications.models import Message
from apps.notifications.operations.choose import Wish
from apps.notifications.queries import choices_of
from apps.users import operations as users
from apps.users.errors import StepUpRequired
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db


@pytest.fixture
def person():
    return make_customer()


def say(person, code, is_given, at=None):
    return privacy.change_consent(user=person, code=code, is_given=is_given, channel="API", at=at or now())


class TestConsent:
    def test_is_no_until_it_is_given_and_again_after_it_is_withdrawn(self, person):
        assert not consents.holds(person.pk, "MARKETING")
        assert say(person, "MARKETING", True)
        assert not say(person, "MARKETING", True)
        assert consents.holds(person.pk, "MARKETING")
        assert say(person, "MARKETING", False)
        assert not consents.holds(person.pk, "MARKETING")
        assert list(ConsentRecord.objects.order_by("pk").values_list("is_given", flat=True)) == [True, False]

    def test_words_cannot_be_changed(self, person):
        say(person, "BUREAU", True)
        with pytest.raises(DatabaseError), transaction.atomic():
            ConsentRecord.objects.update(is_given=False)
        assert consents.holds(person.pk, "BUREAU")

    @pytest.mark.parametrize("code", ["ACCOUNTS", "IDENTITY", "SECURITY"])
    def test_cannot_withdraw_what_rests_on_contract_or_law(self, person, code):
        with pytest.raises(CannotWithdraw):
            say(person, code, False)
        assert not ConsentRecord.objects.exists()

    def test_refuses_a_purpose_that_is_not_there(self, person):
        with pytest.raises(NotFound):
            say(person, "GOSSIP", True)

    @pytest.mark.parametrize(("asks_again", "counts"), [(True, False), (False, True)])
    def test_counts_for_a_newer_text_unless_that_asks_for_more(self, person, asks_again, counts):
        say(person, "MARKETING", True)
        old = ConsentPurpose.objects.get(code="MARKETING")
        ConsentPurpose.objects.create(
            code="MARKETING", version=2, asks_again=asks_again, basis="CONSENT", law=old.law, name_en="Offers",
            name_sw="Ofa", text_en="More", text_sw="Zaidi", since=now(),
        )  # fmt: skip
        assert consents.holds(person.pk, "MARKETING") is counts

    def test_what_ended_is_neither_asked_nor_given(self, person):
        assert "THIRD_PARTIES" not in {one.purpose.code for one in privacy.consents_of(person.pk)}
        first = ConsentPurpose.objects.get(code="THIRD_PARTIES", version=1)
        ConsentRecord.objects.create(user=person, purpose=first, is_given=True, channel="API", at=now())
        assert not consents.holds(person.pk, "THIRD_PARTIES")
        with pytest.raises(NotFound):
            say(person, "THIRD_PARTIES", True)

    def test_a_word_on_another_purpose_of_the_same_name_no_longer_counts(self, person):
        first = ConsentPurpose.objects.get(code="PROFILING", version=1)
        ConsentRecord.objects.create(user=person, purpose=first, is_given=True, channel="API", at=now())
        assert not consents.holds(person.pk, consents.PROFILING)

    def test_asks_of_many_with_as_many_questions_as_of_one(self, person, django_assert_num_queries):
        others = [make_customer() for _ in range(3)]
        for one in [person, *others[:2]]:
            say(one, consents.PROFILING, True)
        say(person, consents.PROFILING, False)
        with django_assert_num_queries(2):
            agree = consents.among([person.pk, *(one.pk for one in others)], consents.PROFILING)
        assert agree == {one.pk for one in others[:2]}

    def test_agrees_with_the_notices(self, person):
        notifications.choose(user=person, wishes=[Wish("SMS", "MARKETING", is_allowed=True)], at=now())
        assert consents.holds(person.pk, "MARKETING")
        say(person, "MARKETING", False)
        assert not [one for one in choices_of(person) if one.topic == "MARKETING" and one.is_allowed]

    def test_reads_all_purposes_with_two_questions(self, person, django_assert_num_queries):
        say(person, "MARKETING", True)
        with django_assert_num_queries(2):
            rows = privacy.consents_of(person.pk)
        assert [one.purpose.code for one in rows if one.is_given and one.purpose.can_change] == ["MARKETING"]
        assert [one.purpose.can_change for one in rows] == [False] * 6 + [True] * 3

    def test_staff_ask_the_bureau_only_with_consent(self, person, monkeypatch):
        officer = make_staff("LOAN_OFFICER")
        with pytest.raises(NotAllowed):
            credit.ask_bureau(user=person, consented_at=now(), by=officer, at=now())
        assert not BureauReport.objects.exists()


def unzip(content: bytes) -> dict[str, bytes]:
    box = zipfile.ZipFile(io.BytesIO(content))
    return {name: box.read(name) for name in box.namelist()}


class TestCopy:
    def test_is_made_sealed_told_of_and_opened_by_the_same_person_with_proof(self, person):
        account = make_account(person, balance="350")
        request = privacy.ask_export(user=person, at=now())
        assert privacy.make_exports(at=now()) == 1
        assert privacy.make_exports(at=now()) == 0
        request.refresh_from_db()
        assert request.status == "READY"
        assert Message.objects.filter(user=person, code="privacy.export_ready").count() == 1
        sealed = bytes(ExportFile.objects.get().sealed)
        assert person.full_name.encode() not in sealed
        assert sealed[:2] != b"PK"
        with pytest.raises(StepUpRequired):
            privacy.fetch_export(request=request, by=person, challenge_id=None, at=now())
        with pytest.raises(NotFound):
            privacy.fetch_export(request=request, by=make_customer(), challenge_id=None, at=now())
        files = unzip(privacy.fetch_export(request=request, by=person, challenge_id=download_proof(request), at=now()))
        assert json.loads(files["json/accounts.json"])[0]["number"] == account.number
        assert json.loads(files["json/transactions.json"])[0]["amount"] == "350.00"
        assert json.loads(files["json/profile.json"])[0]["id_number"] == person.id_number
        assert b"amount" in files["csv/transactions.csv"]
        assert b"Your data at KitBank" in files["README.txt"]
        assert files["SOMA.txt"] != files["README.txt"]
        assert AuditLog.objects.filter(action="privacy.export.fetched", actor=person).count() == 1

    def test_is_one_at_a_time_and_gone_after_seven_days(self, person):
        request = privacy.ask_export(user=person, at=now())
        privacy.make_exports(at=now())
        with pytest.raises(AskedAlready):
            privacy.ask_export(user=person, at=now())
        late = now() + timedelta(days=7, minutes=1)
        with pytest.raises(NotFound):
            privacy.fetch_export(request=request, by=person, challenge_id=None, at=late)
        assert privacy.expire_exports(at=now()) == 0
        assert privacy.expire_exports(at=late) == 1
        assert not ExportFile.objects.exists()
        request.refresh_from_db()
        assert request.status == "EXPIRED"
        assert privacy.ask_export(user=person, at=late).status == "OPEN"

    def test_says_nothing_of_cases_or_of_who_looked_for_them(self):
        case = make_case()
        person = case.subject
        officer, teller = make_staff("COMPLIANCE_OFFICER"), make_staff("TELLER")
        users.look_at(customer=person, by=officer, reason="A complaint or a dispute", at=now())
        users.look_at(customer=person, by=teller, reason="A complaint or a dispute", at=now())
        deliver_events()
        files = unzip(privacy.archive(person, at=now()))
        whole = b"".join(files.values())
        for word in (case.reference, "RAPID_IN_OUT", "compliance.", "suspicion", "screening"):
            assert word.encode() not in whole, word
        assert json.loads(files["json/staff_looks.json"]) == [
            {"role": "Teller", "reason": "A complaint or a dispute", "at": ANY}
        ]
        assert teller.full_name.encode() not in whole

    def test_a_look_stays_hidden_though_the_officer_moves_to_the_counter(self, person):
        officer = make_staff("COMPLIANCE_OFFICER")
        users.look_at(customer=person, by=officer, reason="An alert", at=now())
        officer.groups.clear()
        assert looks_of(person.pk) == []

    def test_cells_that_a_spreadsheet_would_run_are_disarmed(self, person):
        person.full_name = "=HYPERLINK(1)"
        person.save()
        csv = unzip(privacy.archive(person, at=now()))["csv/profile.csv"].decode()
        assert "'=HYPERLINK(1)" in csv
        assert f",{person.phone}," in csv

    def test_is_sealed_again_with_a_newer_key(self, person, settings):
        request = privacy.ask_export(user=person, at=now())
        privacy.make_exports(at=now())
        settings.FIELD_KEYS = [f"newer:{base64.b64encode(b'n' * 32).decode()}", *settings.FIELD_KEYS]
        given = download_proof(request)
        assert requests.rotate_files() == 1
        assert requests.rotate_files() == 0
        assert cipher.key_id_of(bytes(ExportFile.objects.get().sealed)) == "newer"
        assert privacy.fetch_export(request=request, by=person, challenge_id=given, at=now())[:2] == b"PK"

    def test_is_not_for_staff(self):
        with pytest.raises(NotAllowed):
            privacy.ask_export(user=make_staff("TELLER"), at=now())
        assert not DataRequest.objects.exists()


def test_every_key_to_a_person_is_given_or_left_out_for_a_reason():
    """A model that joins fails here until its app's `personal.py` says which."""
    user = apps.get_model(settings.AUTH_USER_MODEL)
    keys = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models(include_auto_created=True)
        for field in model._meta.concrete_fields
        if field.is_relation and field.related_model is user
    }
    known = personal.covered() | set(personal.left_out())
    assert keys - known == set()
    assert {key for key in personal.left_out() if key not in keys} == set()
    assert not personal.covered() & set(personal.left_out())
    assert all(len(reason) > 10 for reason in personal.left_out().values())


def test_parts_have_names_of_their_own():
    names = [part.name for part in personal.parts()]
    assert len(names) == len(set(names))


@pytest.mark.django_db(transaction=True)
def test_two_copies_asked_for_at_once_are_one():
    person = make_customer()
    results = at_once(*[lambda: privacy.ask_export(user=person, at=now())] * 2)
    assert [type(no) for no in refusals(results)] == [AskedAlready]
    made = at_once(*[lambda: privacy.make_exports(at=now())] * 2)
    assert sorted(made) == [0, 1]
    assert ExportFile.objects.count() == 1
