"""The moves of what changes state in Django; holds move in the database, with the money they set aside."""

from apps.kernel.states import Moves

PERIOD = Moves({"OPEN": ["CLOSED", "WITHDRAWN"], "CLOSED": ["OPEN"]})
BUSINESS_DAY = Moves({"OPEN": ["CLOSING"], "CLOSING": ["CLOSED"]})
