"""`serve` and `worker`: the web process with one worker beside it, and workers by themselves."""

import errno
import ipaddress
import os
import signal
import socket
import subprocess
import sys
import threading
from argparse import Namespace
from contextlib import suppress
from functools import partial
from typing import Self

import uvicorn

from huidang import search
from huidang.cli.errand import DONE
from huidang.cli.terminal import Terminal, table
from huidang.kernel import bulk
from huidang.kernel.problems import Problem
from huidang.kernel.worker import Worker
from huidang.people import open_first_door
from huidang.settings import HOUSE
from huidang.upkeep.demo import filling

WORKER = [sys.executable, "-m", "huidang", "worker", "--tied"]
RESTART_SECONDS = 1.0  # a worker that dies at once is not restarted in a frenzy
PATIENCE_SECONDS = 10.0  # a worker that does not stop by then is killed; its leases run out by themselves
DRAIN_SECONDS = 5  # open pages are given this long when the server stops


def serve(arguments: Namespace, terminal: Terminal) -> int:
    """Serve the pages, with one worker, until SIGINT or SIGTERM."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    check_address(arguments.host, insecure=arguments.insecure_http, demo=arguments.demo)
    with bind(arguments.host, arguments.port) as listener:
        if arguments.demo:
            fill_demo(terminal)
        greet(arguments, terminal)
        with suppress(KeyboardInterrupt), Companion(WORKER):
            run_web(listener)
    return DONE


def work(arguments: Namespace, terminal: Terminal) -> int:
    """Run jobs until SIGINT or SIGTERM; with `--tied` also until standard input closes."""
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    if arguments.tied:
        threading.Thread(target=stop_with_input, args=(stop,), daemon=True).start()
    else:
        terminal.say("后台进程已启动  （Ctrl+C 停止 · stop with Ctrl+C）")
    following = partial(search.follow, stop, patient=arguments.index_only and arguments.tied)
    follower = threading.Thread(target=following, name="index", daemon=True)
    follower.start()
    try:
        if arguments.index_only:
            with bulk.rare_collection():
                stop.wait()
        else:
            Worker().run(stop)
    finally:
        stop.set()
        follower.join()
    return DONE


def stop_with_input(stop: threading.Event) -> None:
    """Set `stop` once whoever started us is gone."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    stop.set()


def fill_demo(terminal: Terminal) -> None:
    """Bring the demo company in where it does not live yet."""
    with filling.once() as wanted:
        if wanted:
            terminal.note("正在填充演示公司「望山家电」：约两万条消息，不到一分钟。")
            with terminal.progress("演示") as bar:
                filling.fill(progress=bar)


def greet(arguments: Namespace, terminal: Terminal) -> None:
    """Say where the pages are, and who comes in by which link."""
    host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
    address = f"http://{host}:{arguments.port}"
    terminal.say(f"会档 {address}/  （Ctrl+C 停止 · stop with Ctrl+C）")
    for line in table((who, f"{address}/signin/{token}") for who, token in links(demo=arguments.demo)):
        terminal.say(f"  {line}")


def links(*, demo: bool) -> list[tuple[str, str]]:
    """Return who comes in by which one-time token: the cast of the demo, or the first administrator."""
    if demo:
        return filling.links()
    token = open_first_door()
    return [("首位管理员的一次性链接 · one-time link", token)] if token else []


def check_address(host: str, *, insecure: bool, demo: bool) -> None:
    """Raise `Problem` where pages would go over a network unencrypted, or the demo beyond this machine."""
    if is_loopback(host):
        return
    if demo:
        raise Problem("demo-loopback-only", "演示档案的登录链接人人可用，只能在本机地址上打开。", host=host)
    if not HOUSE.tls and not insecure:
        raise Problem(
            "tls-wanted",
            f"{host} 不是本机地址：请在前面放 HTTPS 代理并设 HUIDANG_TLS=1，或加 --insecure-http 自担风险。",
            host=host,
        )


def is_loopback(host: str) -> bool:
    """Say whether an address stays on this machine."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def bind(host: str, port: int) -> socket.socket:
    """Take the port before anything else is done. Raises `Problem` where it is in use or not ours."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as problem:
        listener.close()
        raise _port_problem(host, port, problem) from problem
    return listener


def _port_problem(host: str, port: int, problem: OSError) -> Problem:
    if problem.errno == errno.EADDRINUSE:
        return Problem("port-in-use", f"端口 {port} 已被占用，换一个：--port {port + 1}", port=port)
    return Problem("address-refused", f"不能监听 {host}:{port}：{problem.strerror}", host=host, port=port)


def run_web(listener: socket.socket) -> None:
    """Run the web process on a bound socket until a signal stops it; then raises KeyboardInterrupt.

    uvicorn drains on SIGINT and SIGTERM and raises the signal again afterwards for whoever handled it before.
    """
    config = uvicorn.Config(
        "huidang.asgi:application",
        log_level="warning",
        lifespan="off",
        server_header=False,
        proxy_headers=HOUSE.tls,
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    uvicorn.Server(config).run(sockets=[listener])


class Companion:
    """A child process that lives as long as the block: restarted when it dies, stopped with us, never left behind.

    The child stops when its standard input closes, which the operating system does even if we are killed.
    """

    def __init__(self, command: list[str], *, niceness: int = 0) -> None:
        self.command = command
        self.niceness = niceness
        self.leaving = threading.Event()
        self.turn = threading.Lock()
        self.child = self.start()

    def start(self) -> "subprocess.Popen[bytes]":
        """Start the child, out of reach of the terminal's Ctrl+C: we stop it ourselves.

        Not a session of its own: Linux may give each session the same share of a processor, however many work in it
        (`sched(7)`, autogroups).
        """
        child = subprocess.Popen(self.command, stdin=subprocess.PIPE, process_group=0)
        if self.niceness:
            with suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, child.pid, os.nice(0) + self.niceness)
        return child

    def keep(self) -> None:
        """Start the child again whenever it has died."""
        while not self.leaving.is_set():
            self.child.wait()
            self.leaving.wait(RESTART_SECONDS)
            with self.turn:
                if not self.leaving.is_set():
                    self.child = self.start()

    def __enter__(self) -> Self:
        threading.Thread(target=self.keep, name="companion", daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        with self.turn:
            self.leaving.set()
        self.child.terminate()
        try:
            self.child.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
