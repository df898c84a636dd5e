"""One that breaks stops no other."""

from structlog.testing import capture_logs

from apps.kernel.errors import NotFound
from apps.kernel.sweeps import alone


def test_a_refusal_is_a_warning_and_anything_else_a_fault_and_both_let_the_next_have_its_turn():
    done = []
    with capture_logs() as told:
        for nth, no in enumerate([NotFound("gone"), RuntimeError("ours"), None]):
            with alone("row_waits", row=nth):
                if no:
                    raise no
                done.append(nth)
    assert done == [2]
    assert [(one["event"], one["log_level"], one["row"]) for one in told] == [
        ("row_waits", "warning", 0),
        ("row_waits", "error", 1),
    ]
