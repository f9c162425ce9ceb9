"""`witness`: sees the checkpoints of another party's archive and cosigns what goes on from all it saw before."""

import asyncio
import signal
from argparse import Namespace
from collections.abc import Awaitable, Callable
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import uvicorn

from huidang.cli.errand import DONE
from huidang.cli.serve import DRAIN_SECONDS, bind
from huidang.cli.terminal import Terminal
from huidang.kernel import notes
from huidang.kernel.witness import LARGEST, Answer, Witness

BODY_SECONDS = 10
AT_ONCE = 64

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]


def witness(arguments: Namespace, terminal: Terminal) -> int:
    """Answer `POST /add-checkpoint` until SIGINT or SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    logs = [notes.parse_verifier(key) for key in arguments.log]
    with (
        closing(Witness(Path(arguments.folder), logs)) as seeing,
        bind(arguments.host, arguments.port) as listener,
        suppress(KeyboardInterrupt),
    ):
        host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
        listener.listen()  # who reads the address may come before the server is up
        terminal.say(f"见证 http://{host}:{listener.getsockname()[1]}/  （Ctrl+C 停止 · stop with Ctrl+C）")
        terminal.say(f"见证公钥 · verifier key\n{seeing.verifier}")
        config = uvicorn.Config(
            _Door(seeing),
            log_level="warning",
            lifespan="off",
            server_header=False,
            limit_concurrency=AT_ONCE,
            timeout_graceful_shutdown=DRAIN_SECONDS,
        )
        uvicorn.Server(config).run(sockets=[listener])
    return DONE


class _Door:
    """The HTTP of a witness (ASGI): one address, one method."""

    def __init__(self, seeing: Witness) -> None:
        self._seeing = seeing

    async def __call__(self, scope: dict[str, Any], receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        answer = await self._answer(scope, receive)
        headers = [
            (b"content-type", answer.media_type.encode()),
            (b"content-length", b"%d" % len(answer.text.encode())),
        ]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.text.encode()})

    async def _answer(self, scope: dict[str, Any], receive: Receive) -> Answer:
        if scope["path"] != "/add-checkpoint":
            return Answer(404)
        if scope["method"] != "POST":
            return Answer(405)
        try:
            body = await asyncio.wait_for(_body_of(receive), BODY_SECONDS)
        except TimeoutError:
            return Answer(408)
        if len(body) > LARGEST:
            return Answer(413)
        return await asyncio.to_thread(self._seeing.add_checkpoint, body)


async def _body_of(receive: Receive) -> bytes:
    """Return a request's body, no more of it than shows that it is too large."""
    body, more = b"", True
    while more and len(body) <= LARGEST:
        event = await receive()
        body, more = body + event.get("body", b""), event.get("more_body", False)
    return body
