"""The address of the page, the way to it, and the path below which a proxy serves it."""

from __future__ import annotations

import asyncio
import getpass
import os
import socket
from pathlib import Path
from typing import Any

import pytest

from spt_cli.errors import SptError, UsageError
from spt_cli.server.addresses import Place, checked_prefix, names, page_url, ssh_command
from spt_cli.server.browser import opened
from spt_cli.server.prefix import below

HERE = socket.gethostname()
ME = getpass.getuser()
SECRET = "0123456789abcdef"


@pytest.mark.parametrize(
    ("place", "address"),
    [
        (Place(), "http://127.0.0.1:4242/"),
        (Place("::1"), "http://[::1]:4242/"),
        (Place("localhost"), "http://localhost:4242/"),
        (Place("0.0.0.0"), f"http://{HERE}:4242/"),
        (Place("::"), f"http://{HERE}:4242/"),
        (Place(uds="/run/s"), "http://localhost:4242/"),
        (Place(prefix="/user/ada"), "http://127.0.0.1:4242/user/ada/"),
    ],
)
def test_the_address_is_one_that_a_browser_can_open(place: Place, address: str) -> None:
    assert page_url(place, 4242) == address
    assert page_url(place, 4242, SECRET) == f"{address}?token={SECRET}"


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (Place(), f"ssh -N -L 4242:127.0.0.1:4242 {ME}@{HERE}"),
        (Place("::1"), f"ssh -N -L '4242:[::1]:4242' {ME}@{HERE}"),
        (Place(uds="/run/my socket"), f"ssh -N -L '4242:/run/my socket' {ME}@{HERE}"),
    ],
)
def test_ssh_leads_to_it_from_another_machine(place: Place, line: str) -> None:
    assert ssh_command(place, 4242) == line


def test_a_relative_socket_is_named_whole_for_ssh(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    assert ssh_command(Place(uds="s"), 4242) == f"ssh -N -L 4242:{Path.cwd()}/s {ME}@{HERE}"


@pytest.mark.parametrize(
    ("host", "found"), [("127.0.0.1", "127.0.0.1"), ("0.0.0.0", HERE), ("::", HERE), ("node17", "node17")]
)
def test_it_is_reached_by_its_own_name_and_those_that_are_allowed(host: str, found: str) -> None:
    assert names(Place(host), ["runs.example", "*"]) == ("runs.example", "*", found)


@pytest.mark.parametrize("name", ["", " x", "http://x", "x:80", "x/y", "a@b", "x?y"])
def test_an_allowed_host_is_a_name(name: str) -> None:
    with pytest.raises(UsageError, match="--allow-host cannot be"):
        names(Place(), [name])


@pytest.mark.parametrize(
    ("typed", "prefix"), [("", ""), ("/", ""), ("/spt", "/spt"), ("/user/ada/proxy/4242/", "/user/ada/proxy/4242")]
)
def test_a_prefix_has_no_slash_at_its_end(typed: str, prefix: str) -> None:
    assert checked_prefix(typed) == prefix


@pytest.mark.parametrize(
    "typed", ["spt", "//spt", "/a//b", "/a/../b", "/a?b", "/a#b", "/a%20b", "/a\nb", "/é", "http://x/spt"]
)
def test_what_is_no_plain_path_is_no_prefix(typed: str) -> None:
    with pytest.raises(UsageError, match="--root-path cannot be"):
        checked_prefix(typed)


@pytest.mark.parametrize("typed", ["/api", "/assets/"])
def test_a_prefix_is_none_of_the_pages_own_paths(typed: str) -> None:
    """Behind a proxy that takes it away, /api/runs would look as if it had not."""
    with pytest.raises(UsageError, match=f"--root-path cannot be {typed}"):
        checked_prefix(typed)
    assert checked_prefix("/spt/api") == "/spt/api"


def through(prefix: str, path: str, query: bytes = b"") -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """What an application behind *prefix* is given for a request, and what is sent without asking it."""
    seen: dict[str, Any] = {}
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.update({name: scope.get(name) for name in ("root_path", "path", "raw_path")})

    async def send(message: Any) -> None:
        sent.append(message)

    async def receive() -> Any:
        raise AssertionError

    scope = {"type": "http", "path": path, "raw_path": path.encode(), "query_string": query, "root_path": ""}
    asyncio.run(below(prefix, app)(scope, receive, send))  # type: ignore[arg-type]  # coroutines are awaitables
    return seen, sent


@pytest.mark.parametrize("path", ["/api/runs", "/spt/api/runs"])
def test_a_proxy_may_take_the_prefix_away_or_pass_it_on(path: str) -> None:
    assert through("/spt", path)[0] == {"root_path": "/spt", "path": "/spt/api/runs", "raw_path": b"/spt/api/runs"}


def test_what_only_begins_like_the_prefix_is_another_path() -> None:
    assert through("/spt", "/sptx")[0]["path"] == "/spt/sptx"


def test_the_prefix_itself_leads_to_the_folder_of_the_page() -> None:
    """Relative addresses count from the last slash; so does this one, whatever the proxy is called."""
    seen, sent = through("/user/ada", "/user/ada", b"token=x")
    assert seen == {}
    assert (sent[0]["status"], dict(sent[0]["headers"])[b"location"]) == (307, b"ada/?token=x")


def test_without_a_prefix_nothing_changes() -> None:
    assert through("", "/api/runs")[0] == {"root_path": "", "path": "/api/runs", "raw_path": b"/api/runs"}


@pytest.fixture
def browser(tmp_path: Path) -> Path:
    """A browser that writes what it was started with, and the page behind that, into a pipe."""
    os.mkfifo(tmp_path / "told")
    program = tmp_path / "browser"
    program.write_text(f'#!/bin/sh\n{{ echo "$1"; cat "${{1#file://}}"; }} > {tmp_path}/told\n')
    program.chmod(0o755)
    return program


def test_a_browser_is_started_with_a_file_that_only_its_user_can_read(
    browser: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its command line, which everybody can see, does not hold the token."""
    monkeypatch.setenv("BROWSER", f"{browser} %s")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    url = f"http://127.0.0.1:4242/?token={SECRET}&x=1"
    with opened(url):
        started, page = (browser.parent / "told").read_text().splitlines()
        file = Path(started.removeprefix("file://"))
        assert SECRET not in started
        assert page.endswith(f'content="0;url=http://127.0.0.1:4242/?token={SECRET}&amp;x=1">')
        assert file.stat().st_mode & 0o777 == 0o600
        assert file.parent.stat().st_mode & 0o777 == 0o700
    assert not file.exists()


def test_where_there_is_no_screen_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    with pytest.raises(SptError, match="there is no screen here"), opened("http://x/", {}):
        pass
