"""The files for the centre hold their transactions and are what the schema says: of suspicion, and of cash."""

from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree as Tree

import pytest
import xmlschema

from apps.accounts.models import CashMovement, Transaction
from apps.accounts.testing import make_account, make_teller
from apps.compliance import goaml, operations
from apps.compliance.errors import ReportIncomplete
from apps.compliance.models import AmlRule, Case, SuspiciousActivityAlert
from apps.compliance.testing import History, make_mlro, yesterday_noon
from apps.fx.testing import set_rates
from apps.kernel.clock import local_date, now
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
SCHEMA = xmlschema.XMLSchema10(str(Path(goaml.__file__).parent / "kitbank-goaml.xsd"))


def read(kept):
    """The file, once it is what the schema says."""
    text = bytes(kept.content).decode().split("?>", 1)[1]
    SCHEMA.validate(text)
    return Tree.fromstring(text)


def test_a_report_of_suspicion_names_the_transactions_of_everyone_on_the_path():
    history, people, noon = History(), [make_account() for _nth in range(3)], yesterday_noon()
    history.line(people[0], 400_000, noon - timedelta(hours=3), kind="DEPOSIT")
    for nth, (giver, taker) in enumerate(pairwise(people)):
        history.move(giver, taker, 396_000, noon - timedelta(hours=2 - nth))
    history.line(people[-1], -390_000, noon, kind="EXTERNAL_TRANSFER", other="Abroad Ltd")
    operations.sweep_day(day=local_date(noon), at=now())
    case, officer = Case.objects.get(subject=people[0].owner), make_staff("COMPLIANCE_OFFICER")
    operations.claim(case=case, by=officer, at=now())
    operations.decide_to_report(case=case, reason="Through three hands in three hours", by=officer, at=now())
    lines = case.alerts.get(code="RAPID_IN_OUT").lines
    asked = {"narrative": "Cash through three hands", "action": "", "indicators": ["RAPID_IN_OUT"], "by": officer}
    own = set(Transaction.objects.filter(account=people[0]).values_list("pk", flat=True))
    others = [line for line in lines if line not in own]
    with pytest.raises(ReportIncomplete):
        operations.draft_report(case=case, lines=others, at=now(), **asked)
    report = operations.draft_report(case=case, lines=lines, at=now(), **asked)
    told = read(operations.approve_report(report=report, by=make_mlro(), at=now()))
    amounts = sorted(float(one.text) for one in told.iter("amount_local"))
    assert amounts == [390_000, 396_000, 396_000, 400_000], "each transfer once, though both its sides are named"


def test_a_report_of_cash_holds_the_weeks_cash():
    history, account = History(), make_account()
    monday = yesterday_noon() - timedelta(days=14 + yesterday_noon().weekday())
    line = history.line(account, 2_500_000, monday, kind="DEPOSIT", other="Counter")
    rule = AmlRule.objects.filter(code="CASH_OVER").latest("version")
    SuspiciousActivityAlert.objects.create(
        source="RULE", rule=rule, code="CASH_OVER", subject=account.owner, key="week/1", first_at=monday,
        last_at=monday, threshold=1, actual=2, amount_minor=250_000_000, lines=[line.pk], severity="LOW",
        raised_at=monday,
    )  # fmt: skip
    kept = operations.make_cash_report(week_of=local_date(monday), by=make_staff("COMPLIANCE_OFFICER"), at=now())
    told = read(kept)
    assert (told.findtext("report_code"), kept.figures) == ("CTR", {"customers": 1, "transactions": 1})
    assert [float(one.text) for one in told.iter("amount_local")] == [2_500_000]


def test_a_report_of_cash_looks_at_what_no_night_looked_at_and_holds_each_day_in_and_out():
    history, account = History(), make_account()
    monday = yesterday_noon() - timedelta(days=14 + yesterday_noon().weekday())
    set_rates(monday - timedelta(days=2))
    teller, till = make_teller(cash="0")
    lines = [
        history.line(account, shillings, at, kind="DEPOSIT" if shillings > 0 else "WITHDRAWAL", other="Counter")
        for shillings, at in (
            (2_500_000, monday), (-2_400_000, monday + timedelta(hours=2)), (2_100_000, monday + timedelta(days=1)),
        )
    ]  # fmt: skip
    for nth, line in enumerate(lines):
        CashMovement.objects.create(
            kind="DEPOSIT" if line.amount_minor > 0 else "WITHDRAWAL", status="DONE", account=account, till=till,
            amount_minor=abs(line.amount_minor), currency="KES", by_name="X", receipt=f"R{nth}", key=str(nth),
            transfer_id=line.transfer_id, made_by=teller, created_at=line.posted_at, done_at=line.posted_at,
        )  # fmt: skip
    officer, day = make_staff("COMPLIANCE_OFFICER"), local_date(monday)
    operations.sweep_day(day=day, at=now())
    asked = {"week_of": day, "by": officer, "at": now()}
    kept = operations.make_cash_report(**asked)
    assert kept.figures == {"customers": 1, "transactions": 3}
    assert sorted(float(one.text) for one in read(kept).iter("amount_local")) == [2_100_000, 2_400_000, 2_500_000]
