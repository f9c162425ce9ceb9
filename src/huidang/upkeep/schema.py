"""Brings the database to the tables of this version."""

from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from huidang.kernel import bulk
from huidang.kernel.problems import Problem
from huidang.settings import HOUSE

_LOCK = 0x48554945


def bring_up_to_date() -> None:
    """Create the data folder and the tables where they are missing or old. Raises `Problem` without a database."""
    HOUSE.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        if _is_behind():
            _migrate()
    except OperationalError as problem:
        name = settings.DATABASES["default"]["NAME"]
        raise Problem("database-unreachable", f"数据库 {name} 打不开：{problem}") from problem


def _migrate() -> None:
    """Make the tables whole or not at all, one process at a time.

    Django notes many a migration only after its transaction: left alone, a process that is killed between the two
    leaves tables that every later start tries to make again, and stumbles over.
    """
    with connection.constraint_checks_disabled(), transaction.atomic():
        bulk.hold_for_writing(_LOCK)
        call_command("migrate", verbosity=0, interactive=False)


def _is_behind() -> bool:
    if "records_message" not in connection.introspection.table_names():
        return True
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))
