"""What the published schema calls a page is one, and what it calls a list is a list."""

import pytest

from apps.portals.tests.api.published import SCHEMA
from apps.users.testing import bearer, make_customer, make_staff

pytestmark = pytest.mark.django_db


def published() -> list[tuple[str, bool]]:
    """Addresses of lists that need nothing to be known, and whether the schema calls each a page."""
    answers = {
        path: str(does["get"]["responses"].get("200")) for path, does in SCHEMA["paths"].items() if "get" in does
    }
    lists = {path: said for path, said in answers.items() if "{" not in path}
    return [(path, "Paginated" in said) for path, said in lists.items() if "Paginated" in said or "'array'" in said]


def test_pages_are_pages_and_lists_are_lists(client):
    asked, wrong = 0, []
    people = [make_customer(), make_staff("SUPER_ADMIN")]
    for path, is_page in published():
        for person in people:
            answer = client.get(path, headers=bearer(person))
            if answer.status_code != 200 or "json" not in answer["Content-Type"]:
                continue
            asked += 1
            if isinstance(answer.json(), list) == is_page:
                wrong.append(path)
    assert asked > 60
    assert wrong == []
