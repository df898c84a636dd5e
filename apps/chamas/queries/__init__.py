"""What the pages and the API of groups show together; each answer takes a fixed number of queries."""

from apps.chamas.queries.glance import Glance, Paying, glance, newest_confirmed
from apps.chamas.queries.groups import Mine, invitations_to, my_groups
from apps.chamas.queries.sheet import Row, Sheet, sheet
from apps.chamas.queries.standing import Standing, standing_of
from apps.chamas.queries.waiting import Wait, waiting_for

__all__ = [
    "Glance",
    "Mine",
    "Paying",
    "Row",
    "Sheet",
    "Standing",
    "Wait",
    "glance",
    "invitations_to",
    "my_groups",
    "newest_confirmed",
    "sheet",
    "standing_of",
    "waiting_for",
]
