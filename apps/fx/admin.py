"""Exchange as windows."""

from django.contrib import admin

from apps.fx.models import Currency, ExchangeRate, Quote, RefusedFeed, Spread
from apps.kernel.admin import Window


@admin.register(Currency)
class Currencies(Window):
    """What the bank quotes."""

    sees = "fx.view_rates"
    list_display = ("code", "name", "number", "decimals", "is_active")


@admin.register(ExchangeRate)
class ExchangeRates(Window):
    """Every rate the bank ever used."""

    sees = "fx.view_rates"
    list_display = ("base", "quote", "rate", "source", "as_of", "fetched_at", "valid_until")
    list_filter = ("base", "source")
    list_select_related = ("base", "quote")


@admin.register(RefusedFeed)
class RefusedFeeds(Window):
    """What was not believed, and why."""

    sees = "fx.view_rates"
    list_display = ("received_at", "source", "because", "detail", "as_of")
    list_filter = ("because", "source")


@admin.register(Spread)
class Spreads(Window):
    """What exchanging cost and will cost."""

    sees = "fx.view_rates"
    list_display = ("valid_from", "rate")


@admin.register(Quote)
class Quotes(Window):
    """Prices that were given, and whether they were used."""

    sees = "fx.view_rates"
    list_display = ("public_id", "user", "give", "get", "mid_rate", "rate", "created_at", "expires_at", "used_at")
    list_filter = ("give_currency", "get_currency")
    list_select_related = ("user",)
