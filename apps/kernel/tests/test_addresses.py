"""Addresses looked up by their fixed words: the same ones answer, in the same order, under the same names."""

import re

import pytest
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, include, path, re_path, resolve, reverse
from django.urls.resolvers import RegexPattern

from apps.kernel.addresses import EitherSlash

EXAMPLES = {"int": "7", "uuid": "6f1c2c8e-8a8c-4b8e-9d55-0f6f3f6a1b2c", "slug": "some-words", "path": "a/b"}


def first(request):
    """Never called: addresses are looked up, not visited."""


def second(request):
    """Never called either."""


GIVEN = [
    path("healthz", first, name="healthz"),
    path("<slug:anything>/", second, name="anything"),
    path("loans/", first, name="hidden by the one before"),
    path("cards/<int:pk>/pin/", first, {"how": 1}, name="card"),
    re_path("^cards/(?P<pk>[0-9]+)/odd$", second, name="odd"),
    path("cards/<int:pk>/odd", first, name="hidden by an expression"),
    path("shops/", include(([path("<int:pk>", first, name="one"), path("new/", second, name="new")], "shop"))),
    path("shops/new/", first, name="hidden by the included"),
    path("", include([path("", second, name="home"), path("tills/new/", second, name="till")])),
]


@pytest.mark.parametrize(
    ("asked", "name", "kwargs"),
    [
        ("healthz", "healthz", {}),
        ("healthz/", "anything", {"anything": "healthz"}),
        ("loans/", "anything", {"anything": "loans"}),
        ("loans", "anything", {"anything": "loans"}),
        ("cards/7/pin/", "card", {"pk": 7, "how": 1}),
        ("cards/7/pin", "card", {"pk": 7, "how": 1}),
        ("cards/7/odd", "odd", {"pk": "7"}),
        ("shops/7", "shop:one", {"pk": 7}),
        ("shops/7/", "shop:one", {"pk": 7}),
        ("shops/new/", "shop:new", {}),
        ("tills/new", "till", {}),
        ("", "home", {}),
    ],
)
def test_the_first_that_fits_answers_with_or_without_its_last_slash(asked, name, kwargs):
    found = EitherSlash(GIVEN).resolve(asked)
    assert (found.view_name, found.kwargs) == (name, kwargs)


@pytest.mark.parametrize("asked", ["cards/x/pin/", "cards", "shops/new/x", "loans/7/", "tills"])
def test_what_is_no_address_is_none_with_another_slash(asked):
    with pytest.raises(Resolver404):
        EitherSlash(GIVEN[2:]).resolve(asked)


def test_the_banks_own_addresses_are_found_by_name_and_by_path():
    found = resolve(reverse("payment-confirm", kwargs={"public_id": EXAMPLES["uuid"]}))
    assert (found.view_name, found.route) == ("payment-confirm", "api/v1/payments/<uuid:public_id>/confirm/")


def test_every_address_of_the_bank_is_found_as_django_finds_it():
    root = get_resolver()
    plain = URLResolver(RegexPattern(r"^/"), [_as_django_has_it(one) for one in root.url_patterns])
    asked = [f"/{route}" for route in _routes(root.url_patterns)]
    assert len(asked) > 900
    for address in asked:
        ours, its = root.resolve(address), plain.resolve(address)
        assert (ours.func, ours.kwargs, ours.view_name, ours.route) == (its.func, its.kwargs, its.view_name, its.route)


def _as_django_has_it(one):
    if isinstance(one, URLPattern):
        return one
    below = [_as_django_has_it(each) for each in one.url_patterns]
    return URLResolver(one.pattern, below, one.default_kwargs, one.app_name, one.namespace)


def _routes(patterns, before=""):
    for one in patterns:
        if isinstance(one.pattern, RegexPattern):
            continue
        route = before + re.sub(r"<(?:(\w+):)?\w+>", lambda found: EXAMPLES.get(found[1], "word"), str(one.pattern))
        if isinstance(one, URLResolver):
            yield from _routes(one.url_patterns, route)
        else:
            yield route
