"""The command `huidang`: parse, call one function, print.

`grammar` says what may be typed, without loading Django, so that `--help` answers at once; `errand` prepares the
house and carries a verb out; the other modules hold the verbs, one function each.
"""

from collections.abc import Sequence
from importlib import import_module

from huidang.cli.grammar import build_parser


def main(argv: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code: 0 done, 1 refused or failed, 2 wrong use."""
    arguments = build_parser().parse_args(argv)
    code: int = import_module("huidang.cli.errand").carry_out(arguments)
    return code
