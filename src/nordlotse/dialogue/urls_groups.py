"""Addresses of working groups."""

from __future__ import annotations

from django.urls import URLPattern, path

from nordlotse.dialogue.views import groups, minutes

pages: list[URLPattern] = [
    path("gruppen/", groups.listing, name="groups"),
    path("gruppen/<slug:slug>/", groups.group, name="group"),
    path("gruppen/<slug:slug>/mitglied/", groups.join, name="group_join"),
    path("gruppen/<slug:slug>/mitglied/<int:member_id>/", groups.appoint, name="group_appoint"),
    path("gruppen/<slug:slug>/einladen/", groups.invite, name="group_invite"),
    path("einladung/gruppe/<str:token>/", groups.invitation, name="group_invitation"),
    path("gruppen/<slug:slug>/neu/", groups.new_topic, name="group_new_topic"),
    path("gruppen/<slug:slug>/thema/<int:topic_id>/", groups.topic, name="group_topic"),
    path("gruppen/<slug:slug>/thema/<int:topic_id>/moderieren/", groups.moderate, name="group_moderate"),
    path("gruppen/<slug:slug>/thema/<int:topic_id>/beitrag/<int:post_id>/", groups.edit_post, name="group_edit_post"),
    path("gruppen/<slug:slug>/datei/<slug:file_id>/", groups.file, name="group_file"),
    path("gruppen/<slug:slug>/protokoll/neu/", minutes.write, name="group_new_minutes"),
    path("gruppen/<slug:slug>/protokoll/<int:meeting_id>/", minutes.shown, name="group_minutes"),
    path("gruppen/<slug:slug>/protokoll/<int:meeting_id>/schreiben/", minutes.write, name="group_write_minutes"),
    path("gruppen/<slug:slug>/protokoll/<int:meeting_id>/veroeffentlichen/", minutes.publish, name="group_publish"),
    path("gruppen/<slug:slug>/aufgabe/<int:task_id>/", minutes.tick, name="group_tick"),
    path("desk/gruppen/neu/", groups.found, name="group_found"),
    path("desk/gruppen/<slug:slug>/", groups.found, name="group_change"),
]
