"""Where people sign in and are managed by API."""

from django.urls import path

from apps.users.api import auth, businesses, factors, me, oversight, staff

_business = businesses.Businesses.as_view
_businesses = "api/v1/businesses/"
_staff = "api/v1/admin/staff/"
_invitation = f"{_businesses}invitations/<uuid:invitation_id>/"

urlpatterns = [
    path("api/v1/auth/otp/send/", auth.OtpSend.as_view(), name="otp-send"),
    path("api/v1/auth/otp/verify/", auth.OtpVerify.as_view(), name="otp-verify"),
    path("api/v1/auth/signup/", auth.SignUp.as_view(), name="signup"),
    path("api/v1/auth/login/", auth.LogIn.as_view(), name="login"),
    path("api/v1/token/", auth.LogIn.as_view(), name="token"),
    path("api/v1/auth/mfa/verify/", auth.MfaVerify.as_view(), name="mfa-verify"),
    path("api/v1/auth/refresh/", auth.RefreshTokens.as_view(), name="refresh"),
    path("api/v1/auth/logout/", auth.LogOut.as_view(), name="logout"),
    path("api/v1/auth/password/forgot/", auth.PasswordForgot.as_view(), name="password-forgot"),
    path("api/v1/auth/password/reset/", auth.PasswordReset.as_view(), name="password-reset"),
    path("api/v1/auth/password/change/", auth.PasswordChange.as_view(), name="password-change"),
    path("api/v1/auth/mfa/", factors.Mfa.as_view(), name="mfa"),
    path("api/v1/auth/mfa/totp/", factors.Totp.as_view(), name="totp"),
    path("api/v1/auth/mfa/totp/confirm/", factors.TotpConfirm.as_view(), name="totp-confirm"),
    path("api/v1/auth/mfa/recovery-codes/", factors.RecoveryCodes.as_view(), name="recovery-codes"),
    path("api/v1/auth/passkeys/", factors.Passkeys.as_view(), name="passkeys"),
    path("api/v1/auth/passkeys/register/options/", factors.PasskeyRegisterOptions.as_view(), name="passkey-options"),
    path("api/v1/auth/passkeys/login/options/", factors.PasskeyLoginOptions.as_view(), name="passkey-login-options"),
    path("api/v1/auth/passkeys/login/", factors.PasskeyLogin.as_view(), name="passkey-login"),
    path("api/v1/auth/passkeys/<int:factor_id>/", factors.Passkey.as_view(), name="passkey"),
    path("api/v1/auth/ussd-pin/", factors.UssdPin.as_view(), name="ussd-pin"),
    path("api/v1/auth/step-up/", factors.StepUps.as_view(), name="step-up"),
    path("api/v1/auth/step-up/<uuid:challenge_id>/", factors.StepUpAnswer.as_view(), name="step-up-answer"),
    path("api/v1/auth/sessions/", me.Sessions.as_view(), name="sessions"),
    path("api/v1/auth/sessions/revoke-all/", me.RevokeAll.as_view(), name="revoke-all"),
    path("api/v1/auth/sessions/<uuid:session_id>/", me.OneSession.as_view(), name="session"),
    path("api/v1/users/me/", me.Me.as_view(), name="me"),
    path("api/v1/users/me/devices/", me.Devices.as_view(), name="devices"),
    path(_businesses, _business({"get": "list", "post": "create"}), name="businesses"),
    path(
        f"{_businesses}<int:pk>/",
        _business({"get": "retrieve", "put": "update", "patch": "partial_update", "delete": "destroy"}),
        name="business",
    ),
    path(f"{_businesses}<int:pk>/members/<int:member_id>/", businesses.OneMember.as_view(), name="business-member"),
    path(f"{_businesses}<int:pk>/invitations/", businesses.Invitations.as_view(), name="business-invitations"),
    path(
        f"{_businesses}<int:pk>/invitations/<uuid:invitation_id>/",
        businesses.OneInvitation.as_view(),
        name="business-invitation",
    ),
    path(f"{_businesses}invitations/", businesses.MyInvitations.as_view(), name="my-invitations"),
    path(f"{_invitation}accept/", businesses.AcceptInvitation.as_view(), name="accept-invitation"),
    path(f"{_invitation}decline/", businesses.DeclineInvitation.as_view(), name="decline-invitation"),
    path("api/v1/admin/users/", staff.Customers.as_view(), name="admin-users"),
    path("api/v1/admin/users/<int:pk>/", staff.Customer.as_view(), name="admin-user"),
    path("api/v1/admin/users/<int:pk>/status/", staff.CustomerStatus.as_view(), name="admin-user-status"),
    path("api/v1/admin/users/<int:pk>/notes/", staff.Notes.as_view(), name="admin-user-notes"),
    path("api/v1/admin/staff/", staff.Staff.as_view(), name="admin-staff"),
    path("api/v1/admin/staff/<int:pk>/", staff.StaffOne.as_view(), name="admin-staff-one"),
    path("api/v1/admin/staff/<int:pk>/role/", staff.StaffRole.as_view(), name="admin-staff-role"),
    path(f"{_staff}<int:pk>/post/", oversight.StaffPost.as_view(), name="admin-staff-post"),
    path(f"{_staff}<int:pk>/suspend/", oversight.SuspendStaff.as_view(), name="admin-staff-suspend"),
    path(f"{_staff}<int:pk>/restore/", oversight.RestoreStaff.as_view(), name="admin-staff-restore"),
    path(f"{_staff}<int:pk>/sign-out/", oversight.SignOutStaff.as_view(), name="admin-staff-sign-out"),
    path(f"{_staff}<int:pk>/connections/", oversight.StaffConnections.as_view(), name="admin-staff-connections"),
    path(
        f"{_staff}<int:pk>/connections/<int:connection>/end/",
        oversight.EndConnection.as_view(),
        name="admin-staff-connection-end",
    ),
    path(f"{_staff}me/connections/", oversight.MyConnections.as_view(), name="my-connections"),
    path("api/v1/admin/users/<int:pk>/break-glass/", oversight.BreakTheGlass.as_view(), name="admin-break-glass"),
    path("api/v1/admin/users/<int:pk>/looks/", oversight.Looks.as_view(), name="admin-user-looks"),
    path("api/v1/admin/break-glass/", oversight.BrokenGlass.as_view(), name="admin-broken-glass"),
    path(
        "api/v1/admin/break-glass/<int:pk>/review/",
        oversight.ReviewBrokenGlass.as_view(),
        name="admin-broken-glass-review",
    ),
    path("api/v1/admin/roles/", staff.Roles.as_view(), name="admin-roles"),
    path("api/v1/branches/", staff.Branches.as_view(), name="branches"),
    path("api/v1/branches/<int:pk>/", staff.BranchOne.as_view(), name="branch"),
]
