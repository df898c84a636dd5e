"""Work beside the demo is done in another process, and its failure is the demo's."""

import os
import signal
from pathlib import Path

import pytest
from django.core.management.base import CommandError

from apps.portals.demo.beside import beside


def test_is_done_in_another_process_by_the_end_of_the_block(tmp_path: Path) -> None:
    told = tmp_path / "told"
    with beside(lambda: told.write_text(str(os.getpid()))):
        pass
    assert int(told.read_text()) != os.getpid()


def test_fails_with_the_words_of_what_failed_beside_it() -> None:
    def fails() -> None:
        raise ValueError("no ink left")

    with pytest.raises(CommandError, match="no ink left"), beside(lambda: None, fails):
        pass


def test_fails_when_a_process_beside_it_is_killed() -> None:
    with pytest.raises(CommandError, match="signal 9"), beside(lambda: os.kill(os.getpid(), signal.SIGKILL)):
        pass


def test_leaves_nobody_at_work_when_the_block_fails() -> None:
    with pytest.raises(ZeroDivisionError), beside(signal.pause):
        raise ZeroDivisionError


@pytest.mark.django_db
def test_is_done_here_where_a_transaction_hides_it_from_others() -> None:
    done: list[int] = []
    with beside(lambda: done.append(os.getpid())):
        assert done == [os.getpid()]
