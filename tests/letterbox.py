"""A mail server for tests: SMTP with STARTTLS and a login behind a socket on loopback, keeping what it takes."""

import socketserver
import ssl
import subprocess
import threading
from base64 import b64decode
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

LOGIN = "archive@example.cn\0s3cret"


class Mailbox:
    """What came in, and under what conditions; `broken` refuses every message."""

    def __init__(self, folder: Path) -> None:
        self.messages: list[bytes] = []
        self.secured: list[bool] = []
        self.logins: list[str] = []
        self.broken = False
        self.port = 0
        self.certificate = folder / "mail.pem"
        words = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "30", "-keyout", "mail.key"]
        named = ["-out", "mail.pem", "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"]
        subprocess.run([*words, *named], cwd=folder, check=True, capture_output=True)
        self.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.tls.load_cert_chain(self.certificate, folder / "mail.key")

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Answer on a free port of loopback inside the block."""
        mailbox = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                _Session(mailbox, self.request).converse()

        server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self.port = server.server_address[1]
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()


class _Session:
    """One conversation (RFC 5321, 3207, 4954)."""

    def __init__(self, mailbox: Mailbox, connection: "ssl.SSLSocket") -> None:
        self.mailbox, self.connection, self.secured, self.known = mailbox, connection, False, False
        self.lines = connection.makefile("rb")

    def converse(self) -> None:
        """Answer until the other side is done."""
        self.say("220 mail.example.cn")
        while line := self.lines.readline():
            word, _, rest = line.decode().strip().partition(" ")
            if word.upper() == "QUIT":
                self.say("221 bye")
                return
            getattr(self, f"on_{word.lower()}", self.on_other)(rest)

    def say(self, *lines: str) -> None:
        self.connection.sendall("".join(f"{line}\r\n" for line in lines).encode())

    def on_other(self, _rest: str) -> None:
        self.say("502 what?")

    def on_ehlo(self, _rest: str) -> None:
        self.say("250-mail.example.cn", "250-AUTH PLAIN" if self.secured else "250-STARTTLS", "250 SIZE 1000000")

    def on_starttls(self, _rest: str) -> None:
        self.say("220 go ahead")
        self.connection = self.mailbox.tls.wrap_socket(self.connection, server_side=True)
        self.lines, self.secured = self.connection.makefile("rb"), True

    def on_auth(self, rest: str) -> None:
        said = b64decode(rest.partition(" ")[2]).decode().lstrip("\0")
        self.mailbox.logins.append(said)
        self.known = said == LOGIN
        self.say("235 welcome" if self.known else "535 who are you")

    def on_mail(self, _rest: str) -> None:
        self.say("250 ok" if self.known and not self.mailbox.broken else "550 not now")

    def on_rcpt(self, _rest: str) -> None:
        self.say("250 ok")

    def on_data(self, _rest: str) -> None:
        self.say("354 go on")
        content = b""
        while (line := self.lines.readline()) != b".\r\n":
            content += line.removeprefix(b".") if line.startswith(b"..") else line
        self.mailbox.messages.append(content)
        self.mailbox.secured.append(self.secured)
        self.say(f"250 2.0.0 queued as Q{len(self.mailbox.messages)}")
