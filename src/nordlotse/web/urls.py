"""The root of all addresses."""

from __future__ import annotations

from django.urls import include, path

from nordlotse.web import views
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
    path("konto/", include("allauth.urls")),
    path("en/", include((pages, "pages"), namespace="en")),
    path("", include((pages, "pages"), namespace="de")),
]

handler400 = "nordlotse.web.views.bad_request"
handler403 = "nordlotse.web.views.forbidden"
handler404 = "nordlotse.web.views.not_found"
handler500 = "nordlotse.web.views.failed"
