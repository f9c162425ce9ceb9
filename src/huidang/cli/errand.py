"""Carries one verb out: prepares the house, calls the verb's function, translates problems into exit codes."""

import os
from argparse import Namespace
from collections.abc import Callable
from importlib import import_module

import django

from huidang.cli.terminal import Terminal, mute_broken_pipe
from huidang.kernel.problems import Problem

DONE, FAILED = 0, 1

Verb = Callable[[Namespace, Terminal], int]


def carry_out(arguments: Namespace) -> int:
    """Run the verb that `arguments.run` names and return the exit code."""
    terminal = Terminal(as_json=arguments.json)
    try:
        prepare(demo=getattr(arguments, "demo", False), archive=arguments.archive)
        return find_verb(arguments.run)(arguments, terminal)
    except Problem as problem:
        terminal.refuse(problem)
    except KeyboardInterrupt:
        terminal.note("已中断。再次运行同一命令会从中断处继续。")
    except BrokenPipeError:
        mute_broken_pipe()
    return FAILED


def prepare(*, demo: bool, archive: bool = True) -> None:
    """Set Django up on the archive that the environment names, or on the demo's; without one, leave it alone."""
    if demo:
        os.environ["HUIDANG_DEMO"] = "1"
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "huidang.settings")
    try:
        django.setup()
    except ValueError as problem:
        raise Problem("setting-unreadable", f"设置无法读取：{problem}") from problem
    if archive:
        import_module("huidang.upkeep.schema").bring_up_to_date()


def find_verb(name: str) -> Verb:
    """Load the function behind `module:function`."""
    module, _, function = name.partition(":")
    verb: Verb = getattr(import_module(f"huidang.cli.{module}"), function)
    return verb
