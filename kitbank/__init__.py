"""Wiring only: settings, addresses and the processes that run the bank."""

from kitbank.celery import app as celery_app

__all__ = ["celery_app"]
