"""Which queue a job waits in is said in one place, settings, and money never waits behind messages."""

import pytest
import yaml
from celery import current_app as app

from kitbank.local import places
from kitbank.local.up import QUEUES


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("apps.ledger.tasks.end_days", "money"),
        ("apps.ledger.tasks.expire_holds", "money"),
        ("apps.payments.tasks.sweep_payments", "money"),
        ("apps.mpesa.tasks.sweep_mpesa", "money"),
        ("apps.notifications.tasks.deliver_message", "messages"),
        ("apps.notifications.tasks.deliver_code", "codes"),
        ("apps.fraud.tasks.run_back_test", "reports"),
        ("apps.fraud.tasks.escalate", "default"),
    ],
)
def test_a_job_waits_in_the_queue_that_settings_name(task, queue):
    assert app.amqp.router.route({}, task)["queue"].name == queue


def test_every_queue_has_its_workers():
    app.loader.import_default_modules()
    ours = [name for name in app.tasks if name.startswith("apps.")]
    named = {app.amqp.router.route({}, name)["queue"].name for name in ours}
    assert named == set(QUEUES.split(","))
    compose = yaml.safe_load((places.ROOT / "docker-compose.yml").read_text())
    commands = [one["command"] for one in compose["services"].values() if "worker" in one.get("command", [])]
    assert sorted(command[command.index("--queues") + 1] for command in commands) == sorted(named)


def test_no_job_names_a_queue_of_its_own():
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if name.startswith("apps.")}
    assert ours
    assert not [name for name, task in ours.items() if getattr(task, "queue", None)]
