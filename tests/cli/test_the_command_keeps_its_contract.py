"""Exit codes, one line for people, JSON for scripts, and a help that does not wait for Django."""

import json
import subprocess
import sys
import time

import pytest

from huidang.cli import errand
from huidang.cli.grammar import build_parser
from huidang.cli.serve import bind, check_address
from huidang.cli.terminal import Progress, Terminal, columns, table
from huidang.kernel.problems import Problem


def test_help_does_not_load_django() -> None:
    code = "import sys, huidang.cli.grammar as g; g.build_parser().format_help(); print('django' in sys.modules)"
    began = time.perf_counter()
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"
    assert time.perf_counter() - began < 2, "0.3 s on an idle machine"


def test_wrong_use_is_2(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        build_parser().parse_args(["fly"])
    assert left.value.code == 2
    assert "fly" in capsys.readouterr().err


def test_a_problem_is_1_and_one_line(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise Problem("too-late", "已经关门了。", hour=22)

    monkeypatch.setattr(errand, "prepare", refuse)
    assert errand.carry_out(build_parser().parse_args(["stats", "--json"])) == 1
    told = capsys.readouterr()
    assert told.err == "huidang: 已经关门了。\n"
    assert json.loads(told.out) == {"problem": {"code": "too-late", "text": "已经关门了。", "facts": {"hour": 22}}}


def test_an_interrupt_is_clean(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(**_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(errand, "prepare", interrupt)
    assert errand.carry_out(build_parser().parse_args(["stats"])) == 1
    assert capsys.readouterr().err.count("\n") == 1


def test_every_verb_leads_to_a_function() -> None:
    named = {parser.get_default("run") for parser in leaves(build_parser())}
    assert len(named) == len(list(leaves(build_parser())))
    assert all(callable(errand.find_verb(name)) for name in named)


def leaves(parser: object) -> list[object]:
    actions = [action for action in parser._actions if hasattr(action, "choices") and isinstance(action.choices, dict)]  # type: ignore[attr-defined]
    if not actions:
        return [parser]
    return [leaf for action in actions for below in action.choices.values() for leaf in leaves(below)]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::", "archive.example"])
def test_plain_http_stays_on_this_machine(host: str) -> None:
    with pytest.raises(Problem, match="--insecure-http"):
        check_address(host, insecure=False, demo=False)
    check_address(host, insecure=True, demo=False)
    with pytest.raises(Problem) as refused:
        check_address(host, insecure=True, demo=True)
    assert refused.value.code == "demo-loopback-only"


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.2", "::1", "localhost"])
def test_loopback_needs_no_permission(host: str) -> None:
    check_address(host, insecure=False, demo=True)


def test_a_port_in_use_is_named() -> None:
    with bind("127.0.0.1", 0) as taken:
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(Problem, match=str(port)) as refused:
            bind("127.0.0.1", port)
    assert refused.value.code == "port-in-use"


def test_a_bar_is_drawn_after_a_second_only(capsys: pytest.CaptureFixture[str]) -> None:
    bar = Progress("读取", shown=True)
    bar(0.2)
    assert capsys.readouterr().err == ""
    bar.next_at = 0
    bar(0.5, "12 条")
    bar.clear()
    drawn = capsys.readouterr().err
    assert "读取 ━" in drawn
    assert "50% 12 条" in drawn
    assert drawn.endswith("\r\x1b[K")


def test_values_stand_in_one_column() -> None:
    assert list(table([("ab", 1), ("部门", 2)])) == ["ab    1", "部门  2"]
    assert columns("部门a") == 5


def test_a_result_is_lines_or_json(capsys: pytest.CaptureFixture[str]) -> None:
    Terminal(as_json=False).result({"n": 1}, ["一条"])
    Terminal(as_json=True).result({"n": 1}, ["一条"])
    assert capsys.readouterr().out == '一条\n{"n": 1}\n'
