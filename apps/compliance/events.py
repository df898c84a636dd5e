"""What compliance tells: ids of its own alone, never of whom, so that nobody learns of a case by an event."""

from dataclasses import dataclass

from apps.kernel.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertRaised(Event):
    """Something was seen."""

    name = "compliance.alert.raised"
    alert_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseOpened(Event):
    """Somebody has to look."""

    name = "compliance.case.opened"
    case_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseClosed(Event):
    """Looked at: there was no suspicion."""

    name = "compliance.case.closed"
    case_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportFiled(Event):
    """A report went to the Financial Reporting Centre."""

    name = "compliance.report.filed"
    report_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentChanged(Event):
    """A person gave or withdrew their consent."""

    name = "privacy.consent.changed"
    user_id: int
    purpose: str
    is_given: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRequestAsked(Event):
    """Somebody asks something of their data."""

    name = "privacy.request.asked"
    request_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DataRequestAnswered(Event):
    """It was answered."""

    name = "privacy.request.answered"
    request_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonErased(Event):
    """The law's time is over and the person's name is gone; the books stay."""

    name = "privacy.person.erased"
    user_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxReturnDrafted(Event):
    """A month of a tax was computed for the first time."""

    name = "taxes.return.drafted"
    return_id: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxReturnFiled(Event):
    """It was filed with the revenue authority."""

    name = "taxes.return.filed"
    return_id: int
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxPaidOnAccount(Event):
    """Some of a tax was paid before the month's return."""

    name = "taxes.account.paid"
    tax: str
    minor: int
    currency: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxReturnPaid(Event):
    """It was paid out of the bank's own money."""

    name = "taxes.return.paid"
    return_id: int
    minor: int
    currency: str
