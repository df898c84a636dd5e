"""What fx holds of a person: the rates they were quoted."""

from apps.kernel import personal

personal.holds(
    personal.Part("exchange_quotes", "fx.Quote", "user",
                  ("public_id", "give_currency", "get_currency", "mid_rate", "rate", "created_at", "used_at"))
)  # fmt: skip
