"""The filters of lists, by query or, as older clients send them, by header; each wrong one has its own number."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest

from apps.open_banking.obp.refusals import Refused

MOST, AT_ONCE = 10_000, 1_000
_FORMS = ("%Y-%m-%dT%H:%M:%S.%fZ", "%Y-%m-%dT%H:%M:%SZ", "%Y-%m-%dT%H:%M:%S.%f%z", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d")
_WRONG = "Incorrect filter Parameters in URL."
_WHY = {
    10012: "OBP-10012: The value is above the maximum of 10000.",
    10023: "OBP-10023: obp_sort_direction parameter can only take two values: DESC or ASC!",
    10024: "OBP-10024: wrong value for obp_offset parameter. Please send a positive integer (=>0)!",
    10025: "OBP-10025: wrong value for obp_limit parameter. Please send a positive integer (=>1)!",
    10026: "OBP-10026: Failed to parse date string. Please use this format yyyy-MM-dd'T'HH:mm:ss.SSS'Z'!",
}


@dataclass(frozen=True, slots=True)
class Filters:
    """Which rows of a list: from an instant to another, newest first unless told."""

    limit: int
    offset: int
    is_ascending: bool
    from_at: datetime | None
    to_at: datetime | None

    @property
    def names_days(self) -> bool:
        """Whether it asks for some days and not for others."""
        return self.from_at is not None or self.to_at is not None


def filters_of(request: HttpRequest) -> Filters:
    """Read them. At most 1,000 rows leave at once, whatever was asked. Raises Refused."""
    direction = _given(request, "sort_direction").upper() or "DESC"
    if direction not in {"ASC", "DESC"}:
        raise _no(10023)
    return Filters(
        limit=min(_number(_given(request, "limit") or "50", 1, 10025), AT_ONCE),
        offset=_number(_given(request, "offset") or "0", 0, 10024),
        is_ascending=direction == "ASC",
        from_at=_instant(_given(request, "from_date")),
        to_at=_instant(_given(request, "to_date")),
    )


def _given(request: HttpRequest, name: str) -> str:
    for key in (name, f"obp_{name}"):
        if key in request.GET:
            return request.GET[key].strip()
    return str(request.headers.get(f"obp_{name}") or request.META.get(f"HTTP_OBP_{name.upper()}") or "").strip()


def _number(text: str, least: int, number: int) -> int:
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit()) or len(digits) > 18 or int(text) < least:
        raise _no(number)
    if int(text) > MOST:
        raise _no(10012)
    return int(text)


def _instant(text: str) -> datetime | None:
    if not text:
        return None
    for form in _FORMS:
        try:
            found = datetime.strptime(text.replace(" ", "+"), form)  # noqa: DTZ007  # UTC where no offset is written
        except ValueError:
            continue
        return found if found.tzinfo else found.replace(tzinfo=UTC)
    raise _no(10026)


def _no(number: int) -> Refused:
    return Refused(10016, _WHY[number], words=_WRONG)
