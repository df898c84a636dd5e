"""How money, people, days and icons are shown on every page."""

import re
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import segno
from django import template
from django.conf import settings
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language, gettext, ngettext

from apps.kernel.clock import MONTHS, day_in_words
from apps.kernel.money import Money
from apps.kernel.text import apart as held_apart
from apps.users import rules

register = template.Library()
NO_BREAK, TRUE_MINUS = "\u00a0", "\u2212"
_STRUCK_OUT = re.compile(r"(?:\+?\d+ )?•+(?: \w+)?")
READ_OUT = 6  # signs a reference has at least when it is meant for people
_LONG_SW = [
    "Januari",
    "Februari",
    "Machi",
    "Aprili",
    "Mei",
    "Juni",
    "Julai",
    "Agosti",
    "Septemba",
    "Oktoba",
    "Novemba",
    "Desemba",
]
_LONG_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_DAYS_SW = ["Jumatatu", "Jumanne", "Jumatano", "Alhamisi", "Ijumaa", "Jumamosi", "Jumapili"]
_DAYS_EN = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"]


def _is_swahili() -> bool:
    return (get_language() or "en").startswith("sw")


@register.filter
def money(amount: Money | None) -> SafeString:
    """`KES 1,234.50`, never broken over lines; a true minus stands before the code."""
    return _money(amount, sign="")


@register.filter
def signed(amount: Money | None) -> SafeString:
    """The same with a plus for money in."""
    return _money(amount, sign="+" if amount is not None and amount.minor > 0 else "")


def _money(amount: Money | None, sign: str) -> SafeString:
    if amount is None:
        return mark_safe("")
    minus = TRUE_MINUS if amount.minor < 0 else sign
    figure = f"{abs(amount).amount:,f}"
    spoken = format_html('<span class="vh">{} </span>', gettext("minus")) if amount.minor < 0 else ""
    return format_html(
        '<span class="money">{}<span aria-hidden="true">{}</span><span class="cur">{}</span>{}</span>',
        spoken,
        minus,
        amount.currency,
        figure,
    )


@register.simple_tag(takes_context=True)
def private(context: Context, amount: Money | None, plus: bool = False) -> SafeString:  # noqa: FBT001, FBT002 read in templates
    """A figure that is not sent while the person hides balances; `plus` puts a plus before money in."""
    if context.get("balances_hidden"):
        return format_html('<span class="money hid"><span class="vh">{}</span>{}</span>', gettext("Hidden"), dots())
    return signed(amount) if plus else money(amount)


def dots() -> SafeString:
    """What stands in a hidden figure's place."""
    return mark_safe('<span aria-hidden="true">••••</span>')


@register.filter
def minor(amount_minor: int, currency: str) -> str:
    """Minor units as a figure without its currency: for the columns of a statement."""
    amount = Money(amount_minor, currency)
    return f"{TRUE_MINUS if amount_minor < 0 else ''}{abs(amount).amount:,f}"


@register.filter
def plain_money(amount: Money) -> str:
    """`KES 1,234.50` as text: for buttons, titles and copies."""
    return f"{TRUE_MINUS if amount.minor < 0 else ''}{amount.currency}{NO_BREAK}{abs(amount).amount:,f}"


@register.filter
def apart(name: str) -> str:
    """A name within a line: one that is read from the right leaves the phone after it as it is."""
    return held_apart(name)


@register.filter
def phone(number: str) -> str:
    """`0712 345 908`."""
    return rules.shown_phone(number) if number else ""


@register.filter
def masked_phone(number: str) -> str:
    """`0712 ••• 908`, which no line breaks."""
    return whole(rules.masked_phone(number)) if number else ""


@register.filter
def whole(address: str) -> str:
    """A phone, card or account whose middle is struck out, kept on one line; other words break as ever. A class could
    not: many stand within a translated sentence.
    """
    return _STRUCK_OUT.sub(lambda found: found[0].replace(" ", NO_BREAK), str(address or ""))


@register.filter
def half_name(name: str) -> str:
    """`Wanjiku K.`."""
    return rules.half_name(name)


@register.filter
def before_stop(name: str) -> str:
    """A name at the end of a sentence: `Wanjiku K.` leaves the full stop to the sentence."""
    return name.removesuffix(".")


@register.filter
def grouped(number: str) -> str:
    """An account number in threes: `001 000 000 427`."""
    return NO_BREAK.join(number[place : place + 3] for place in range(0, len(number), 3))


@register.filter
def day(value: date | datetime) -> str:
    """`9 Mar 2026`, `9 Mac 2026`."""
    on = timezone.localtime(value) if isinstance(value, datetime) else value
    return day_in_words(on, "sw" if _is_swahili() else "en")


@register.filter
def long_day(value: date | datetime) -> str:
    """`Monday, 9 March 2026`, `Jumatatu, 9 Machi 2026`."""
    on = timezone.localtime(value) if isinstance(value, datetime) else value
    days, months = (_DAYS_SW, _LONG_SW) if _is_swahili() else (_DAYS_EN, _LONG_EN)
    return f"{days[on.weekday()]}, {on.day} {months[on.month - 1]} {on.year}"


@register.filter
def month_name(value: date) -> str:
    """`March`, `Machi`."""
    return (_LONG_SW if _is_swahili() else _LONG_EN)[value.month - 1]


@register.filter
def short_day(value: date) -> str:
    """`9 Mar`, `9 Mac`."""
    return f"{value.day} {MONTHS['sw' if _is_swahili() else 'en'][value.month - 1]}"


@register.filter
def weekday(value: date) -> str:
    """`Saturday, 7 March`, `Jumamosi, 7 Machi`."""
    return long_day(value).rpartition(" ")[0]


@register.filter
def clock(value: datetime) -> str:
    """`14:05`, East Africa Time, in digits in both languages."""
    return f"{timezone.localtime(value):%H:%M}"


@register.filter
def clock_seconds(value: datetime) -> str:
    """`14:05:31`: for what holds only a minute."""
    return f"{timezone.localtime(value):%H:%M:%S}"


@register.filter
def plain_rate(rate: Decimal) -> str:
    """A rate to four decimals, or to six where it is below one."""
    return f"{rate:,.4f}" if rate >= 1 else f"{rate:.6f}"


@register.filter
def length_of(start: datetime, end: datetime) -> str:
    """`15 minutes`, `3 hours`, `2 days`: between two moments, whichever comes first."""
    minutes = int(abs((end - start).total_seconds()) // 60)
    if minutes < 120:
        return ngettext("%(n)s minute", "%(n)s minutes", minutes) % {"n": minutes}
    if minutes < 48 * 60:
        return ngettext("%(n)s hour", "%(n)s hours", minutes // 60) % {"n": minutes // 60}
    return ngettext("%(n)s day", "%(n)s days", minutes // 1440) % {"n": minutes // 1440}


@register.filter
def percent(rate: Decimal) -> str:
    """A yearly rate of 0.075 as `7.5%`."""
    return f"{(rate * 100).normalize():f}%"


@register.filter
def short_reference(reference: str) -> str:
    """The part of a reference that people read out: `payments/6f1c2c8e-…` is `6F1C2C8E`.

    Nothing of one that only the books need: `auto/2/cash/1`, `interest/2026-10-31/18`.
    """
    short = reference.rpartition("/")[2].partition("-")[0].upper()
    return short if len(short) >= READ_OUT else ""


@register.filter
def masked_email(address: str) -> str:
    """`ac•••@example.com`."""
    return rules.masked_email(address) if address else ""


@register.filter
def initials(name: str) -> str:
    """`AO`."""
    return "".join(part[0] for part in name.split()[:2]).upper()


@lru_cache
def _drawing(name: str) -> str:
    return (Path(settings.ROOT) / "templates" / "icons" / f"{name}.svg").read_text().strip()


@register.simple_tag(takes_context=True)
def icon(context: Context, name: str, small: bool = False) -> SafeString:  # noqa: FBT001, FBT002 read in templates
    """A lucide icon, decorative: the words beside it are its name. Drawn once a page by `{% icons %}`."""
    _used(context)[name] = None
    size = "i i-sm" if small else "i"
    return format_html('<svg class="{}" aria-hidden="true"><use href="#i-{}"/></svg>', size, name)


@register.simple_tag(takes_context=True)
def icons(context: Context) -> SafeString:
    """The drawings of the icons used so far on this page, once each."""
    symbols = "".join(f'<symbol id="i-{name}" viewBox="0 0 24 24">{_drawing(name)}</symbol>' for name in _used(context))
    _used(context).clear()
    return mark_safe(f'<svg width="0" height="0" class="vh" aria-hidden="true" focusable="false">{symbols}</svg>')  # noqa: S308 our own files


def _used(context: Context) -> dict[str, None]:
    request: Any = context.get("request")
    if request is None:
        shared: Any = context.render_context
        return shared.setdefault("icons", {})  # type: ignore[no-any-return]
    if not hasattr(request, "icons_used"):
        request.icons_used = {}
    return request.icons_used  # type: ignore[no-any-return]


@register.simple_tag
def qr(text: str, title: str) -> SafeString:
    """A QR code as SVG that needs no style, with its sentence for screen readers."""
    drawn = segno.make(text, error="m").svg_inline(scale=6, border=2, omitsize=True, svgclass="qr", lineclass=None)
    label = format_html('<svg role="img" aria-label="{}" ', title)
    return mark_safe(drawn.replace("<svg ", label, 1))  # noqa: S308 segno's own drawing
