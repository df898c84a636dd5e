"""Where tiers and limits answer."""

from django.urls import path

from apps.kyc.api import business, paper_desk, papers, screening, views

_OWN, _DESK = "api/v1/kyc/", "api/v1/admin/kyc/"
_SCREENING = "api/v1/admin/compliance/screening/"

_FIRM = "api/v1/businesses/<int:pk>/kyc/"

urlpatterns = [
    path(_FIRM, business.BusinessKyc.as_view(), name="business-kyc"),
    path(f"{_FIRM}people/", business.BusinessPeople.as_view(), name="business-people"),
    path(f"{_FIRM}people/<uuid:person_id>/", business.BusinessPersonOne.as_view(), name="business-person"),
    path(f"{_FIRM}documents/", business.BusinessDocuments.as_view(), name="business-documents"),
    path(f"{_FIRM}hand-in/", business.BusinessHandIn.as_view(), name="business-hand-in"),
    path("api/v1/kyc/status/", views.Status.as_view(), name="kyc-status"),
    path("api/v1/admin/tier-limits/", views.AdminTierLimits.as_view(), name="admin-tier-limits"),
    path("api/v1/admin/users/<int:pk>/tier/", views.CustomerTier.as_view(), name="admin-user-tier"),
    path("api/v1/admin/users/<int:pk>/kyc/", paper_desk.CustomerKyc.as_view(), name="admin-user-kyc"),
    path(f"{_OWN}kycdocuments/", papers.Documents.as_view(), name="kyc-documents"),
    path(f"{_OWN}kycdocuments/<uuid:public_id>/", papers.Document.as_view(), name="kyc-document"),
    path(f"{_OWN}kycdocuments/<uuid:public_id>/file/", papers.DocumentFile.as_view(), name="kyc-document-file"),
    path(f"{_OWN}kycdocuments/<uuid:public_id>/verify/", paper_desk.VerifyDocument.as_view(), name="kyc-verify"),
    path(f"{_OWN}kycdocuments/<uuid:public_id>/reject/", paper_desk.RejectDocument.as_view(), name="kyc-reject"),
    path(f"{_OWN}biometricdata/", papers.Biometrics.as_view(), name="kyc-biometrics"),
    path(f"{_OWN}biometricdata/<uuid:public_id>/", papers.Biometric.as_view(), name="kyc-biometric"),
    path(f"{_OWN}verificationworkflows/", papers.Workflows.as_view(), name="kyc-workflows"),
    path(f"{_OWN}verificationworkflows/<uuid:public_id>/", papers.Workflow.as_view(), name="kyc-workflow"),
    path(f"{_OWN}verificationworkflows/<uuid:public_id>/hand-in/", papers.HandIn.as_view(), name="kyc-hand-in"),
    path(f"{_OWN}verificationworkflows/<uuid:public_id>/approve/", paper_desk.Approve.as_view(), name="kyc-approve"),
    path(f"{_OWN}verificationworkflows/<uuid:public_id>/ask-again/", paper_desk.Again.as_view(), name="kyc-ask-again"),
    path(f"{_DESK}queue/", paper_desk.Queue.as_view(), name="admin-kyc-queue"),
    path(f"{_DESK}queue/next/", paper_desk.Next.as_view(), name="admin-kyc-next"),
    path(f"{_DESK}<uuid:public_id>/", paper_desk.Review.as_view(), name="admin-kyc"),
    path(f"{_DESK}<uuid:public_id>/claim/", paper_desk.Claim.as_view(), name="admin-kyc-claim"),
    path(f"{_DESK}<uuid:public_id>/release/", paper_desk.Release.as_view(), name="admin-kyc-release"),
    path(f"{_DESK}<uuid:public_id>/reject/", paper_desk.Reject.as_view(), name="admin-kyc-reject"),
    path(_SCREENING, screening.Hits.as_view(), name="screening"),
    path(f"{_SCREENING}<int:pk>/", screening.Hit.as_view(), name="screening-hit"),
    path(f"{_SCREENING}<int:pk>/clear/", screening.ClearHit.as_view(), name="screening-clear"),
    path(f"{_SCREENING}<int:pk>/confirm/", screening.ConfirmHit.as_view(), name="screening-confirm"),
    path(f"{_SCREENING}check/", screening.Check.as_view(), name="screening-check"),
    path(f"{_SCREENING}lists/", screening.WatchLists.as_view(), name="watch-lists"),
    path(f"{_SCREENING}lists/<slug:code>/versions/", screening.Versions.as_view(), name="watch-list-versions"),
]
