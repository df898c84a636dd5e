"""What a list or a clock may do that nobody meant: nothing of it is kept, and nobody passes by for it."""

from datetime import timedelta

import pytest

from apps.audit_trail.models import AuditLog
from apps.kernel.clock import local_date, now
from apps.kernel.models import OutboxEvent
from apps.kyc.errors import ListRefused
from apps.kyc.models import ListVersion, ScreeningHit, WatchList
from apps.kyc.operations import screening
from apps.kyc.tests.lists import OFAC, own
from apps.users.testing import make_customer, make_staff


def load(officer, raw, code="OWN"):
    return screening.load_list(watch_list=WatchList.objects.get(code=code), raw=raw, by=officer, at=now())


@pytest.mark.django_db(transaction=True)
def test_what_slept_wakes_at_night_with_its_event_however_many_there_are():
    officer = make_staff("COMPLIANCE_OFFICER")
    load(officer, own("1,PERSON,Zubair Warsame,"))
    people = [make_customer(full_name="Zubeyr Warsame") for _nth in range(2)]
    screening.screen_people([one.pk for one in people], at=now())
    for hit in ScreeningHit.objects.select_related("watch_list", "user"):
        screening.clear(hit=hit, reason="Another person", by=officer, at=now())
    before = OutboxEvent.objects.filter(name="kyc.screening.hit").count()
    assert screening.wake(at=now() + timedelta(days=366)) == 2
    assert set(ScreeningHit.objects.values_list("status", flat=True)) == {"OPEN"}
    assert OutboxEvent.objects.filter(name="kyc.screening.hit").count() == before + 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "raw"),
    [
        ("OWN", own("1,PERSON,Ann A,", on=(local_date(now()) + timedelta(days=30)).isoformat())),
        ("OWN", own("1,PERSON,Ann A,", on="9999-12-31")),
        ("OWN", own("u" * 61 + ",PERSON,Ann A,")),
        ("OWN", own("1,PERSON,Ann\0 A,")),
        ("OWN", own("1\0,PERSON,Ann A,")),
        ("OWN", own("1,PERSON,Ann A,").replace(b",1", b"," + b"1" * 5000)),
        ("OFAC_SDN", OFAC.replace("<Record_Count>3", "<Record_Count>" + "3" * 5000).encode()),
        ("OFAC_SDN", OFAC.replace("<uid>103</uid>", f"<uid>{'9' * 61}</uid>").encode()),
        ("OFAC_SDN", OFAC.replace("11/20/2026", "11/20/2062").encode()),
    ],
)
def test_a_file_that_no_list_can_be_is_refused_and_the_next_one_is_not(code, raw):
    officer = make_staff("COMPLIANCE_OFFICER")
    with pytest.raises(ListRefused):
        load(officer, raw, code)
    assert not ListVersion.objects.exists()
    good = OFAC.encode() if code == "OFAC_SDN" else own("1,PERSON,Ann A,")
    assert load(officer, good, code).number == 1
    assert AuditLog.objects.filter(action="kyc.watch_list.loaded").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["***", "-", "J", "", "ʹ", "Ltd", "a" * 5000])
def test_a_name_without_a_word_is_like_nobody(name):
    load(make_staff("COMPLIANCE_OFFICER"), own("1,PERSON,Zubair Warsame,"))
    assert screening.check_name(name) == []
