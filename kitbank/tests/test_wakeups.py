"""Wake-up calls kept as files: a worker that looks while one is written takes it whole, or does not see it yet."""

from queue import Empty
from threading import Thread

import pytest
from kombu import Connection

from kitbank import celery, wakeups

CALLS = 1_500


@pytest.fixture
def channel(tmp_path):
    for name in ("messages", "control"):
        (tmp_path / name).mkdir()
    folders = {"data_folder_in": "messages", "data_folder_out": "messages", "control_folder": "control"}
    options = {option: str(tmp_path / name) for option, name in folders.items()}
    with Connection("filesystem://", transport_options=options) as connection:
        yield connection.channel()


def test_the_bank_keeps_its_calls_this_way(channel):
    assert celery.app.connection("filesystem://").get_transport_cls() is wakeups.Transport
    assert isinstance(channel, wakeups.Channel)


def test_a_worker_that_looks_while_a_call_is_written_does_not_see_it_yet(channel):
    class Call:
        """Looks into the queue at the moment in which it is written down."""

        seen = None

        def __json__(self):
            with pytest.raises(Empty):
                self.seen = channel._get("money")
            return {"nth": 1}

    channel._put("money", Call())
    assert channel._get("money") == {"nth": 1}


def test_every_call_is_taken_whole_and_once_while_others_are_written(channel):
    calls = [{"body": str(nth) * 2_000, "nth": nth} for nth in range(CALLS)]
    writer = Thread(target=lambda: [channel._put("money", call) for call in calls])
    writer.start()
    taken, looks_left = [], 1
    while looks_left:
        looks_left -= not writer.is_alive()
        try:
            while True:
                taken.append(channel._get("money"))
        except Empty:
            continue
    writer.join()
    assert sorted(call["nth"] for call in taken) == list(range(CALLS))
    assert all(call in calls for call in taken)
    assert not channel._size("money")


def test_what_was_begun_and_not_ended_is_no_message(channel, tmp_path):
    (tmp_path / "messages" / "1_a.money.msg.part").write_text("{")
    assert channel._size("money") == 0
    with pytest.raises(Empty):
        channel._get("money")
