"""Who may ask at all: Host, Origin, token and size, each tried from outside; and what every answer forbids."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers import Server, answered, ours
from tests.trees import Tree

TOKEN = "correct-horse-battery"
MANY = ["/", "/index.html", "/assets/app.css", "/favicon.ico", "/nothing", "/api/runs", "/api/stream", "/api/nothing"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Without a token; known as `node7`, too."""
    with ours([_root(tmp_path_factory)], hosts=("node7", "FE80::1")) as serving:
        yield serving


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """With a token."""
    with ours([_root(tmp_path_factory)], token=TOKEN) as serving:
        yield serving


def _root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("guarded") / "runs"
    Tree(root).run("r", notes="old")
    return root


def notes(server: Server, **headers: str) -> str:
    rows = server.ask("GET", "/api/runs", headers=headers).json()
    return "".join(row["notes"] for row in rows)


# Host


@pytest.mark.parametrize(
    "host", ["localhost", "LocalHost:8080", "localhost.", "127.0.0.1:1", "[::1]:4242", "node7", "NODE7:1", "[fe80::1]"]
)
def test_the_names_of_this_machine_are_answered(server: Server, host: str) -> None:
    assert server.ask("GET", "/api/runs", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host", ["evil.example", "localhost.evil.example", "127.0.0.1.evil.example", "node70", "10.0.0.1"]
)
@pytest.mark.parametrize("path", MANY)
def test_a_foreign_name_is_misdirected(server: Server, host: str, path: str) -> None:
    """A page whose name was made to mean this machine (DNS rebinding) reads nothing."""
    answer = server.ask("GET", path, headers={"host": host})
    assert answer.status_code == 421
    assert "display_name" not in answer.text


@pytest.mark.parametrize(
    "host", ["", " ", "a b", "localhost:x", "localhost/", "user@localhost", "[::1", "localhost#", "é"]
)
def test_what_is_no_name_is_400(server: Server, host: str) -> None:
    answer = server.raw(f"GET /api/runs HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 ")


def test_without_a_host_it_is_400(server: Server) -> None:
    for version in ("1.0", "1.1"):
        answer = server.raw(f"GET /api/runs HTTP/{version}\r\nConnection: close\r\n\r\n".encode())
        assert answer.startswith(b"HTTP/1.1 400 ")


def test_two_hosts_are_400(server: Server) -> None:
    answer = server.raw(b"GET /api/runs HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 400 ")


def test_an_absolute_address_does_not_replace_the_host(server: Server) -> None:
    request = b"GET http://localhost/api/runs HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
    assert server.raw(request).split(b" ")[1] in {b"404", b"421"}


def test_any_name_is_answered_where_the_operator_says_so(tmp_path: Path) -> None:
    with ours([tmp_path], hosts=("*",)) as serving:
        assert serving.ask("GET", "/api/runs", headers={"host": "whatever.example"}).status_code == 200


# Origin


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://localhost:1",
        "http://node7:1",
        "https://127.0.0.1",
        "file://",
        "x",
        "http://[",
    ],
)
def test_a_page_of_another_origin_edits_nothing(server: Server, origin: str) -> None:
    """Another port of this machine is another user's page."""
    assert server.patch({"run_id": "r", "notes": "evil"}, origin=origin).status_code == 403
    assert notes(server) == "old"


def test_pages_of_this_origin_and_scripts_edit(server: Server) -> None:
    assert server.patch({"run_id": "r", "notes": "mine"}, origin=f"http://127.0.0.1:{server.port}").status_code == 200
    assert notes(server) == "mine"
    assert server.patch({"run_id": "r", "notes": "old"}).status_code == 200
    assert server.patch({"run_id": "r", "notes": "old"}, host="node7", origin="https://node7").status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "", "json"])
def test_what_a_form_can_send_is_no_edit(server: Server, kind: str) -> None:
    assert server.patch({"run_id": "r", "notes": "evil"}, content_type=kind).status_code == 415
    assert notes(server) == "old"


def test_json_is_an_edit_whatever_its_parameters(server: Server) -> None:
    answer = server.patch({"run_id": "r", "notes": "old"}, content_type="Application/JSON; charset=utf-8")
    assert answer.status_code == 200


def test_no_other_origin_may_read(server: Server) -> None:
    answer = server.ask("OPTIONS", "/api/runs", headers={"origin": "http://evil.example"})
    assert answer.status_code == 405
    for path in MANY[:-1]:
        if path != "/api/stream":
            assert (
                "access-control-allow-origin" not in server.get(path, headers={"origin": "http://evil.example"}).headers
            )


# Token


@pytest.mark.parametrize("path", MANY)
def test_without_the_token_nothing_is_answered(closed: Server, path: str) -> None:
    answer = closed.get(path)
    assert answer.status_code == 401
    assert "spt serve" in answer.text


def test_without_the_token_nothing_is_edited(closed: Server) -> None:
    assert closed.patch({"run_id": "r", "notes": "evil"}).status_code == 401
    assert notes(closed, authorization=f"Bearer {TOKEN}") == "old"


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Bearer wrong", f"Basic {TOKEN}", TOKEN, f"Bearer {TOKEN}x", f"Bearer {TOKEN[:-1]}", "Bearer é"],
)
def test_another_token_is_none(closed: Server, authorization: str) -> None:
    answer = closed.ask("GET", "/api/runs", headers={"authorization": authorization.encode("latin-1")})
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")


def test_a_script_sends_the_token(closed: Server) -> None:
    for scheme in ("Bearer", "bearer"):
        assert closed.ask("GET", "/api/runs", headers={"authorization": f"{scheme} {TOKEN}"}).status_code == 200


def test_a_browser_trades_the_token_for_a_cookie_and_an_address_without_it(closed: Server) -> None:
    answer = closed.get("/", token=TOKEN, view="a&b=é")
    assert (answer.status_code, answer.headers["location"]) == (303, "./?view=a%26b%3D%C3%A9")
    assert answer.headers["cache-control"] == "no-store"
    cookie, *attributes = answer.headers["set-cookie"].split("; ")
    assert sorted(attribute.lower() for attribute in attributes) == ["httponly", "path=/", "samesite=strict"]
    assert TOKEN not in cookie
    assert closed.get("/", headers={"cookie": cookie}).status_code == 200
    assert closed.get("/api/runs", headers={"cookie": f"a=b; {cookie}; c=d"}).status_code == 200


@pytest.mark.parametrize(
    ("path", "location"),
    [("/", "./"), ("/index.html", "./index.html"), ("/api/runs", "./runs"), ("//evil.example/", "./")],
)
def test_the_way_on_leads_nowhere_else(closed: Server, path: str, location: str) -> None:
    answer = closed.raw(f"GET {path}?token={TOKEN} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
    assert f"\r\nlocation: {location}\r\n".encode() in answer


def test_after_a_link_on_another_sites_page_the_way_on_is_a_page(closed: Server) -> None:
    """A browser sends no Strict cookie after the redirect of such a link."""
    answer = closed.get("/", token=TOKEN, q='"><script>', headers={"sec-fetch-site": "cross-site"})
    assert (answer.status_code, "set-cookie" in answer.headers) == (200, True)
    assert answer.text == '<!doctype html><meta http-equiv="refresh" content="0;url=./?q=%22%3E%3Cscript%3E">'


@pytest.mark.parametrize("token", ["wrong", "", TOKEN[:-1], TOKEN + "x", "é"])
def test_a_wrong_token_in_the_address_is_no_way_in(closed: Server, token: str) -> None:
    answer = closed.get("/", token=token, headers={"authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)


def test_a_forged_cookie_is_none(closed: Server) -> None:
    name = closed.get("/", token=TOKEN).headers["set-cookie"].partition("=")[0]
    for value in ("", "x", TOKEN, "é"):
        answer = closed.ask("GET", "/api/runs", headers={"cookie": f"{name}={value}".encode("latin-1")})
        assert answer.status_code == 401


def test_another_page_cannot_put_a_cookie_before_ours(closed: Server) -> None:
    cookie = closed.get("/", token=TOKEN).headers["set-cookie"].partition(";")[0]
    tossed = cookie.partition("=")[0] + "=evil"
    assert closed.get("/api/runs", headers={"cookie": f"{tossed}; {cookie}"}).status_code == 200


def test_servers_with_other_tokens_have_other_cookies(closed: Server, tmp_path: Path) -> None:
    """Browsers send a cookie to every port of a machine."""
    with ours([tmp_path], token="another-token-entirely") as other:
        names = {
            serving.get("/", token=token).headers["set-cookie"].partition("=")[0]
            for serving, token in ((closed, TOKEN), (other, "another-token-entirely"))
        }
    assert len(names) == 2


# Size


def patch(length: object, *, host: str = "localhost", path: str = "/api/run-meta", connection: str = "close") -> bytes:
    """The head of an edit whose Content-Length is *length*, whatever that is, or whose body comes in chunks."""
    lines = [f"PATCH {path} HTTP/1.1", f"Host: {host}", f"Connection: {connection}", "Content-Type: application/json"]
    body = "Transfer-Encoding: chunked" if length == "chunked" else f"Content-Length: {length}"
    return "\r\n".join([*lines, body, "", ""]).encode()


@pytest.mark.parametrize("path", ["/api/run-meta", "/api/runs", "/"])
def test_a_large_body_is_refused_unread_before_anything_else(closed: Server, path: str) -> None:
    """Unread: it is never sent. Before Host and token: both are wrong here."""
    answer = closed.raw(patch(65_537, host="evil.example", path=path))
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_who_sends_a_large_body_nevertheless_is_told_and_may_go_on(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(patch(200_000, connection="keep-alive") + b" " * 200_000)
        assert answered(connection) == (413, b'{"error":"a body takes up to 65,536 bytes, not 200,000"}')
        connection.sendall(patch(2) + b"{}")
        assert answered(connection) == (400, b'{"error":"missing run_id"}')


def test_a_body_that_grows_too_large_in_chunks_is_cut_off(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(patch("chunked", connection="keep-alive"))
        for _ in range(9):
            connection.sendall(b"2000\r\n" + b" " * 0x2000 + b"\r\n")
        assert answered(connection) == (413, b'{"error":"a body takes up to 65,536 bytes"}')


def test_a_body_in_chunks_is_an_edit(server: Server) -> None:
    def chunks() -> Iterator[bytes]:
        yield b'{"run_id": "r", '
        yield b'"notes": "old"}'

    answer = server.ask("PATCH", "/api/run-meta", content=chunks(), headers={"content-type": "application/json"})
    assert answer.json() == {"ok": True}


@pytest.mark.parametrize("length", ["-1", "x", "", "1e3", "0x10", "+5", "5, 6", "9" * 30, "5\r\nContent-Length: 6"])
def test_a_length_that_is_none_is_refused(server: Server, length: str) -> None:
    answer = server.raw(patch(length) + b'{"run_id": "r", "notes": "evil"}')
    assert answer.split(b" ")[1] in {b"400", b"413"}
    assert notes(server) == "old"


def test_a_body_that_two_lines_measure_is_refused_and_what_follows_is_not_read(server: Server) -> None:
    """A proxy that goes by the other line takes for one request what we took for two."""
    edit = b'{"run_id": "r", "notes": "evil"}'
    chunked = b"%x\r\n%s\r\n0\r\n\r\n" % (len(edit), edit)
    head = patch("4\r\nTransfer-Encoding: chunked", connection="keep-alive")
    answer = server.raw(head + chunked + b"GET /api/runs HTTP/1.1\r\nHost: localhost\r\n\r\n")
    assert (answer[:13], answer.count(b"HTTP/1.1 ")) == (b"HTTP/1.1 400 ", 1)
    assert notes(server) == "old"


@pytest.mark.parametrize("how", ["gzip, chunked", "chunked, identity", "xchunked", "chunked\r\nTransfer-Encoding: x"])
def test_a_body_in_another_form_than_chunks_is_refused(server: Server, how: str) -> None:
    head = patch("chunked").replace(b"chunked", how.encode())
    answer = server.raw(head + b"2\r\n{}\r\n0\r\n\r\n")
    assert (answer[:13], answer.count(b"HTTP/1.1 ")) == (b"HTTP/1.1 400 ", 1)


@pytest.mark.parametrize(
    "line", ["Host : localhost", " Host: localhost", "X: a\0b", "Host: localhost\r\n .evil.example"]
)
def test_header_lines_that_others_read_otherwise_are_refused(server: Server, line: str) -> None:
    answer = server.raw(f"GET /api/runs HTTP/1.1\r\n{line}\r\nConnection: close\r\n\r\n".encode())
    assert answer.startswith(b"HTTP/1.1 400 ")


def test_a_packed_body_is_not_unpacked(server: Server) -> None:
    """60 KB can hold 60 MB."""
    packed = gzip.compress(b'{"run_id": "r", "notes": "' + b"x" * 30_000_000 + b'"}')
    answer = server.patch(packed, content_encoding="gzip")
    assert (len(packed) < 65_536, answer.status_code, answer.json()) == (True, 400, {"error": "invalid JSON"})


def test_a_body_that_is_shorter_than_it_says_changes_nothing(server: Server) -> None:
    body = b'{"run_id": "r", "notes": "evil"}'
    with server.connect() as connection:
        connection.sendall(patch(len(body) + 9) + body)
    assert notes(server) == "old"


def test_what_comes_after_a_refused_body_is_no_request(server: Server) -> None:
    smuggled = b"GET /api/runs HTTP/1.1\r\nHost: localhost\r\n\r\n"
    assert server.raw(patch(f"{len(smuggled)}\r\nOrigin: null") + smuggled).count(b"HTTP/1.1 ") == 1


def test_a_flood_of_headers_is_refused(server: Server) -> None:
    flood = b"".join(b"X-%d: %s\r\n" % (number, b"x" * 100) for number in range(650))
    assert server.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n" + flood + b"\r\n").startswith(
        b"HTTP/1.1 431 "
    )
    assert server.raw(b"GET / HTTP/1.1\r\nHost: localhost\r\nX: " + b"x" * 200_000).startswith(b"HTTP/1.1 400 ")
    assert server.get("/").status_code == 200


def test_a_thousand_runs_can_be_asked_for_at_once(server: Server) -> None:
    wanted = ["r", *(f"20261123/102030/{number:08x}/x" for number in range(1_000))]
    answer = server.get("/api/curves", run_id=wanted, metric="loss")
    assert (answer.status_code, len(answer.json()["unknown"])) == (200, 1_000)


# What every answer says


@pytest.mark.parametrize("path", [path for path in MANY if path != "/api/stream"])
def test_every_answer_tells_the_browser_what_not_to_do(server: Server, closed: Server, path: str) -> None:
    for answer in (server.get(path), server.ask("HEAD", path), server.ask("PUT", path), closed.get(path)):
        headers = answer.headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "no-referrer"
        assert headers["cross-origin-resource-policy"] == "same-origin"
        policy = headers["content-security-policy"].split("; ")
        assert {"default-src 'none'", "frame-ancestors 'none'"} <= set(policy)


def test_the_page_may_load_what_is_the_servers_own(server: Server) -> None:
    policy = server.get("/").headers["content-security-policy"].split("; ")
    assert {"connect-src 'self'", "img-src 'self' data:", "media-src 'self'", "frame-ancestors 'none'"} <= set(policy)


def test_a_page_brings_its_own_policy(tmp_path: Path) -> None:
    with ours(
        [tmp_path], page=lambda: b"<!doctype html>mine", policy="default-src 'none'; script-src 'sha256-x'"
    ) as mine:
        answer = mine.get("/")
    assert answer.text == "<!doctype html>mine"
    assert answer.headers["content-security-policy"] == "default-src 'none'; script-src 'sha256-x'"
