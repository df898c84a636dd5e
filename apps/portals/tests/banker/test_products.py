"""The product factory, limits, collateral, the portfolio's rows and bad times at the desk."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from apps.kernel import approvals
from apps.kernel.clock import local_date, now
from apps.kernel.models import Approval
from apps.kernel.money import Money
from apps.lending import operations
from apps.lending.models import Collateral, CollateralPaper, ProductTerms, StressRun, StressScenario
from apps.lending.testing import ask, make_borrower, make_loan, make_officer, terms_of
from apps.portals.amounts import typed
from apps.portals.banker.product_forms import Terms
from apps.portals.testing import faults_of
from apps.portals.tests.banker.desk import enter
from apps.users.testing import make_staff

pytestmark = pytest.mark.django_db
EDIT = "/workbench/products/loans/INSTANT/new-terms/"


def sheet(code="INSTANT", **changes):
    """The editor as a browser sends it, started from the terms that stand."""
    terms = terms_of(code)
    sent = {}
    for name, value in Terms.written(terms).items():
        if isinstance(value, Money):
            sent[name] = typed(value)
        elif isinstance(value, bool):
            sent |= {name: "on"} if value else {}
        else:
            sent[name] = "" if value is None else str(value)
    sent |= {"valid_from": str(local_date(now()) + timedelta(days=1)), "reason": "Funds cost more"}
    return sent | {"amount": "5,000.00", "periods": "1", "do": "preview"} | changes


@pytest.fixture
def account():
    return make_borrower(deposits="100000", kyc_tier="TIER_2")


@pytest.mark.parametrize("language", ["en", "sw"])
def test_every_page_is_whole_in_both_languages(account, language):
    loan = ask(account, "60000", code="BUSINESS")
    officer = make_officer()
    operations.value_collateral(
        loan=loan, kind="MACHINE", described="Posho mill", value=loan.principal, valued_on=local_date(now()),
        valued_by="AA of Kenya", by=officer, at=now(),
    )  # fmt: skip
    admin = make_staff("ADMIN")
    client = enter(admin, kitbank_language=language)
    post = client.post("/workbench/portfolio/stress/", shock("SEVERE"))
    pages = [
        "/workbench/products/loans/",
        "/workbench/products/loans/BUSINESS/",
        "/workbench/products/loans/BUSINESS/new-terms/",
        "/workbench/products/loans/new/?like=INSTANT",
        "/workbench/portfolio/",
        "/workbench/portfolio/loans/",
        "/workbench/portfolio/stress/",
        post.headers["Location"],
        reverse("admin:loan-collateral", args=[loan.public_id]),
        reverse("admin:customer-limits", args=[account.owner_id]),
    ]
    for address in pages:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert faults_of(answer.content.decode()) == [], address


@pytest.mark.parametrize(
    ("role", "products", "portfolio", "limits"),
    [
        ("ADMIN", 200, 200, 200),
        ("BRANCH_MANAGER", 403, 200, 200),
        ("ANALYST", 403, 200, 403),
        ("TELLER", 403, 403, 403),
    ],
)
def test_opens_to_those_with_the_right(account, role, products, portfolio, limits):
    client = enter(make_staff(role))
    for address in ("", "INSTANT/", "INSTANT/new-terms/", "new/"):
        assert client.get(f"/workbench/products/loans/{address}").status_code == products
    for address in ("", "loans/", "stress/"):
        assert client.get(f"/workbench/portfolio/{address}").status_code == portfolio
    assert client.get(reverse("admin:customer-limits", args=[account.owner_id])).status_code == limits


def test_shows_what_new_terms_do_before_anybody_is_asked():
    client = enter(make_staff("ADMIN"))
    shown = client.post(EDIT, sheet(rate="6"))
    page = shown.content.decode()
    assert shown.status_code == 200
    assert "KES 300.00" in page
    assert "KES 250.00" in page
    assert "5 % → " in page
    assert not Approval.objects.exists()
    asked = client.post(EDIT, sheet(rate="6", do="ask"))
    assert (asked.status_code, Approval.objects.count()) == (200, 0)  # not seen yet
    seal = page.split('name="seen" value="')[1].split('"')[0]
    assert client.post(EDIT, sheet(rate="6.5", do="ask", seen=seal)).status_code == 200
    assert not Approval.objects.exists()
    done = client.post(EDIT, sheet(rate="6", do="ask", seen=seal))
    assert done.status_code == 303
    approvals.approve(approval=Approval.objects.get(), by=make_staff("ADMIN"), at=now())
    assert ProductTerms.objects.filter(product__code="INSTANT").count() == 2
    assert "Version 2" in client.get("/workbench/products/loans/INSTANT/").content.decode()


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"rate": ""}, "required"),
        ({"rate": "abc"}, "number"),
        ({"most_minor": "1.00"}, "not below the least"),
        ({"periods": "9"}, "instalments"),
        ({"principal_pct": "5"}, "balloon"),
    ],
)
def test_says_at_the_field_what_is_wrong(wrong, words):
    answer = enter(make_staff("ADMIN")).post(EDIT, sheet(**wrong))
    assert answer.status_code == 422
    assert words in answer.content.decode()


def test_asks_for_a_new_product_and_for_a_reference_rate():
    client = enter(make_staff("ADMIN"))
    more = {"code": "boda", "name": "Boda loan", "name_sw": "Mkopo wa boda", "about": "A boda", "about_sw": "Boda"}
    more |= {"purposes": ["ASSET"], "loss_table": "CBK_BANK", "loss_given_default": "40"}
    page = client.post("/workbench/products/loans/new/", sheet() | more).content.decode()
    seal = page.split('name="seen" value="')[1].split('"')[0]
    assert client.post("/workbench/products/loans/new/", sheet(seen=seal, do="ask") | more).status_code == 303
    rate = {"code": "CBR", "percent": "9.75", "valid_from": str(local_date(now())), "source": "CBK", "reason": "New"}
    assert client.post("/workbench/products/loans/", rate).status_code == 303
    assert {one.kind for one in Approval.objects.all()} == {"lending.new_product", "lending.set_reference"}
    assert client.post("/workbench/products/loans/INSTANT/", {"reason": "Too many fail"}).status_code == 303


def test_lists_products_with_a_fixed_number_of_queries(django_assert_num_queries):
    client = enter(make_staff("ADMIN"))
    client.get("/workbench/products/loans/")
    with django_assert_num_queries(14):
        client.get("/workbench/products/loans/")


def test_asks_for_a_limit_that_another_officer_decides(account):
    client = enter(make_officer())
    address = reverse("admin:customer-limits", args=[account.owner_id])
    product = terms_of("BUSINESS").product_id
    sent = {"product": product, "amount": "150,000", "until": str(local_date(now()) + timedelta(days=30)), "reason": ""}
    assert client.post(address, sent).status_code == 422
    assert client.post(address, sent | {"reason": "You showed us contracts."}).status_code == 303
    assert client.post(address, sent | {"reason": "Again"}).status_code == 409
    approvals.approve(approval=Approval.objects.get(), by=make_officer(), at=now())
    assert "You showed us contracts." in client.get(address).content.decode()


def test_writes_collateral_down_keeps_its_papers_and_lets_it_go(account):
    loan = ask(account, "60000", code="BUSINESS")
    client = enter(make_officer())
    address = reverse("admin:loan-collateral", args=[loan.public_id])
    sent = {"act": "add", "kind": "VEHICLE", "described": "Boda, red", "value": "100,000", "valued_by": "AA of Kenya"}
    sent |= {"valued_on": str(local_date(now()))}
    assert client.post(address, sent).status_code == 422  # which one?
    assert client.post(address, sent | {"number": "KMDX 123A"}).status_code == 303
    row = Collateral.objects.get()
    file = SimpleUploadedFile("logbook.pdf", b"%PDF-1.7 x", content_type="application/pdf")
    act = {"thing": str(row.public_id)}
    assert client.post(address, act | {"act": "paper", "file": file}).status_code == 303
    wrong = SimpleUploadedFile("page.html", b"<script>", content_type="application/pdf")
    assert client.post(address, act | {"act": "paper", "file": wrong}).status_code == 422
    paper = CollateralPaper.objects.get()
    got = client.get(reverse("admin:loan-collateral-paper", args=[loan.public_id, paper.public_id]))
    assert got.content == b"%PDF-1.7 x"
    assert got.headers["Content-Disposition"].startswith("attachment")
    again = {"value": "90,000", "valued_by": "AA of Kenya", "valued_on": str(local_date(now()))}
    assert client.post(address, act | again | {"act": "value"}).status_code == 303
    newest = Collateral.objects.newest().get()
    assert (newest.value_minor, newest.masked_number) == (9_000_000, "••• 23A")
    release = {"act": "release", "thing": str(newest.public_id), "reason": "Sold"}
    assert client.post(address, release).status_code == 303
    shown = client.get(address).content.decode()
    assert "•••\u00a023A" in shown
    assert "KMDX" not in shown
    assert client.post(address, {"act": "release", "thing": "nonsense", "reason": "x"}).status_code == 404


def test_opens_the_loans_behind_a_figure_and_writes_them_as_csv(account, django_assert_num_queries):
    make_loan(account, "60000", code="BUSINESS")
    client = enter(make_staff("ADMIN"))
    client.get("/workbench/portfolio/loans/")
    with django_assert_num_queries(10):
        page = client.get("/workbench/portfolio/loans/?product=BUSINESS").content.decode()
    assert "60,000.00" in page
    table = client.get("/workbench/portfolio/loans/?product=BUSINESS&csv=1").content.decode().splitlines()
    assert len(table) == 2
    assert "60000.00" in table[1]
    assert "60,000.00" not in client.get("/workbench/portfolio/loans/?product=INSTANT").content.decode()
    analyst = enter(make_staff("ANALYST"))
    assert analyst.get("/workbench/portfolio/loans/?csv=1").status_code == 403


def shock(code, **figures):
    from_page = {"pd_factor": "2", "loss_points": "10", "rate_points": "2", "failing_share": "5"} | figures
    return {"scenario": StressScenario.objects.get(code=code).pk, "product": ""} | from_page


def test_tries_bad_times_out_and_says_what_they_do(account):
    make_loan(account, "60000", code="BUSINESS")
    client = enter(make_staff("ANALYST"))
    done = client.post("/workbench/portfolio/stress/", shock("OWN", failing_share="50"))
    assert done.status_code == 303
    page = client.get(done.headers["Location"]).content.decode()
    assert "50 % of those who pay lose their income" in page
    assert StressRun.objects.get().inputs["failing_share"] == "0.5"
    assert client.post("/workbench/portfolio/stress/", shock("OWN", pd_factor="1000")).status_code == 422
