"""A time stamp authority for tests: `openssl ts` behind a small HTTP handler on loopback."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

_CONFIG = """
[req]
distinguished_name = dn
prompt = no
[dn]
CN = {name}
O = Wangshan Test Authority
[root]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[stamper]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = critical,timeStamping
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[tsa]
default_tsa = tsa1
[tsa1]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
certs = {folder}/root.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256,sha384,sha512
accuracy = secs:1
ess_cert_id_alg = sha256
"""


class Authority:
    """Certificates made for one run; `stamp` answers a request."""

    def __init__(self, folder: Path, name: str = "Test TSA") -> None:
        self.folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "ca.cnf").write_text(_CONFIG.format(folder=folder, name=name))
        (folder / "serial").write_text("01\n")
        self._run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "3650", "-keyout", "root.key")
        for step in (
            ("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", "tsa.key", "-out", "tsa.csr"),
            ("x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key", "-CAcreateserial", "-days",
             "3650", "-extfile", "ca.cnf", "-extensions", "stamper", "-out", "tsa.pem"),
        ):  # fmt: skip
            self._run(*step)
        self.roots = (folder / "root.pem").read_text()
        self.url = ""
        self.broken = False
        self.asked: list[str] = []

    def _run(self, *words: str) -> None:
        more = ("-config", "ca.cnf") if words[0] == "req" else ()
        more += ("-subj", "/CN=Test root", "-extensions", "root", "-out", "root.pem") if "-x509" in words else ()
        subprocess.run(["openssl", *words, *more], cwd=self.folder, check=True, capture_output=True)

    def stamp(self, query: bytes) -> bytes:
        """Return the response to a request, both DER."""
        words = ("openssl", "ts", "-reply", "-config", "ca.cnf", "-queryfile", "/dev/stdin")
        return subprocess.run(words, cwd=self.folder, input=query, check=True, capture_output=True).stdout

    @contextmanager
    def serving(self) -> Iterator[None]:
        """Answer on a free port of loopback inside the block; `url` says where."""
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                authority.asked.append(self.headers.get("Authorization", ""))
                answer = b"" if authority.broken else authority.stamp(query)
                self.send_response(500 if authority.broken else 200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *args: Any) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        self.url = f"http://127.0.0.1:{server.server_address[1]}/tsa"
        try:
            yield
        finally:
            server.shutdown()
            server.server_close()
