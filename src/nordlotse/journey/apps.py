"""Tells Django about the room."""

from __future__ import annotations

from django.apps import AppConfig


class JourneyConfig(AppConfig):
    """The Django app of the room."""

    name = "nordlotse.journey"
    label = "journey"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Declare what the tables hold of people, listen to what other rooms announce, take in mailed replies about cases,
        show the steps of a readiness plan where they lead, what comes after a part's check, and who may see a
        company's machines."""
        from nordlotse.dialogue import organisers
        from nordlotse.iot import elsewhere as machine_data
        from nordlotse.journey import personal, receivers  # noqa: F401
        from nordlotse.journey.actions import letters, mailed_answers, thread
        from nordlotse.journey.queries import after_print, checks, machines, parts
        from nordlotse.journey.queries.directions import HouseDirections
        from nordlotse.network.queries.directory import partner_names
        from nordlotse.office import incoming
        from nordlotse.print3d import elsewhere as after_part
        from nordlotse.readiness import directions, elsewhere

        receivers.connect()
        organisers.plug(partner_names)
        directions.plug(HouseDirections())
        elsewhere.plug(checks.cases_with)
        after_part.plug(after_print.after, parts.cases_with)
        machine_data.plug(machines.HOUSE)
        incoming.handle(letters.CASE, thread.take_mail)
        incoming.handle(letters.ASKED, mailed_answers.take_mail)
