"""The recipe of docs/serve.md for nginx, in a real nginx: the page and its API below a path, live, and closed."""

from __future__ import annotations

import itertools
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.servers import LONG, parsed
from tests.test_cli_serve import TOKEN, Serving, serving
from tests.trees import Tree

pytestmark = [
    pytest.mark.nginx,
    pytest.mark.skipif(shutil.which("nginx") is None, reason="needs nginx"),
]

Proxied = tuple[httpx.Client, Serving]
RECIPE = Path(__file__).parent.parent / "docs" / "serve.md"
AROUND = """
daemon off; master_process off; pid {folder}/pid; error_log stderr notice;
events {{ worker_connections 64; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    server {{ listen 127.0.0.1:{port}; {location} }}
}}
"""


@pytest.fixture(params=["taken away", "passed on"])
def proxied(tree: Tree, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Proxied]:
    """A browser of the user ada at nginx, and the server behind it, which is given the path or not."""
    tree.run("r", notes="old")
    (tmp_path / "users").write_text("ada:{PLAIN}secret\n")
    environ = {"SPT_TOKEN": TOKEN, "XDG_STATE_HOME": str(tmp_path / "state")}
    words = ("--port", "0", "--root-path", "/spt", "--allow-host", "runs.example", "--interval", "0.1s", "-q")
    with serving(tree.root, *words, env=environ) as server:
        (location,) = re.findall(r"```nginx\n(.*?)```", RECIPE.read_text(), re.DOTALL)
        ours = location.replace("/etc/nginx/runs.users", str(tmp_path / "users")).replace("Bearer …", f"Bearer {TOKEN}")
        there = f"127.0.0.1:{server.port}" + ("/" if request.param == "taken away" else "")
        ours = ours.replace("127.0.0.1:4242/", there)
        assert ours.count(TOKEN) == ours.count(there) == ours.count(str(tmp_path)) == 1
        with nginx(tmp_path, ours) as port:
            named = {"host": "runs.example", "origin": "http://runs.example"}
            base = f"http://127.0.0.1:{port}/spt/"
            with httpx.Client(base_url=base, auth=("ada", "secret"), headers=named, timeout=LONG) as browser:
                yield browser, server


@contextmanager
def nginx(folder: Path, location: str) -> Iterator[int]:
    """A real one with *location*, once it listens; its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    config = folder / "nginx.conf"
    config.write_text(AROUND.format(folder=folder, port=port, location=location))
    command = ["nginx", "-p", str(folder), "-c", str(config)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stderr
            said = list(itertools.takewhile(lambda line: "event method" not in line, process.stderr))
            assert process.poll() is None, said
            yield port
        finally:
            process.kill()


def test_only_its_users_see_the_page(proxied: Proxied) -> None:
    browser, server = proxied
    assert browser.get("").headers["content-type"].startswith("text/html")
    assert [row["run_id"] for row in browser.get("api/runs").json()] == ["r"]
    assert browser.get("api/runs", auth=("ada", "guessed")).status_code == 401
    assert httpx.get(f"{server.base}api/runs").status_code == 401, "who goes round the proxy"


def test_edits_come_from_its_own_pages_alone(proxied: Proxied) -> None:
    browser, _ = proxied
    answer = browser.patch("api/run-meta", json={"run_id": "r", "notes": "new"})
    assert (answer.status_code, browser.get("api/runs").json()[0]["notes"]) == (200, "new")
    foreign = {"origin": "http://evil.example"}
    assert browser.patch("api/run-meta", json={"run_id": "r", "notes": "evil"}, headers=foreign).status_code == 403
    assert browser.patch("api/run-meta", content=b"x" * 70_000).status_code == 413


def test_events_come_as_they_happen(proxied: Proxied) -> None:
    browser, _ = proxied
    with browser.stream("GET", "api/stream") as stream:
        events = parsed(stream.iter_lines())
        assert next(events).kind == "ready"
        browser.patch("api/run-meta", json={"run_id": "r", "notes": "new"})
        assert next(event for event in events if event.kind == "update").data["changed"] == ["r"]
