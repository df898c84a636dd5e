"""Every kind of alert that people may ask for is raised by somebody, and they may ask for every one that is."""

from apps.notifications.messages import everything
from apps.notifications.states import CHOSEN_ALERTS


def test_offers_the_kinds_that_are_raised_and_no_others():
    assert {kind for kind, _label in CHOSEN_ALERTS} == {said.alert.value for said in everything() if said.alert}
