"""Who signs in."""

from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class UsersConfig(AppConfig):
    """Customers and staff, and how they prove who they are."""

    name = "apps.users"
    verbose_name = _("People")

    def ready(self) -> None:
        """Plug role changes into the maker-checker engine, roles into migrations, people into notifications."""
        approvals = import_module("apps.kernel.approvals")
        posts = import_module("apps.users.operations.posts")
        hire = import_module("apps.users.operations.hire")
        approvals.register(
            approvals.Kind(
                code=posts.ROLE_CHANGE,
                label=_("Change of role"),
                permission="users.manage_admins",
                run=posts.run_role_change,
            )
        )
        approvals.register(
            approvals.Kind(
                code=posts.RESTORE,
                label=_("A suspended colleague comes back"),
                permission="users.manage_admins",
                run=posts.run_restore,
            )
        )
        staff = import_module("apps.users.operations.staff")
        approvals.register(
            approvals.Kind(
                code=staff.RESTORE_CUSTOMER,
                label=_("A suspended customer comes back"),
                permission="users.edit_users",
                run=staff.run_restore_customer,
            )
        )
        approvals.register(
            approvals.Kind(
                code=hire.NEW_STAFF,
                label=_("New member of staff"),
                permission="users.manage_admins",
                run=hire.run_add_staff,
                returned=hire.undo_add_staff,
            )
        )
        approvals.guard_with(import_module("apps.users.policies").require_uninvolved)
        queries = import_module("apps.users.queries")
        import_module("apps.notifications.people").register(
            queries.recipient, behind=queries.behind, many=queries.recipients, parties=queries.parties_of
        )
        factors = import_module("apps.users.operations.factors")
        import_module("apps.kernel.rotation").register("mfa_authenticator.data", factors.reseal_secrets)
        post_migrate.connect(import_module("apps.users.roles").sync_roles, dispatch_uid="roles")
