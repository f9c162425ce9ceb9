"""The tables that the models describe are the tables that migrations make."""

from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

OURS = [app.label for app in apps.get_app_configs() if app.name.startswith("huidang.") and list(app.get_models())]


@pytest.mark.django_db
def test_no_model_has_changed_since(settings: pytest.FixtureRequest) -> None:
    settings.MIGRATION_MODULES = {}  # type: ignore[attr-defined]
    said = StringIO()
    try:
        call_command("makemigrations", *OURS, check=True, dry_run=True, stdout=said)
    except (CommandError, SystemExit):
        pytest.fail(said.getvalue())
