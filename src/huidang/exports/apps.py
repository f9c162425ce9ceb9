"""Registers the package with Django."""

from django.apps import AppConfig


class Config(AppConfig):
    """See the package."""

    name = "huidang.exports"
    label = "exports"
