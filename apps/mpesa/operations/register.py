"""Telling M-Pesa where our paybill listens."""

from django.conf import settings

from apps.mpesa import addresses, daraja


def register_addresses() -> None:
    """Register where payments are checked and confirmed; in production M-Pesa takes it once. Raises daraja.Refused."""
    daraja.register_urls(
        confirmation=addresses.of_all("c2b", "confirmation"), validation=addresses.of_all("c2b", "validation")
    )
    daraja.register_pull(phone=settings.DARAJA_PULL_PHONE, callback=addresses.of_all("c2b", "confirmation"))
