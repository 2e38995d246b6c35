"""Who may ask at all: by size, Host, Origin and token; and what every answer tells the browser not to do."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from spt_cli.server.answers import json_answer

MAX_BODY = 64 << 10  # bytes; of an edit's JSON
MAX_HEAD = 64 << 10  # bytes of all header lines: 1,000 run ids in a query, and no flood
LOOPBACK = ("localhost", "127.0.0.1", "::1")

NOTHING = "default-src 'none'; frame-ancestors 'none'"  # the policy of answers that are no page
_HEADERS = {
    "content-security-policy": NOTHING,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",  # other ports of this host are other people's pages
}


class Guard:
    """*app*, for those who ask by one of the names *hosts* or a loopback one, and know the *token* where there is one.

    The order of checks is size, Host, Origin, token; what a refused request's body holds is not read. `*` among *hosts*
    lets any name pass.
    """

    def __init__(self, app: ASGIApp, *, hosts: Collection[str] = (), token: str | None = None) -> None:
        self._app = app
        self._hosts = frozenset(_bare(host.lower()) for host in (*LOOPBACK, *hosts))
        self._token = token.encode() if token else b""
        self._cookie = _cookie(self._token)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuses, sets the cookie, or hands on."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
        elif scope["type"] == "http":
            answer = self._refusal(scope, Headers(scope=scope)) or self._app
            await answer(scope, receive, _with_headers(send))
        else:
            await send({"type": "websocket.close", "code": 1000})

    def _refusal(self, scope: Scope, headers: Headers) -> Response | None:
        """Why not, or None."""
        return (
            _too_large(scope, headers)
            or self._misdirected(scope, headers)
            or _foreign(scope, headers)
            or (self._unknown(scope, headers) if self._token else None)
        )

    def _misdirected(self, scope: Scope, headers: Headers) -> Response | None:
        """The answer to who asks for another host: a page whose name was made to mean this machine."""
        host = _host(headers.get("host", ""))
        if host is None:
            return _refused(scope, 400, "Host is no name")
        if host not in {*self._hosts, _reached(scope)} and "*" not in self._hosts:
            return _refused(scope, 421, f"this server is not {host}: start it with --allow-host {host}")
        return None

    def _unknown(self, scope: Scope, headers: Headers) -> Response | None:
        """How to go on without having shown the token yet, or None when it was shown."""
        query = parse_qsl(scope["query_string"].decode("latin-1"), keep_blank_values=True, encoding="latin-1")
        given = [value.encode("latin-1", "replace") for name, value in query if name == "token"]
        if given and scope["method"] in {"GET", "HEAD"}:
            if not hmac.compare_digest(given[-1], self._token):
                return _refused(scope, 401, "that is not the token of this server")
            return self._welcome(scope, headers, [(name, value) for name, value in query if name != "token"])
        scheme, _, bearer = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and hmac.compare_digest(bearer.strip().encode("latin-1"), self._token):
            return None
        name, value = self._cookie
        if any(hmac.compare_digest(cookie, value) for cookie in _cookies(headers.getlist("cookie"), name)):
            return None
        return _refused(scope, 401, "open the address that `spt serve` printed: it bears the token")

    def _welcome(self, scope: Scope, headers: Headers, query: list[tuple[str, str]]) -> Response:
        """The cookie, and the way to the same address without the token."""
        last = scope["path"].rpartition("/")[2]
        there = "./" + _quoted(last) + (f"?{urlencode(query, encoding='latin-1')}" if query else "")
        answer: Response
        if headers.get("sec-fetch-site") == "cross-site":
            # Strict cookies are not sent after a redirect of a link on another site's page; what this page does is ours
            answer = HTMLResponse(f'<!doctype html><meta http-equiv="refresh" content="0;url={_in_attribute(there)}">')
        else:
            answer = Response(status_code=303, headers={"location": there})
        name, value = self._cookie
        path = scope.get("root_path") or "/"
        answer.set_cookie(name.decode(), value.decode(), path=path, httponly=True, samesite="strict")
        answer.headers["cache-control"] = "no-store"
        return answer


def refusal(scope: Scope, status: int, message: str) -> Response:
    """*message* for whoever asked: JSON below /api/, else text."""
    if _is_api(scope):
        return json_answer({"error": message}, status)
    return PlainTextResponse(f"{message}\n", status, {"cache-control": "no-store"})


def _too_large(scope: Scope, headers: Headers) -> Response | None:
    """The answer to more than anybody needs to send."""
    if sum(len(name) + len(value) for name, value in scope["headers"]) + len(scope["query_string"]) > MAX_HEAD:
        return _refused(scope, 431, f"header lines take up to {MAX_HEAD:,} bytes")
    length = headers.get("content-length", "0")
    if not re.fullmatch("[0-9]{1,18}", length):
        return _refused(scope, 400, "Content-Length is no length")
    if "content-length" in headers and "transfer-encoding" in headers:  # a proxy may think that it ends elsewhere
        answer = _refused(scope, 400, "Content-Length beside Transfer-Encoding")
        answer.headers["connection"] = "close"
        return answer
    if int(length) > MAX_BODY:
        return _refused(scope, 413, f"a body takes up to {MAX_BODY:,} bytes, not {int(length):,}")
    return None


def _foreign(scope: Scope, headers: Headers) -> Response | None:
    """The answer to a page of another origin that wants to change something. Ports tell users apart here."""
    origin = headers.get("origin")
    if origin is None or scope["method"] in {"GET", "HEAD", "OPTIONS"}:
        return None
    try:
        own = urlsplit(origin).netloc.lower() == headers.get("host", "").lower()
    except ValueError:
        own = False
    return None if own else _refused(scope, 403, f"no edits from a page of {origin}")


def _refused(scope: Scope, status: int, message: str) -> Response:
    """A refusal. The connection stays: a body that comes nevertheless is thrown away, so that the answer arrives."""
    answer = refusal(scope, status, message)
    if status == 401:
        answer.headers["www-authenticate"] = "Bearer"
    return answer


def _is_api(scope: Scope) -> bool:
    path: str = scope["path"].removeprefix(scope.get("root_path", ""))
    return path.startswith("/api/")


def _with_headers(send: Send) -> Send:
    """*send* that adds the headers which an answer does not have of its own."""

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in _HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sent


def _host(value: str) -> str | None:
    """The name in a Host header, in lower case; None when there is none."""
    found = re.fullmatch(r"(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(:[0-9]{0,5})?", value.lower())
    return _bare(found[1]) if found else None


def _reached(scope: Scope) -> str:
    """The address of this machine that the client has connected to: an address, unlike a name, nobody can bend here."""
    address: str = (scope.get("server") or ("",))[0]
    return address.removeprefix("::ffff:").partition("%")[0]


def _bare(host: str) -> str:
    return host.strip("[]").removesuffix(".")


def _cookie(token: bytes) -> tuple[bytes, bytes]:
    """Name and value of the cookie. Cookies know no ports: the name tells several servers of one machine apart."""
    value = hmac.new(token, b"spt serve", hashlib.sha256).hexdigest()
    return b"spt-" + hashlib.sha256(value.encode()).hexdigest()[:12].encode(), value.encode()


def _cookies(lines: Iterable[str], name: bytes) -> list[bytes]:
    """Values of all cookies *name*. A page of another path of this host can have set one of the same name."""
    pairs = (pair.strip().partition("=") for line in lines for pair in line.split(";"))
    return [value.encode("latin-1") for key, _, value in pairs if key.encode("latin-1") == name]


def _quoted(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9._-]", "", name)


def _in_attribute(text: str) -> str:
    return text.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;")
