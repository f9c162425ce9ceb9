"""`erase`: asks for an erasure that the law demands, and carries it out where one person is enough."""

from argparse import Namespace
from collections.abc import Iterator

from huidang.cli.errand import DONE, FAILED
from huidang.cli.reading import at_the_shell, reader_of
from huidang.cli.terminal import Terminal
from huidang.records import deletions
from huidang.records.models import Deletion


def erase(arguments: Namespace, terminal: Terminal) -> int:
    """Ask for messages, or all of a customer's, to be erased."""
    reader = reader_of(arguments)
    if arguments.person:
        target = deletions.of_person(reader, arguments.person)
    else:
        target = deletions.of_messages(reader, arguments.message)
    made = deletions.ask(reader, target, ground=arguments.ground, why=arguments.reason, **at_the_shell())
    if made.state == Deletion.State.WAITING:
        made = deletions.settle(made)
    told = {"deletion": made.pk, "state": made.state, "messages": made.count, "request": made.request_id}
    terminal.result(told, _lines(made))
    return FAILED if made.state == Deletion.State.FAILED else DONE


def _lines(made: Deletion) -> Iterator[str]:
    if made.state == Deletion.State.ASKED:
        yield f"已提交：删除 {made.count} 条消息，申请 {made.request_id} 等另一人批准。"
    elif made.state == Deletion.State.DONE:
        yield f"已删除 {made.count} 条消息的内容，存证哈希仍在。"
    else:
        yield made.error
