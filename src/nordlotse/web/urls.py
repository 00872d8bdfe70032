"""The root of all addresses."""

from __future__ import annotations

from django.urls import include, path, re_path

from nordlotse.web import staff, views
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
    # Staff have no mail address here and nobody signs up: these ways of the accounts package are closed.
    re_path(r"^konto/(?:signup|email|confirm-email|password/reset|inactive)/", staff.closed, name="closed"),
    path("konto/", include("allauth.urls")),
    path("en/", include((pages, "pages"), namespace="en")),
    path("", include((pages, "pages"), namespace="de")),
]

handler400 = "nordlotse.web.views.bad_request"
handler403 = "nordlotse.web.views.forbidden"
handler404 = "nordlotse.web.views.not_found"
handler500 = "nordlotse.web.views.failed"
