"""The room's addresses; the web mounts them in both languages."""

from __future__ import annotations

from django.urls import URLPattern, path

from nordlotse.office import views

pages: list[URLPattern] = [
    path("abmelden/<str:token>/", views.unsubscribe, name="unsubscribe"),
    path("desk/postausgang/", views.outbox, name="outbox"),
    path("desk/postausgang/erneut/", views.outbox_resend_all, name="outbox_resend_all"),
    path("desk/postausgang/<int:mail_id>/", views.outbox_mail, name="outbox_mail"),
    path("desk/postausgang/<int:mail_id>/erneut/", views.outbox_resend, name="outbox_resend"),
    path("desk/posteingang/", views.inbox, name="inbox"),
    path("desk/posteingang/<int:held_id>/", views.inbox_decide, name="inbox_decide"),
]
