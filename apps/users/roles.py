"""The catalogue's staff roles as groups of permissions; permissions that an app has not brought yet are left out."""

from typing import Any

from django.apps import AppConfig, apps
from django.contrib.auth.models import Group, Permission

PRIVACY = ["view_registers", "handle_data_requests", "keep_registers"]
TAXES = ["view_taxes", "file_taxes"]
VIEWS = [
    "view_users",
    "view_transactions",
    "view_loans",
    "view_groups",
    "view_reports",
    "view_portfolio",
    "view_books",
    "view_rates",
    "view_audit",
    "view_registers",
    "view_taxes",
]
CARES = ["write_to_customers", "break_glass"]
OFFICER = [
    *CARES,
    "view_users",
    "view_transactions",
    "view_loans",
    "view_groups",
    "approve_loan",
    "collect_loans",
    "take_cash",
]
MANAGER = [
    *OFFICER,
    "approve_kyc",
    "approve_cash",
    "disburse_loan",
    "call_guarantors",
    "refund_transactions",
    "reconcile_mpesa",
    "see_bank_files",
    "freeze_account",
    "view_reports",
    "view_portfolio",
    "view_books",
    "view_rates",
    "manage_inventory",
    "bulk_pay",
]
EVERYTHING = [
    *MANAGER,
    "edit_users",
    "review_glass",
    "view_audit",
    "review_fraud",
    "work_screening",
    "work_cases",
    "write_off_loan",
    "stop_lending",
    "manage_products",
    "manage_billers",
    "manage_rates",
    "manage_rules",
    "manage_content",
    "manage_connections",
    "approve_apps",
    "approve_kyc",
    "reverse_transfer",
    "close_periods",
    "manage_holidays",
    "manage_limits",
    *PRIVACY,
    *TAXES,
]
ROLES: dict[str, list[str]] = {
    "SUPER_ADMIN": [*EVERYTHING, "manage_admins", "approve_str"],
    "ADMIN": EVERYTHING,
    "KYC_OFFICER": [*CARES, "view_users", "edit_users", "approve_kyc"],
    "COMPLIANCE_OFFICER": [
        "write_to_customers",
        "review_glass",
        "view_users",
        "view_transactions",
        "view_groups",
        "view_reports",
        "review_fraud",
        "work_screening",
        "work_cases",
        "view_audit",
        "manage_rules",
        "freeze_account",
        *PRIVACY,
        *TAXES,
    ],
    "SUPPORT_AGENT": [*CARES, "view_users", "view_transactions", "view_loans", "view_groups"],
    "ANALYST": ["view_reports", "view_portfolio"],
    "LOAN_OFFICER": OFFICER,
    "BRANCH_MANAGER": MANAGER,
    "TELLER": [*CARES, "view_users", "view_transactions", "take_cash"],
    "AUDITOR": VIEWS,
}


def sync_roles(app_config: AppConfig, **_: Any) -> None:
    """After the last app's migrations: every role's group holds exactly the permissions above that exist."""
    with_models = [config for config in apps.get_app_configs() if config.models_module is not None]
    if app_config is not with_models[-1]:
        return
    by_codename: dict[str, list[Permission]] = {}
    for permission in Permission.objects.filter(content_type__app_label__in=_bank_labels()):
        by_codename.setdefault(permission.codename, []).append(permission)
    for role, codenames in ROLES.items():
        group, _made = Group.objects.get_or_create(name=role)
        group.permissions.set([row for codename in codenames for row in by_codename.get(codename, [])])


def _bank_labels() -> list[str]:
    return [config.label for config in apps.get_app_configs() if config.name.startswith("apps.")]
