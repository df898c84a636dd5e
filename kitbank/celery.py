"""The Celery application: tasks are wake-up calls, the truth is in the database."""

import os
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from celery import Celery
from celery.signals import worker_process_init
from django.apps import apps
from django_structlog.celery.steps import DjangoStructLogInitStep
from kombu.transport import TRANSPORT_ALIASES

from apps.kernel.garbage import settle_in

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kitbank.settings.local")

TRANSPORT_ALIASES["filesystem"] = "kitbank.wakeups:Transport"
app = Celery("kitbank")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
app.steps["worker"].add(DjangoStructLogInitStep)


@worker_process_init.connect
def settle(**_: Any) -> None:
    """A worker's process begins with everything loaded."""
    settle_in()


@app.on_after_finalize.connect
def gather_schedules(sender: Celery, **_: Any) -> None:
    """Each app says in `tasks.SCHEDULE` what it does when; beat keeps the whole in the database."""
    for config in apps.get_app_configs():
        if config.name.startswith("apps.") and find_spec(f"{config.name}.tasks"):
            sender.conf.beat_schedule |= getattr(import_module(f"{config.name}.tasks"), "SCHEDULE", {})
