"""Where the books answer."""

from django.urls import path

from apps.ledger.api import holidays, periods, views

urlpatterns = [
    path("api/v1/ledger/accounts/", views.Accounts.as_view({"get": "list"}), name="ledger-accounts"),
    path("api/v1/ledger/accounts/<int:pk>/", views.Accounts.as_view({"get": "retrieve"}), name="ledger-account"),
    path("api/v1/ledger/entries/", views.Entries.as_view({"get": "list"}), name="ledger-entries"),
    path("api/v1/ledger/entries/<int:pk>/", views.Entries.as_view({"get": "retrieve"}), name="ledger-entry"),
    path(
        "api/v1/ledger/entries/<int:pk>/reverse/",
        views.Entries.as_view({"post": "reverse"}),
        name="ledger-entry-reverse",
    ),
    path("api/v1/holidays/", holidays.Holidays.as_view(), name="holidays"),
    path("api/v1/holidays/<int:pk>/withdraw/", holidays.Withdraw.as_view(), name="holiday-withdraw"),
    path("api/v1/ledger/periods/", periods.Periods.as_view(), name="ledger-periods"),
    path("api/v1/ledger/periods/<int:pk>/close/", periods.Close.as_view(), name="ledger-period-close"),
    path("api/v1/ledger/periods/<int:pk>/withdraw/", periods.Withdraw.as_view(), name="ledger-period-withdraw"),
    path("api/v1/ledger/periods/<int:pk>/reopen/", periods.Reopen.as_view(), name="ledger-period-reopen"),
    path("api/v1/ledger/trial-balance/", views.TrialBalance.as_view(), name="ledger-trial-balance"),
]
