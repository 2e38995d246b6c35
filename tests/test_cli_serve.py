"""`spt serve` as a process: what it prints, who may ask, and how it ends."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest

from tests.shell import PROGRAM, environment, read_all, spt
from tests.trees import Tree

TOKEN = "0123456789abcdef"


class Serving(NamedTuple):
    """A running `spt serve`."""

    process: subprocess.Popen[bytes]
    url: str  # as it was printed

    @property
    def base(self) -> str:
        """The address without its token."""
        return self.url.partition("?")[0]

    @property
    def port(self) -> int:
        """The port it listens on."""
        return httpx.URL(self.url).port or 0

    @property
    def token(self) -> str:
        """What it knows its users by."""
        return self.url.partition("token=")[2]

    def get(self, path: str = "api/runs", **headers: str) -> httpx.Response:
        """The answer to a script that knows the token."""
        known = {"authorization": f"Bearer {self.token}"} if self.token else {}
        return httpx.get(self.base + path, headers=known | headers, timeout=30)

    def ids(self) -> set[str]:
        """The ids of the runs, once all are seen."""
        while not self.get("api/scan-status").json()["initial_done"]:
            pass
        return {row["run_id"] for row in self.get().json()}

    def ended(self, number: signal.Signals = signal.SIGTERM) -> tuple[int, str]:
        """Exit code and stderr after a signal."""
        os.kill(self.process.pid, number)
        assert self.process.stderr
        return self.process.wait(30), self.process.stderr.read().decode()


@pytest.fixture
def state(tmp_path: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path / "state")}


@contextmanager
def serving(*words: str | Path, env: Mapping[str, str]) -> Iterator[Serving]:
    """`spt serve` with *words*, as soon as it has printed its address."""
    command = [*PROGRAM, "serve", *map(str, words)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(env)) as process:
        try:
            assert process.stdout
            assert process.stderr
            line = process.stdout.readline().decode()
            assert line.startswith("http"), process.stderr.read().decode()
            yield Serving(process, line.strip())
        finally:
            process.kill()


@pytest.fixture
def root(tree: Tree) -> Path:
    tree.run("a", hparams={"width": 64})
    tree.run("b", status="failed", archived=True)
    return tree.root


def test_it_prints_its_address_with_the_token_and_serves(root: Path, state: dict[str, str]) -> None:
    with serving(root, "--port", "0", env=state) as server:
        assert re.fullmatch(r"http://127\.0\.0\.1:[0-9]+/\?token=[\w-]{32}", server.url)
        assert server.ids() == {"a", "b"}
        assert httpx.get(server.base + "api/runs").status_code == 401
        with httpx.Client(follow_redirects=True) as browser:
            page = browser.get(server.url)
            assert (page.status_code, str(page.url)) == (200, server.base)
            assert browser.get(server.base + "api/runs").status_code == 200
        assert server.ended(signal.SIGINT) == (130, "")


def test_a_restart_on_the_same_port_keeps_pages_alive(root: Path, state: dict[str, str]) -> None:
    """The same token, and no wait for the port, with a stream open to the last."""
    with serving(root, "--port", "0", env=state) as first, httpx.Client(follow_redirects=True) as browser:
        browser.get(first.url)
        with browser.stream("GET", first.base + "api/stream") as stream:
            assert "event: ready" in next(stream.iter_text())
            assert first.ended() == (143, "")
        with serving(root, "--port", str(first.port), env=state) as second:
            assert second.url == first.url
            assert browser.get(second.base + "api/runs").status_code == 200


def test_a_port_in_use_ends_with_1_and_names_the_process(root: Path, state: dict[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        done = spt("serve", root, "--port", str(port), env=state)
    assert (done.code, done.out) == (1, "")
    said, hint = done.err.splitlines()
    assert said.startswith(f"spt: port {port} on 127.0.0.1 is in use by process {os.getpid()} (")
    assert hint.strip() == "choose another with --port, or let --port 0 choose a free one"


def test_a_unix_socket_is_for_its_user_and_goes_with_the_server(root: Path, state: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "spt.sock")
        with serving(root, "--uds", path, env=state) as killed:
            killed.process.kill()
            killed.process.wait()
        assert path.is_socket()
        with serving(root, "--uds", path, env=state) as server:
            assert server.url.startswith("http://localhost:4242/?token=")
            assert path.stat().st_mode & 0o777 == 0o600
            with httpx.Client(transport=httpx.HTTPTransport(uds=str(path)), base_url="http://localhost:4242") as client:
                assert client.get("/api/runs").status_code == 401
                known = {"authorization": f"Bearer {server.token}"}
                assert client.get("/api/runs", headers=known).status_code == 200
            assert server.ended(signal.SIGHUP) == (129, ""), "a terminal that goes away"
        assert not path.exists()


def test_a_tilde_in_the_sockets_path_that_no_shell_has_seen_is_the_home(root: Path, state: dict[str, str]) -> None:
    with tempfile.TemporaryDirectory() as home, serving(root, "--uds=~/spt.sock", "-q", env=state | {"HOME": home}):
        assert Path(home, "spt.sock").is_socket()


def test_who_may_connect_edits_without_a_token_and_only_chosen_runs_are_served(
    root: Path, state: dict[str, str]
) -> None:
    words = ("--port", "0", "--no-token", "-w", "status == 'failed' and not (widht > 3)")
    with serving(root, "/nowhere", *words, env=state) as server:
        assert server.ids() == {"b"}, "archived ones too"
        assert server.url == server.base
        answer = httpx.patch(server.base + "api/run-meta", json={"run_id": "b", "notes": "seen"})
        assert answer.json() == {"ok": True}
        assert '"notes": "seen"' in (root / "b/annotations.json").read_text()
        code, said = server.ended()
    missing, everybody, misspelt = said.splitlines()
    assert (code, missing) == (143, "spt: no such folder: /nowhere")
    assert everybody == "spt: everybody on this machine can see and edit these runs; --uds is for you alone"
    assert "widht" in misspelt


def test_all_addresses_read_only_with_the_environments_token_and_logs_from_elsewhere(
    tmp_path: Path, state: dict[str, str]
) -> None:
    tree = Tree(tmp_path / "runs")
    for name in ("allowed", "closed"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}.log").write_text("hello\n")
        tree.run(name, hparams={"output_dir": str(tmp_path / name)})
    words = (
        "--port",
        "0",
        "--host",
        "::" if has_ipv6() else "0.0.0.0",
        "--read-only",
        "--logs-from",
        tmp_path / "allowed",
    )
    with serving(tree.root, *words, env=state | {"SPT_TOKEN": TOKEN}) as server:
        assert server.url == f"http://{socket.gethostname()}:{server.port}/?token={TOKEN}"
        local = Serving(server.process, server.url.replace(socket.gethostname(), "127.0.0.1"))
        assert local.ids() == {"allowed", "closed"}
        assert local.get(host=socket.gethostname()).status_code == 200
        if sys.platform == "linux":  # where all of 127 is this machine
            other = httpx.URL(local.base).copy_with(host="127.0.0.2")
            assert httpx.get(other).status_code == 401, "it answers to the address that was connected to"
            assert local.get(host="127.0.0.2").status_code == 421
        answer = httpx.patch(
            f"{local.base}api/run-meta",
            json={"run_id": "allowed", "notes": "x"},
            headers={"authorization": f"Bearer {TOKEN}"},
        )
        assert answer.status_code == 403
        names = {
            run: [stream["name"] for stream in local.get(f"api/logs?run_id={run}").json()["streams"]]
            for run in ("allowed", "closed")
        }
        assert names == {"allowed": ["allowed.log"], "closed": []}
        if Path("/proc").exists():
            assert TOKEN not in Path(f"/proc/{server.process.pid}/cmdline").read_text()
        assert local.ended() == (
            143,
            "spt: nothing is encrypted on the way from other machines; by ssh it is (spt help serve)\n",
        )
    assert not Path(state["XDG_STATE_HOME"]).exists()


def has_ipv6() -> bool:
    try:
        socket.create_server(("::1", 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


def test_below_a_path_with_and_without_it_and_by_another_name(root: Path, state: dict[str, str]) -> None:
    """As behind a proxy that takes the path away, and behind one that does not."""
    words = ("--port", "0", "--root-path", "/user/ada/", "--allow-host", "hub.example")
    with serving(root, *words, env=state) as server:
        assert server.base.endswith("/user/ada/")
        assert server.get().status_code == server.get(host="hub.example").status_code == 200
        assert server.get(host="evil.example").status_code == 421
        assert httpx.get(server.base.replace("/user/ada/", "/api/runs")).status_code == 401
        welcome = httpx.get(server.url)
        assert "; Path=/user/ada;" in welcome.headers["set-cookie"]
        assert httpx.get(server.base.rstrip("/")).headers["location"] == "ada/"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        ("--uds s --port 1", 2, "--uds goes with neither --host nor --port"),
        ("--uds s --host ::1", 2, "--uds goes with neither --host nor --port"),
        ("--uds s --open", 2, "--open goes with a port: no browser opens a socket"),
        ("--no-token --host 0.0.0.0 --port 0", 2, "--no-token is for this machine alone, and --host is not"),
        ("--host nosuch.invalid", 2, "no such host: nosuch.invalid"),
        ("--allow-host http://x", 2, "--allow-host cannot be http://x"),
        ("--root-path spt", 2, "--root-path cannot be spt"),
        ("--interval 1ms", 2, "--interval 1ms would do nothing but look"),
        ("--logs-from /nowhere", 1, "--logs-from: no such folder: /nowhere"),
        ("-w '('", 2, "the selection cannot be read: '(' was never closed"),
        ("--port 0 --open", 1, "--open: there is no screen here"),
    ],
)
def test_what_cannot_be_is_said_before_anything_is_served(
    words: str, code: int, said: str, root: Path, state: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    done = spt("serve", root, *words.replace("'('", "(").split(), env=state)
    assert (done.code, done.err.splitlines()[0]) == (code, f"spt: {said}")


def test_a_token_of_the_environment_that_is_too_short_is_refused_without_being_shown(root: Path) -> None:
    done = spt("serve", root, "--port", "0", env={"SPT_TOKEN": "hunter2"})
    assert (done.code, "hunter2" in done.err) == (2, False)


def test_no_root_at_all_ends_with_1(state: dict[str, str]) -> None:
    done = spt("serve", "/nowhere", env=state)
    assert (done.code, done.err) == (1, "spt: no such folder: /nowhere\n")


def test_a_person_is_told_how_to_get_there_from_elsewhere(root: Path, state: dict[str, str]) -> None:
    ours, theirs = os.openpty()
    with subprocess.Popen(
        [*PROGRAM, "serve", str(root), "--port", "0"],
        stdout=subprocess.PIPE,
        stderr=theirs,
        env=environment(state),
    ) as process:
        os.close(theirs)
        assert process.stdout
        port = httpx.URL(process.stdout.readline().decode().strip()).port
        said = b""
        while b"ends it" not in said:
            said += os.read(ours, 4096)
        process.terminate()
        assert read_all(ours).strip() == b""
    os.close(ours)
    assert f"on your own machine: ssh -N -L {port}:127.0.0.1:{port} " in said.decode()
