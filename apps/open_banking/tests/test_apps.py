"""Third parties: registered in the sandbox, let live by two people, stopped by one; secrets are told once."""

from datetime import timedelta

import pytest

from apps.accounts.testing import make_account
from apps.kernel import approvals
from apps.kernel.clock import now
from apps.kernel.errors import IllegalMove, NotAllowed, NotFound
from apps.notifications.models import Message
from apps.open_banking import errors, operations
from apps.open_banking.models import AccessToken, AppSecret, Consent, ThirdPartyApp, secret_print
from apps.open_banking.operations import AppTerms
from apps.open_banking.testing import RETURNS_TO, give, lodge, make_app, make_developer, make_token
from apps.users.errors import Connected
from apps.users.operations.connections import declare_connection
from apps.users.testing import make_customer, make_staff

pytestmark = pytest.mark.django_db
GOOD = {"name": "Bajeti", "redirect_uris": [RETURNS_TO], "scopes": ["accounts"]}


def register(developer, **terms):
    return operations.register_app(by=developer.user, terms=AppTerms(**GOOD | terms), at=now())


def test_begins_in_the_sandbox_with_a_secret_that_is_not_kept():
    made = register(make_developer())
    assert (made.app.status, made.app.is_sandbox) == ("PENDING", True)
    row = AppSecret.objects.get(app=made.app)
    assert made.secret not in str(vars(row))
    assert bytes(row.secret_print) == secret_print(made.secret)


BAD_RETURNS = [
    "http://app.example/cb", "https://10.0.0.1/cb", "https://[::1]/cb", "https://localhost/cb", "https://app.local/cb",
    "https://u:p@app.example/cb", "https://app.example/cb#x", "https://*.app.example/cb", "javascript:alert(1)",
    "https://app.example/<script>", "myapp://cb", "http://127.0.0.1.evil.example/cb", "https://app.example:99999/",
]  # fmt: skip
BAD_LOGOS = [
    "https://app.example/logo.svg", "data:image/png;base64,AAAA", "javascript:alert(1)//x.png",
    'https://app.example/"onerror=alert(1).png', "http://app.example/l.png",
]  # fmt: skip


def test_refuses_addresses_to_return_to_that_are_none_of_an_app():
    developer = make_developer()
    for uri in BAD_RETURNS:
        with pytest.raises(errors.BadApp) as no:
            register(developer, redirect_uris=[uri])
        assert "redirect_uris" in no.value.facts["errors"], uri
    assert not ThirdPartyApp.objects.exists()


def test_refuses_logos_that_may_hold_a_script():
    developer = make_developer()
    for logo in BAD_LOGOS:
        with pytest.raises(errors.BadApp) as no:
            register(developer, logo_url=logo)
        assert "logo_url" in no.value.facts["errors"], logo
    assert not ThirdPartyApp.objects.exists()


def test_a_new_secret_leaves_the_old_one_a_day_and_the_one_before_none():
    developer = make_developer()
    made = register(developer)
    at = now()
    second = operations.rotate_secret(app=made.app, by=developer.user, at=at).secret
    live = {bytes(row.secret_print) for row in AppSecret.objects.live(at + timedelta(hours=23))}
    assert live == {secret_print(made.secret), secret_print(second)}
    third = operations.rotate_secret(app=made.app, by=developer.user, at=at + timedelta(hours=1)).secret
    live = {bytes(row.secret_print) for row in AppSecret.objects.live(at + timedelta(hours=2))}
    assert live == {secret_print(second), secret_print(third)}
    assert AppSecret.objects.live(at + timedelta(hours=26)).count() == 1


def test_only_its_developer_changes_it():
    made = register(make_developer())
    for stranger, refusal in ((make_developer().user, NotFound), (make_customer(), errors.NotADeveloper)):
        with pytest.raises(refusal):
            operations.rotate_secret(app=made.app, by=stranger, at=now())
    assert AppSecret.objects.filter(app=made.app).count() == 1


def test_goes_live_by_two_people_and_not_by_its_own_developer():
    made, maker, checker = register(make_developer()), make_staff("ADMIN"), make_staff("SUPER_ADMIN")
    asked = operations.ask_approval(app=made.app, reason="Seen", by=maker, at=now())
    with pytest.raises(NotAllowed):
        approvals.approve(approval=asked, by=maker, at=now())
    with pytest.raises(IllegalMove):
        operations.ask_approval(app=made.app, reason="Again", by=checker, at=now())
    assert not ThirdPartyApp.objects.get(pk=made.app.pk).is_live
    approvals.approve(approval=asked, by=checker, at=now())
    assert ThirdPartyApp.objects.get(pk=made.app.pk).is_live
    own = register(make_developer(make_staff("ADMIN")))
    with pytest.raises(NotAllowed):
        operations.ask_approval(app=own.app, reason="Mine", by=own.app.developer.user, at=now())


def test_who_is_connected_with_its_developer_does_not_decide_on_an_app():
    app, kin = register(make_developer()).app, make_staff("ADMIN")
    declare_connection(staff=kin, customer=app.developer.user, kind="SELF", by=kin, at=now())
    for act in (operations.ask_approval, operations.reject_app):
        with pytest.raises(Connected):
            act(app=app, reason="Mine", by=kin, at=now())
    with pytest.raises(Connected):
        operations.limit_app(app=app, per_minute=1000, per_day=100_000, by=kin, at=now())
    asked = operations.ask_approval(app=app, reason="Seen", by=make_staff("ADMIN"), at=now())
    with pytest.raises(Connected):
        approvals.approve(approval=asked, by=kin, at=now())
    assert ThirdPartyApp.objects.get(pk=app.pk).status == "PENDING"


def test_what_was_changed_after_it_was_looked_at_does_not_go_live():
    developer = make_developer()
    made = register(developer)
    asked = operations.ask_approval(app=made.app, reason="Seen", by=make_staff("ADMIN"), at=now())
    terms = AppTerms(**GOOD | {"redirect_uris": ["https://other.example/cb"]})
    operations.change_app(app=made.app, terms=terms, by=developer.user, at=now())
    with pytest.raises(IllegalMove):
        approvals.approve(approval=asked, by=make_staff("SUPER_ADMIN"), at=now())
    assert not ThirdPartyApp.objects.get(pk=made.app.pk).is_live


def test_a_live_app_that_wants_more_is_looked_at_again():
    made = make_app(scopes=["accounts"])
    terms = {"name": made.app.name, "redirect_uris": [RETURNS_TO], "scopes": ["accounts"]}
    by = made.app.developer.user
    same = operations.change_app(app=made.app, terms=AppTerms(**terms, description="New"), by=by, at=now())
    assert same.is_live
    more = AppTerms(**terms | {"scopes": ["accounts", "payments"]})
    assert operations.change_app(app=made.app, terms=more, by=by, at=now()).status == "PENDING"


def test_a_live_app_that_leads_elsewhere_after_signing_out_is_looked_at_again():
    made = make_app(scopes=["accounts"])
    terms = AppTerms(
        name=made.app.name, redirect_uris=[RETURNS_TO], scopes=["accounts"],
        post_logout_redirect_uris=["https://elsewhere.example/bye"],
    )  # fmt: skip
    assert operations.change_app(app=made.app, terms=terms, by=made.app.developer.user, at=now()).status == "PENDING"


def test_stopping_an_app_ends_every_consent_and_token_of_it_and_of_no_other():
    app, other, account = make_app().app, make_app().app, make_account()
    mine, theirs = give(lodge(app), [account]), give(lodge(other), [account], at=now() + timedelta(minutes=2))
    make_token(app, mine), make_token(app), make_token(other, theirs)
    ended = operations.suspend_app(app=app, reason="Sold data", by=make_staff("ADMIN"), at=now())
    assert ended == 1
    told = Message.objects.get(code="open_banking.stopped")
    assert (told.user_id, told.channel) == (account.owner_id, "SMS")
    assert app.name in told.body
    assert list(AccessToken.objects.values_list("application_id", flat=True)) == [other.pk]
    assert Consent.objects.get(pk=mine.pk).status == "REVOKED_BY_BANK"
    assert Consent.objects.get(pk=theirs.pk).status == "VALID"
    with pytest.raises(IllegalMove):
        operations.suspend_app(app=app, reason="Again", by=make_staff("ADMIN"), at=now())


def test_those_without_the_right_decide_nothing():
    app, teller = make_app(live=False).app, make_staff("TELLER")
    for act in (operations.ask_approval, operations.reject_app, operations.suspend_app):
        with pytest.raises(NotAllowed):
            act(app=app, reason="x", by=teller, at=now())
    assert ThirdPartyApp.objects.get(pk=app.pk).status == "PENDING"


@pytest.mark.parametrize("change", [{"name": "KitBank Security"}, {"website_url": "https://kitbank.example"},
                                    {"uses_devices": True}])  # fmt: skip
def test_a_live_app_that_becomes_another_is_looked_at_again(change):
    made = make_app(scopes=["accounts"])
    terms = {"name": made.app.name, "redirect_uris": [RETURNS_TO], "scopes": ["accounts"]}
    row = operations.change_app(app=made.app, terms=AppTerms(**terms | change), by=made.app.developer.user, at=now())
    assert (row.status, row.is_sandbox) == ("PENDING", True)


def test_what_a_colleague_refused_meanwhile_does_not_go_live_by_what_was_asked_before():
    made = register(make_developer())
    asked = operations.ask_approval(app=made.app, reason="Seen", by=make_staff("ADMIN"), at=now())
    operations.reject_app(app=made.app, reason="Sells data", by=make_staff("ADMIN"), at=now())
    with pytest.raises(IllegalMove):
        approvals.approve(approval=asked, by=make_staff("SUPER_ADMIN"), at=now())
    assert ThirdPartyApp.objects.get(pk=made.app.pk).status == "REJECTED"
