"""A member's app: the API as one person meets it."""

from typing import Any

from apps.chamas.models import ChamaGroup
from apps.chamas.testing import members_of
from apps.users.models import User
from apps.users.testing import bearer


class App:
    """Requests of one person to one group's address."""

    def __init__(self, client: Any, user: User, group: ChamaGroup | None = None) -> None:
        self.client, self.headers = client, bearer(user)
        self.user, self.slug = user, group.slug if group else ""

    def _at(self, path: str) -> str:
        return path if path.startswith("/") else f"/api/v1/chamas/{self.slug}/{path}"

    def get(self, path: str = "", status: int = 200, **asked: Any) -> Any:
        """What it says, once the status is as expected."""
        answer = self.client.get(self._at(path), asked, headers=self.headers)
        assert answer.status_code == status, (path, answer.status_code, answer.content[:600])
        return answer.json() if answer.headers.get("Content-Type", "").endswith("json") else answer

    def post(self, path: str, body: Any = None, status: int = 200, *, key: str = "", how: str = "post") -> Any:
        """As `get`."""
        headers = self.headers | ({"Idempotency-Key": key} if key else {})
        send = getattr(self.client, how)
        answer = send(self._at(path), body or {}, content_type="application/json", headers=headers)
        assert answer.status_code == status, (path, answer.status_code, answer.content[:600])
        return answer.json() if answer.content else None


def apps_of(client: Any, group: ChamaGroup) -> dict[str, App]:
    """The apps of the officers and, if there is one, of the first plain member, by role."""
    found: dict[str, App] = {}
    for one in members_of(group):
        found.setdefault(one.role, App(client, one.user, group))
    return found


def money(amount: str) -> dict[str, str]:
    """As the API writes it."""
    return {"amount": amount, "currency": "KES"}
