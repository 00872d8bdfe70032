"""The root of all addresses."""

from __future__ import annotations

from django.urls import include, path, re_path

from nordlotse.web import single_sign_on, staff, views
from nordlotse.web.api import api
from nordlotse.web.routes import pages

urlpatterns = [
    path("health/live", views.live, name="live"),
    path("health/ready", views.ready, name="ready"),
    path("metrics", views.metrics, name="metrics"),
    path("robots.txt", views.robots, name="robots"),
    path(".well-known/security.txt", views.security_txt, name="security_txt"),
    path("api/v1/", api.urls),
    path("anmelden/<str:token>/", views.sign_in, name="sign_in"),
    # Ways of the accounts package that nobody needs here: passwords are no way in for companies, and a sign-in service is
    # joined by signing in with it.
    re_path(
        r"^konto/(?:email|password/reset|inactive|social|3rdparty/(?:signup/)?$)",
        staff.closed,
        name="closed",
    ),
    path("konto/oidc/<slug:provider_id>/login/", single_sign_on.to_service, name="to_service"),
    path("konto/", include("allauth.urls")),
    # Single sign-on for a forum: of the provider's endpoints only those that a forum needs.
    re_path(r"^identity/o/(?:device|logout|api/device)", staff.closed, name="closed_sign_on"),
    path("identity/o/authorize", single_sign_on.authorize, name="authorize"),
    path("", include("allauth.idp.urls")),
    path("en/", include((pages, "pages"), namespace="en")),
    path("", include((pages, "pages"), namespace="de")),
]

handler400 = "nordlotse.web.views.bad_request"
handler403 = "nordlotse.web.views.forbidden"
handler404 = "nordlotse.web.views.not_found"
handler500 = "nordlotse.web.views.failed"
