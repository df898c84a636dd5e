"""The launcher: it starts, stops, forgives and adopts."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from kitbank.local import postgres
from kitbank.local.postgres import SOCKET_LIMIT, SOCKET_NAME, DatabaseFailed, Server


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A cluster of our own, because these tests kill it; a durable one, because they ask what survives."""
    made = Server(tmp_path_factory.mktemp("cluster") / "postgres")
    yield made
    made.stop()


def answers(server: Server) -> int:
    with psycopg.connect(server.url) as connection:
        row = connection.execute("SELECT count(*) FROM kept").fetchone()
    assert row is not None
    return int(row[0])


def remember(server: Server) -> None:
    with psycopg.connect(server.url) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
        connection.execute("TRUNCATE kept")
        connection.execute("INSERT INTO kept VALUES (1)")


def test_starts_for_the_bank_alone(server: Server) -> None:
    assert server.start() == server.url
    assert server.is_running()
    assert server.folder.stat().st_mode & 0o777 == 0o700
    with psycopg.connect(server.url) as connection:
        shown = {name: connection.execute(f"SHOW {name}").fetchone() for name in ("listen_addresses", "data_checksums")}
        is_superuser = connection.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
        encoding = connection.execute("SHOW server_encoding").fetchone()
    assert shown == {"listen_addresses": ("",), "data_checksums": ("on",)}
    assert (is_superuser, encoding) == ((False,), ("UTF8",))


def test_a_second_start_adopts_the_running_server(server: Server) -> None:
    server.start()
    first = server.pid()
    Server(server.folder).start()
    assert server.pid() == first


def test_stops_and_keeps_the_rows(server: Server) -> None:
    server.start()
    remember(server)
    Server(server.folder).stop()  # another object: whoever stops it need not have started it
    assert not server.is_running()
    server.start()
    assert answers(server) == 1


def test_survives_sigkill_with_its_rows(server: Server) -> None:
    server.start()
    remember(server)
    os.kill(server.pid() or 0, signal.SIGKILL)
    server.start()
    assert answers(server) == 1


def test_a_stale_pid_file_that_names_a_stranger_is_no_obstacle(server: Server) -> None:
    server.start()
    remember(server)
    os.kill(server.pid() or 0, signal.SIGKILL)
    file = server.data / "postmaster.pid"
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as stranger:
        file.write_text("\n".join([str(stranger.pid), *file.read_text().split("\n")[1:]]))
        assert not server.is_running()
        server.start()
        assert answers(server) == 1
        assert stranger.poll() is None
        stranger.communicate(b"\n")


def test_an_interrupted_first_start_is_made_again(tmp_path: Path) -> None:
    server = Server(tmp_path / "postgres", durable=False)
    (server.folder / "data.new").mkdir(parents=True)
    (server.folder / "data.new" / "PG_VERSION").write_text("half")
    server.start()
    assert server.is_running()
    server.stop()


def test_refuses_data_of_another_version(tmp_path: Path) -> None:
    server = Server(tmp_path / "postgres")
    server.data.mkdir(parents=True)
    (server.data / "PG_VERSION").write_text("9")
    with pytest.raises(DatabaseFailed, match="made by PostgreSQL 9"):
        server.start()


@pytest.mark.parametrize("folder", ["/short/place", "/with/Capitals", "/with space", "/long/" + "x" * 120])
def test_the_socket_path_is_always_one_that_connects(folder: str) -> None:
    made = Server(Path(folder)).socket_folder
    assert len(os.fsencode(made / SOCKET_NAME)) <= SOCKET_LIMIT
    assert str(made) == str(made).lower()
    assert " " not in str(made)


def test_the_durable_settings_are_the_default() -> None:
    assert Server(Path("/somewhere")).durable
    assert postgres.DURABLE["fsync"] == "on"
