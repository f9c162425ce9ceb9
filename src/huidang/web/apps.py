"""Registers the package with Django."""

from django.apps import AppConfig


class Config(AppConfig):
    """See the package."""

    name = "huidang.web"
    label = "web"

    def ready(self) -> None:
        """Connect events, jobs and schedules."""
        from huidang import wiring  # noqa: PLC0415  (models can be imported only now)

        wiring.connect()
