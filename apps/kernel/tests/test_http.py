"""The way out to providers: what a failure means, and leaving a broken provider alone."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest
from django.db import connection

from apps.kernel import breaker, http
from apps.kernel.clock import now
from apps.kernel.context import Asker, asked_by
from apps.kernel.models import ProviderState

pytestmark = pytest.mark.django_db
PATIENT = httpx.Timeout(10.0)  # a busy machine is no silent provider
QUICK = httpx.Timeout(0.2)


class Provider(BaseHTTPRequestHandler):
    """Answers as it is told, and remembers what it was asked."""

    asked: list[dict[str, str]] = []
    answers: list[int | str] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        type(self).asked.append(dict(self.headers))
        answer = self.answers.pop(0) if self.answers else 200
        if answer == "hang up":
            self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True
            return
        if answer == "sleep":
            threading.Event().wait(0.5)
            answer = 200
        if answer == "drip":
            self.drip()
            return
        is_packed, answer = answer == "packed badly", 200 if answer == "packed badly" else answer
        self.send_response(int(answer))
        if is_packed:
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def drip(self) -> None:
        """A drop each moment, of an answer that is never whole."""
        self.send_response(200)
        self.send_header("Content-Length", "1000")
        self.end_headers()
        with contextlib.suppress(OSError):
            for _nth in range(100):
                self.wfile.write(b"o")
                threading.Event().wait(0.05)

    def log_message(self, *_: object) -> None:
        """Nothing."""


@pytest.fixture
def provider() -> Iterator[str]:
    Provider.asked, Provider.answers = [], []
    server = ThreadingHTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def call(url: str, **more) -> httpx.Response:
    return http.send("test", "POST", f"{url}/x?token=secret", **{"timeout": PATIENT, **more})


def test_gives_the_answer_whatever_it_is_and_carries_the_request_id(provider):
    Provider.answers = [201, 404]
    with asked_by(Asker(request_id="req-12345678")):
        assert call(provider, data={"a": "1"}).status_code == 201
    assert Provider.asked[0]["X-Request-ID"] == "req-12345678"
    assert call(provider).status_code == 404
    assert not ProviderState.objects.filter(failures__gt=0).exists()


def test_what_never_left_is_told_from_what_may_have_arrived(provider):
    with pytest.raises(http.NotReached):
        call("http://127.0.0.1:9")
    Provider.answers = ["hang up", "sleep"]
    with pytest.raises(http.NoAnswer):
        call(provider)
    with pytest.raises(http.NoAnswer):
        call(provider, timeout=QUICK)
    assert len(Provider.asked) == 2  # neither was sent twice


def test_an_answer_that_cannot_be_unpacked_is_none(provider):
    Provider.answers = ["packed badly"]
    with pytest.raises(http.NoAnswer):
        call(provider)
    assert len(Provider.asked) == ProviderState.objects.get().failures == 1


def test_an_answer_without_an_end_holds_nobody_for_ever(provider, monkeypatch):
    Provider.answers = ["drip", "drip"]
    for name, most in (("MOST_SECONDS", 0.2), ("MOST_BYTES", 3)):
        with monkeypatch.context() as less:
            less.setattr(http, name, most)
            with pytest.raises(http.NoAnswer):
                call(provider)
    assert len(Provider.asked) == ProviderState.objects.get().failures == 2


def test_sends_again_only_what_is_safe_to_repeat(provider):
    Provider.answers = ["hang up", "hang up", 200]
    assert call(provider, idempotent=True).status_code == 200
    assert len(Provider.asked) == 3


def test_follows_no_redirect(provider):
    Provider.answers = [302]
    assert call(provider).status_code == 302


def test_rests_after_five_failures_in_a_row(provider):
    Provider.answers = [500, 500, 500, 500, 200, 500, 500, 500, 500, 500]
    for _ in range(10):
        call(provider)
    assert len(Provider.asked) == 10
    with pytest.raises(breaker.ProviderResting) as no:
        call(provider)
    assert no.value.facts["retry_after_seconds"] == 30
    assert len(Provider.asked) == 10
    assert ProviderState.objects.get().last_error == "HTTP 500"


def test_who_answers_what_it_knows_with_a_500_is_not_left_alone(provider):
    Provider.answers = [500] * 12
    for _ in range(6):
        assert call(provider, is_well=lambda answer: answer.text == "ok").status_code == 500
    assert not ProviderState.objects.filter(failures__gt=0).exists()
    for _ in range(5):
        call(provider, is_well=lambda answer: answer.text != "ok")
    with pytest.raises(breaker.ProviderResting):
        call(provider)


def test_one_provider_resting_rests_no_other(provider):
    for _ in range(5):
        breaker.failed("other", "no")
    assert call(provider).status_code == 200


def test_one_caller_tries_after_the_rest_and_decides_for_all(provider):
    for _ in range(5):
        breaker.failed("test", "no")
    ProviderState.objects.update(open_until=now() - timedelta(seconds=1))
    breaker.require_closed("test")
    with pytest.raises(breaker.ProviderResting):
        breaker.require_closed("test")
    breaker.worked("test")
    breaker.require_closed("test")
    assert ProviderState.objects.get().failures == 0


def test_a_trial_that_fails_begins_another_rest():
    for _ in range(5):
        breaker.failed("test", "no")
    ProviderState.objects.update(open_until=now() - timedelta(seconds=1))
    breaker.require_closed("test")
    breaker.failed("test", "still no")
    with pytest.raises(breaker.ProviderResting):
        breaker.require_closed("test")


@pytest.mark.django_db(transaction=True)
def test_of_ten_callers_after_the_rest_one_tries():
    for _ in range(5):
        breaker.failed("test", "no")
    ProviderState.objects.update(open_until=now() - timedelta(seconds=1))
    start, tried = threading.Barrier(10), []

    def attempt() -> None:
        try:
            start.wait(5)
            breaker.require_closed("test")
            tried.append(1)
        except breaker.ProviderResting:
            tried.append(0)
        finally:
            connection.close()

    threads = [threading.Thread(target=attempt) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(10)
    assert sorted(tried) == [0] * 9 + [1]


def test_costs_one_query_while_all_is_well(provider, django_assert_num_queries):
    breaker.failed("test", "no")
    call(provider)
    with django_assert_num_queries(2):
        call(provider)


@pytest.mark.parametrize("body", ["", "x", "[" * 100_000, '{"a": '])
def test_what_is_no_json_is_none_of_it(body):
    with pytest.raises(ValueError):  # whichever of its kinds
        http.json_of(httpx.Response(200, text=body))


def test_texts_of_an_answer_are_such_as_we_may_keep():
    told = http.json_of(httpx.Response(200, text='{"a\\u0000": ["x\\u0000y", {"b": "\\ud83d!"}, 5, null]}'))
    assert told == {"a": ["xy", {"b": "?!"}, 5, None]}
