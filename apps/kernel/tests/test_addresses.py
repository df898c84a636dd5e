"""Addresses behind folders: the same ones answer, in the same order, under the same names."""

from django.urls import URLPattern, URLResolver, path, re_path, resolve, reverse

from apps.kernel.addresses import gathered


def view(request):
    """Never called: addresses are looked up, not visited."""


def test_puts_the_addresses_of_one_folder_behind_it_and_leaves_the_others():
    given = [
        path("healthz", view, name="healthz"),
        path("api/v1/loans/", view, name="loans"),
        path("api/v1/cards/<int:pk>/", view, {"how": 1}, name="card"),
        re_path("^api/v1/odd/$", view, name="odd"),
        path("api/v1/loans/<int:pk>/repay/", view, name="repay"),
    ]
    kept = gathered(given)
    assert [str(one.pattern) for one in kept] == ["healthz", "api/v1/loans/", "api/v1/cards/", "^api/v1/odd/$"]
    assert [type(one) for one in kept] == [URLPattern, URLResolver, URLResolver, URLPattern]
    assert [(str(one.pattern), one.name) for one in kept[1].url_patterns] == [
        ("", "loans"),
        ("<int:pk>/repay/", "repay"),
    ]
    assert kept[2].resolve("api/v1/cards/7/").kwargs == {"pk": 7, "how": 1}


def test_the_banks_own_addresses_are_found_by_name_and_by_path():
    found = resolve(reverse("payment-confirm", kwargs={"public_id": "6f1c2c8e-8a8c-4b8e-9d55-0f6f3f6a1b2c"}))
    assert (found.view_name, found.route) == ("payment-confirm", "api/v1/payments/<uuid:public_id>/confirm/")
