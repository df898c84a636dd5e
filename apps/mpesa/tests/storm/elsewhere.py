"""What must be true of other banks after the storm: transfers, files, and the accounts held there."""

from apps.mpesa.tests.storm.truth import settled
from apps.payments.models import BankFile, BankNews, Payment

RAILS = {"pesalink": ["pesalink"], "bank": ["eft", "rtgs"], "abroad": ["abroad"]}  # by whom they go through


def assert_the_same(store, *, given):
    """Transfers and files: each side's list is the other's, and the settlement accounts hold what was entered there.

    `given`: minor units that came through the settlement bank before the storm, and that it was not asked about.
    """
    for channel, rails in RAILS.items():
        assert _sent_by(rails) == _taken_by(store, channel)
        rows = store.rows("SELECT currency, sum(minor) AS minor FROM ib_entry WHERE channel = ? GROUP BY 1", channel)
        entered = {row["currency"]: row["minor"] + given * (channel == "bank") for row in rows}
        assert {currency: settled(f"{channel}:settlement", currency) for currency in entered} == entered
        assert set(entered) == {currency for _minor, currency in _sent_by(rails).values()}
    assert not BankNews.objects.exclude(disputed=[]).exists()
    files = {row["message"]: row["digest"] for row in store.rows("SELECT message, digest FROM ib_file")}
    assert dict(BankFile.objects.values_list("message_id", "sha256")) == files


def _sent_by(rails):
    """What we say was carried out: amount and currency that left, by our reference."""
    done = Payment.objects.filter(rail__in=rails, status__in=["COMPLETED", "REVERSED"]).select_related("quote")
    left = {one.reference: one.quote.get if one.quote else one.amount for one in done}
    return {reference: (money.minor, money.currency) for reference, money in left.items()}


def _taken_by(store, channel):
    rows = store.rows("SELECT * FROM ib_transfer WHERE status = 'ACSC' AND channel = ?", channel)
    return {row["reference"]: (row["minor"], row["currency"]) for row in rows}
