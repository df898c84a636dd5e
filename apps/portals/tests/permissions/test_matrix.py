"""Who may open which door: matrix.txt says it for every address and method of the bank and for every kind of person,
and every row of it is asked.

After a change of doors or rights, write the table anew and read what changed:

    PERMISSIONS=write pytest apps/portals/tests/permissions -n 0 && git diff apps/portals/tests/permissions/matrix.txt
"""

import os

import pytest
import stamina
from django.contrib import admin
from django.test import RequestFactory

from apps.portals.tests.permissions import table
from apps.portals.tests.permissions.asking import NO_SUCH, OPEN, SHUT, letters
from apps.portals.tests.permissions.doors import every_door
from apps.portals.tests.permissions.people import everybody
from apps.portals.tests.permissions.things import make_things

WRITES = os.environ.get("PERMISSIONS") == "write"
LISTS = {"see": "has_view_permission", "add": "has_add_permission", "change": "has_change_permission",
         "delete": "has_delete_permission"}  # fmt: skip


@pytest.fixture
def cheaply(monkeypatch, settings, db):
    """Pages and the schema are not drawn, nobody is asked twice outside, and requests are not limited."""
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "9999999/min")
    monkeypatch.setattr("django.template.backends.django.Template.render", lambda *args, **kwargs: "")
    monkeypatch.setattr("drf_spectacular.generators.SchemaGenerator.get_schema", lambda *args, **kwargs: {})
    stamina.set_active(False)
    yield
    stamina.set_active(True)


def asked_at(doors, people, things):
    """The letters of every door that takes its method, by address and method."""
    rows = {(door.route, door.method): letters(door, door.address(things), people) for door in doors}
    return {key: row for key, row in rows.items() if set(row) - {NO_SUCH, SHUT}}


def asked_of_lists(people):
    """The letters of every standard list of the workbench, which asks its own rights by one rule each."""
    rows, request = {}, RequestFactory().get("/workbench/")
    for model, held in admin.site._registry.items():
        for act, rule in LISTS.items():
            row = ""
            for who in people.values():
                request.user = who
                row += OPEN if who and who.is_staff and getattr(held, rule)(request) else SHUT
            rows[f"workbench/{model._meta.app_label}/{model._meta.model_name}/", act] = row
    return rows


@pytest.mark.long
@pytest.mark.usefixtures("cheaply")
def test_every_door_answers_each_of_us_as_the_table_says():
    doors = [door for door in every_door() if door.model is None]
    customer, things = make_things()
    people = everybody(customer)
    found = {**asked_at(doors, people, things), **asked_of_lists(people)}
    if WRITES:
        table.write(found)
    expected = table.read()
    assert found.keys() - expected.keys() == set(), "doors that are not in the table"
    assert expected.keys() - found.keys() == set(), "rows without a door"
    assert {key: row for key, row in found.items() if row != expected[key]} == {}
