"""One server and one browser for all journeys: the real command on an archive of its own, and Chromium."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from shutil import which

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.journeys.stage import PASSWORD

CHROMIUM = os.environ.get("HUIDANG_TEST_CHROMIUM") or which("chromium") or which("chromium-browser")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
PATIENCE_SECONDS = 60


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Say that Chromium is absent instead of failing for it; .ci/run installs it."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM:
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


@pytest.fixture(scope="session")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the archive that is served."""
    return tmp_path_factory.mktemp("journeys")


@pytest.fixture(scope="session")
def address(archive: Path) -> Iterator[str]:
    """Serve an archive with the cast in it; return its address."""
    home = archive
    own = {"HUIDANG_DATA": str(home / "data"), "HUIDANG_KEYS": str(home / "keys"), "HUIDANG_DATABASE": ""}
    own["HUIDANG_ALLOW_ADDRESSES"] = "127.0.0.1/32"  # of the provider
    paths = os.pathsep.join(["src", ".", os.environ.get("PYTHONPATH", "")])
    environment = os.environ | own | {"PYTHONPATH": paths, "HUIDANG_ORGANISATION": "望山家电"}
    subprocess.run([sys.executable, "-m", "tests.journeys.stage"], env=environment, check=True)
    port = _free_port()
    command = [sys.executable, "-m", "huidang", "serve", "--port", str(port)]
    with (home / "log").open("w") as log, subprocess.Popen(command, env=environment, stdout=log, stderr=log) as server:
        _wait_for(f"http://127.0.0.1:{port}/signin")
        yield f"http://127.0.0.1:{port}"
        server.terminate()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium once."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield chromium
        chromium.close()


@dataclass
class Traveller:
    """A person with a browser; `complaints` are console errors, page errors and violations of the policy."""

    page: Page
    address: str
    complaints: list[str] = field(default_factory=list)

    def go(self, place: str) -> None:
        """Open a page of the house."""
        self.page.goto(f"{self.address}{place}")

    def check(self) -> None:
        """Expect a page without serious accessibility findings and without complaints of the browser."""
        said = list(self.complaints)
        findings = Axe().run(self.page, options={"preload": False}).response["violations"]
        grave = [each for each in findings if each["impact"] in ("serious", "critical")]
        told = [f"{each['id']}: {node['html'][:200]}" for each in grave for node in each["nodes"]]
        assert told == []
        assert said == []
        self.complaints.clear()  # axe itself adds styles, which our policy forbids


Travel = Callable[..., Traveller]


@pytest.fixture
def travel(browser: Browser, address: str) -> Iterator[Travel]:
    """Return a function that signs a person in: `travel("zhaolan", language="en", width=390)`."""
    contexts: list[BrowserContext] = []

    def begin(username: str, *, language: str = "zh-CN", width: int = 1440, dark: bool = False) -> Traveller:
        context = browser.new_context(
            viewport={"width": width, "height": 900}, locale=language, color_scheme="dark" if dark else "light"
        )
        context.set_default_timeout(10_000)
        contexts.append(context)
        traveller = Traveller(context.new_page(), address)
        traveller.page.on("pageerror", lambda error: traveller.complaints.append(str(error)))
        traveller.page.on(
            "console",
            lambda said: traveller.complaints.append(said.text) if said.type in ("error", "warning") else None,
        )
        traveller.go("/signin")
        traveller.page.fill("#username", username)
        traveller.page.fill("#password", PASSWORD)
        traveller.page.click(".btn-primary")
        traveller.page.wait_for_url(lambda url: "/signin" not in url)
        return traveller

    yield begin
    for context in contexts:
        context.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(place: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        with suppress(OSError), urllib.request.urlopen(place, timeout=5) as answer:
            if answer.status == 200:
                return
        time.sleep(0.1)
    raise AssertionError(f"{place} did not answer")
