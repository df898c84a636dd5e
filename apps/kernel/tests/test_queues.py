"""Which queue a job waits in is said in one place, settings, and money never waits behind messages."""

import pytest
from celery import current_app as app


@pytest.mark.parametrize(
    ("task", "queue"),
    [
        ("apps.ledger.tasks.end_days", "money"),
        ("apps.ledger.tasks.expire_holds", "money"),
        ("apps.payments.tasks.sweep_payments", "money"),
        ("apps.mpesa.tasks.sweep_mpesa", "money"),
        ("apps.notifications.tasks.deliver_message", "messages"),
        ("apps.notifications.tasks.deliver_code", "codes"),
    ],
)
def test_a_job_waits_in_the_queue_that_settings_name(task, queue):
    assert app.amqp.router.route({}, task)["queue"].name == queue


def test_no_job_names_a_queue_of_its_own():
    app.loader.import_default_modules()
    ours = {name: task for name, task in app.tasks.items() if name.startswith("apps.")}
    assert ours
    assert not [name for name, task in ours.items() if getattr(task, "queue", None)]
