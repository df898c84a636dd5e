"""Whoever joins finds two accounts waiting."""

import pytest

from apps.accounts.models import Account
from apps.notifications.testing import code_sent_to
from apps.users.models import User
from apps.users.testing import PASSWORD


def post(client, path, body):
    return client.post(f"/api/v1/{path}", body, content_type="application/json")


@pytest.mark.django_db
def test_joins_by_code_and_finds_two_accounts(client, django_capture_on_commit_callbacks):
    sent = post(client, "auth/otp/send/", {"phone": "0712 345 908", "purpose": "JOIN"})
    assert sent.status_code == 201
    body = {"challenge": sent.json()["challenge"], "code": code_sent_to("+254712345908"), "purpose": "JOIN"}
    assert post(client, "auth/otp/verify/", body).status_code == 200
    with django_capture_on_commit_callbacks(execute=True):
        joined = post(
            client,
            "auth/signup/",
            {
                "challenge": body["challenge"],
                "full_name": "Achieng Otieno",
                "id_number": "28456712",
                "email": "achieng@example.com",
                "password": PASSWORD,
            },
        )
    assert (joined.status_code, joined.json()["kyc_tier"]) == (201, "TIER_1")
    assert joined.json()["id_number"] == "•••712"
    user = User.objects.customers().get()
    assert sorted(Account.objects.filter(owner=user).values_list("account_type", flat=True)) == [
        "SAVINGS",
        "TRANSACTION",
    ]
    tokens = post(client, "auth/login/", {"login": "0712345908", "password": PASSWORD}).json()
    me = client.get("/api/v1/users/me/", headers={"Authorization": f"Bearer {tokens['access']}"})
    assert me.json()["full_name"] == "Achieng Otieno"
