"""Working groups: the world's group is public; nobody of the roles is a member, coordinators moderate all."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils import timezone

from nordlotse.dialogue.models import Group, Meeting, Post, Task, Topic
from nordlotse.office import links
from nordlotse.office.models import StoredFile
from tests.web.rows import COORDINATION, SIGNED_IN, Rows, everybody, only

PAGES: Rows = {
    "gruppen/": everybody(),
    "gruppen/GROUP/": everybody(),
    "gruppen/GROUP/mitglied/": only(SIGNED_IN, get=405, post=302, data={"name": "Neu"}),
    "gruppen/GROUP/mitglied/999999/": only(COORDINATION, get=405, post=302),
    "gruppen/GROUP/einladen/": only(COORDINATION, get=405, post=302, data={"mail": "neu@example.org"}),
    # Whoever has the link and signs in may join.
    "einladung/gruppe/INVITED_TO_GROUP/": only(SIGNED_IN, post=422),
    # Nobody of the roles has joined: writing is for members.
    "gruppen/GROUP/neu/": only((), post=200),
    "gruppen/GROUP/thema/TOPIC/": everybody(post=403),
    "gruppen/GROUP/thema/TOPIC/moderieren/": only(COORDINATION, get=405, post=302, data={"closed": "yes"}),
    "gruppen/GROUP/thema/TOPIC/beitrag/POST/": only((), post=200),
    # The row is there, its bytes are not: whoever may read is told so.
    "gruppen/GROUP/datei/FILE/": everybody(get=404),
    "gruppen/GROUP/protokoll/neu/": only(COORDINATION, post=422),
    "gruppen/GROUP/protokoll/MINUTES/": everybody(),
    "gruppen/GROUP/protokoll/MINUTES/schreiben/": only(COORDINATION, post=422),
    "gruppen/GROUP/protokoll/MINUTES/veroeffentlichen/": only(COORDINATION, get=405, post=302),
    "gruppen/GROUP/aufgabe/TASK/": only((), get=405, post=302),
    "desk/gruppen/neu/": only(COORDINATION, post=422),
    "desk/gruppen/GROUP/": only(COORDINATION, post=422),
}


def seed(world: Any) -> None:
    """A public group with a topic, a post with a file, and published minutes with a task."""
    group = Group.objects.create(slug="sensoren", name_de="Sensoren")
    topic = Topic.objects.create(group=group, title="Drehbank")
    post = Post.objects.create(topic=topic, text="Welcher Sensor?")
    file = StoredFile.objects.create(
        id="f" * 32, room="dialogue", reference=f"post:{post.pk}", name="x.pdf", media_type="application/pdf", size=1
    )
    meeting = Meeting.objects.create(group=group, day=date(2026, 11, 3), title="Treffen", published_at=timezone.now())
    task = Task.objects.create(meeting=meeting, text="Angebot")
    world.places |= {
        "GROUP": group.slug,
        "INVITED_TO_GROUP": links.make("group", group.pk, mail="neu@example.org"),
        "TOPIC": str(topic.pk),
        "POST": str(post.pk),
        "FILE": file.pk,
        "MINUTES": str(meeting.pk),
        "TASK": str(task.pk),
    }
