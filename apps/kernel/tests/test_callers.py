"""Behind a proxy of the bank's own, people are told apart, and nobody says by themselves where they come from."""

import pytest

from apps.kernel.callers import address_of

PROXY, CLIENT = "10.0.0.2", "197.232.7.9"


@pytest.mark.parametrize(
    ("proxies", "written", "address"),
    [
        (0, CLIENT, PROXY),  # nobody stands in front: the header is the client's own
        (1, "", PROXY),
        (1, CLIENT, CLIENT),
        (1, f"127.0.0.1, {CLIENT}", CLIENT),  # what stands before the proxy's entry is the client's own
        (2, f"127.0.0.1, {CLIENT}, 10.9.9.9", CLIENT),
        (2, CLIENT, CLIENT),
        (1, f"{CLIENT}:51234", CLIENT),
        (1, "[2C0F:FE38::7]:51234", "2c0f:fe38::7"),
        (1, "2c0f:fe38::7", "2c0f:fe38::7"),
        (1, "unknown", PROXY),
        (1, "1.2.3.4\0", PROXY),
    ],
)
def test_believes_what_our_proxies_wrote(settings, proxies, written, address):
    settings.TRUSTED_PROXIES = proxies
    assert address_of({"REMOTE_ADDR": PROXY, "HTTP_X_FORWARDED_FOR": written}) == address


@pytest.mark.django_db
def test_figures_are_not_shown_to_who_comes_through_the_proxy(client, settings):
    settings.TRUSTED_PROXIES = 1
    through = {"X-Forwarded-For": CLIENT}
    assert client.get("/metrics", REMOTE_ADDR=PROXY, headers=through).status_code == 404
    assert client.get("/metrics", REMOTE_ADDR=PROXY).status_code == 200
