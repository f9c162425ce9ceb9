"""The interface of a notary for tests: takes JSON on loopback and gives a receipt."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Notary:
    """What was asked, with which key; `status` and `answer` say how it goes on."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: list[str] = []
        self.status = 200
        self.answer: Any = {"code": 0, "data": {"txId": "0xabc123", "at": "2026-11-26 21:00:00"}}
        self.url = ""

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Answer on a free port of loopback inside the block."""
        notary = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                notary.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
                notary.keys.append(self.headers.get("X-Api-Key", ""))
                content = json.dumps(notary.answer, ensure_ascii=False, indent=1).encode()
                self.send_response(notary.status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}/evidence"
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
