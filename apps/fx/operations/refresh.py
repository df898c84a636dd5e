"""Asking the provider for rates: what it says is believed only when nothing about it is odd."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal

import structlog
from django.conf import settings
from django.db import transaction

from apps.audit_trail import operations as audit_trail
from apps.fx import ports, queries, rules
from apps.fx.events import FeedRefused, RatesUpdated
from apps.fx.models import Currency, ExchangeRate, RefusedFeed
from apps.kernel import events
from apps.kernel.errors import Unavailable
from apps.users.queries import system_user

log = structlog.get_logger(__name__)
GOOD_FOR = timedelta(hours=1)


def refresh_rates(*, at: datetime) -> queries.Rates | None:
    """Fetch rates and record them; None when the feed was refused, and the rates before it stand.

    The provider is called outside any transaction. A refusal is logged, kept, audited and told to staff.
    """
    provider, asked = ports.provider(), settings.EXCHANGERATE_BASE
    table: Mapping[str, Decimal] = {}
    as_of: datetime | None = None
    try:
        feed = provider.latest(asked)
        as_of = feed.as_of
        table = _table(feed, asked, at)
        held = queries.newest(at)
        if held is not None:
            rules.require_no_jump(table, held.table, most=settings.FX_LARGEST_JUMP)
    except (rules.BadFeed, Unavailable) as no:
        _refuse(provider.name, no, table, as_of, at)
        return None
    record_rates(table=table, source=provider.name, as_of=as_of, at=at)
    return queries.newest(at)


def _table(feed: rules.Feed, asked: str, at: datetime) -> dict[str, Decimal]:
    wanted = Currency.objects.filter(is_active=True).values_list("code", flat=True)
    return rules.home_table(feed, asked=asked, home=settings.HOME_CURRENCY, wanted=wanted, at=at)


@transaction.atomic
def record_rates(*, table: Mapping[str, Decimal], source: str, as_of: datetime, at: datetime) -> list[ExchangeRate]:
    """Write down rates that were found sound, all at one moment: home units for one of each currency."""
    rows = [
        ExchangeRate(
            base_id=code,
            quote_id=settings.HOME_CURRENCY,
            rate=rate,
            source=source,
            as_of=as_of,
            fetched_at=at,
            valid_until=at + GOOD_FOR,
        )
        for code, rate in sorted(table.items())
    ]
    ExchangeRate.objects.bulk_create(rows)
    told = {code: str(rate) for code, rate in sorted(table.items())}
    audit_trail.record("fx.rates.updated", on=f"fx/rates/{at.isoformat()}", by=system_user(), at=at, after=told)
    events.publish(RatesUpdated(source=source, fetched_at=at.isoformat(), currencies=len(rows)))
    return rows


@transaction.atomic
def _refuse(
    source: str, no: Exception, table: Mapping[str, Decimal], as_of: datetime | None, at: datetime
) -> RefusedFeed:
    because = no.because if isinstance(no, rules.BadFeed) else "NOT_REACHED"
    row = RefusedFeed.objects.create(
        source=source,
        because=because,
        detail=str(no)[:300],
        figures={code: str(rate) for code, rate in table.items()},
        as_of=as_of,
        received_at=at,
    )
    log.warning("rates_refused", source=source, because=because, detail=row.detail)
    facts = {"source": source, "because": because}
    audit_trail.record("fx.feed.refused", on=row, by=system_user(), at=at, after=facts, reason=row.detail)
    events.publish(FeedRefused(refused_id=row.pk, because=because))
    return row
