"""OPTIONS is answered at every address of the API, though none declares it."""

from apps.portals.tests.permissions.asking import letters
from apps.portals.tests.permissions.doors import Door, every_door
from apps.portals.tests.permissions.people import everybody
from apps.portals.tests.permissions.things import make_things


def test_no_address_of_the_api_breaks_when_it_is_asked_what_it_takes(db, settings):
    settings.RATE_LIMITS = dict.fromkeys(settings.RATE_LIMITS, "9999999/min")
    routes = {door.route for door in every_door() if door.route.startswith("api/v1/")}
    customer, things = make_things()
    people = everybody(customer)
    for route in sorted(routes):
        door = Door(route, "options")
        letters(door, door.address(things), people)  # raises when it breaks
    assert len(routes) > 500
