"""A start that dies while it makes the tables leaves nothing that the next one stumbles over; two make them once."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.database

PREPARE = """
import os
import django
django.setup()
from django.db.migrations.recorder import MigrationRecorder
from huidang.upkeep.schema import bring_up_to_date

def record_or_die(self, app, name, record=MigrationRecorder.record_applied):
    if f"{app}.{name}" == os.environ.get("DIE_AT"):
        os._exit(9)
    record(self, app, name)

MigrationRecorder.record_applied = record_or_die
bring_up_to_date()
"""

LOOK = """
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
executor = MigrationExecutor(connection)
assert not executor.migration_plan(executor.loader.graph.leaf_nodes())
connection.check_constraints()
if connection.vendor == "sqlite":
    assert connection.cursor().execute("PRAGMA foreign_keys").fetchone() == (1,)
print("whole")
"""


def start(environment: dict[str, str], *, die_at: str = "") -> "subprocess.Popen[str]":
    own = environment | {"DJANGO_SETTINGS_MODULE": "huidang.settings", "DIE_AT": die_at}
    command = [sys.executable, "-c", PREPARE + LOOK]
    return subprocess.Popen(command, env=own, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_a_start_that_dies_before_a_migration_is_noted(own_archive: dict[str, str]) -> None:
    dying = start(own_archive, die_at="auth.0001_initial")
    dying.communicate()
    assert dying.returncode == 9
    assert start(own_archive).communicate() == ("whole\n", "")


def test_two_starts_at_once(own_archive: dict[str, str]) -> None:
    both = [start(own_archive), start(own_archive)]
    assert [each.communicate() for each in both] == [("whole\n", "")] * 2
