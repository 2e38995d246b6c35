"""Answers: bytes that are kept and shared, in pieces, gzipped and revalidated where the client can; and files."""

from __future__ import annotations

import gzip
import os
import re
from collections.abc import Awaitable, Callable, Mapping
from email.utils import formatdate
from functools import partial
from io import FileIO

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from spt_cli.render.json import encode

JSON = "application/json"
PIECE = 64 << 10  # bytes handed over at once: what a client that does not read costs, beside what is shared
_WORTH = 1 << 10  # bytes below which gzip saves no packet


class Packed:
    """Bytes to answer with, and the same gzipped once somebody has asked for that."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.gzipped: bytes | None = None

    @property
    def size(self) -> int:
        """Bytes in memory, the gzipped ones guessed: they may come later."""
        return len(self.body) * 5 // 4

    def zipped(self) -> bytes:
        """The body gzipped, quickly and not tightly: 64 ms for 10,000 runs, 12.6 MB of which 2.6 are left."""
        if self.gzipped is None:
            self.gzipped = gzip.compress(self.body, 1, mtime=0)
        return self.gzipped


class Bytes(Response):
    """*body* in pieces, so that a slow client is given time and no second copy of it."""

    def __init__(self, body: bytes, headers: Mapping[str, str], status: int = 200) -> None:
        super().__init__(body, status, headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Answers."""
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        rest = memoryview(self.body if scope["method"] != "HEAD" else b"")
        while len(rest) > PIECE:
            await send({"type": "http.response.body", "body": rest[:PIECE], "more_body": True})
            rest = rest[PIECE:]
        await send({"type": "http.response.body", "body": rest})


def json_answer(value: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """A small *value* as JSON that nobody keeps."""
    return Bytes(encode(value), {"content-type": JSON, "cache-control": "no-store", **(headers or {})}, status)


async def answer(
    request: Request,
    packed: Packed,
    zipped: Callable[[Packed], Awaitable[bytes]],
    *,
    headers: Mapping[str, str],
    tag: str = "",
) -> Response:
    """*packed* in the form that the client takes: 304 when it has *tag* already, gzip when it reads that.

    *zipped* makes the gzipped form beside the event loop.
    """
    headers = {"cache-control": "no-cache", "vary": "accept-encoding", **headers}
    if tag:
        headers["etag"] = f'W/"{tag}"'  # weak: plain and gzipped are one
        if _has(request, tag):
            return Response(status_code=304, headers={k: v for k, v in headers.items() if k != "content-type"})
    if len(packed.body) < _WORTH or not _reads_gzip(request.headers.get("accept-encoding", "")):
        return Bytes(packed.body, headers)
    return Bytes(await zipped(packed), {**headers, "content-encoding": "gzip"})


class File(Response):
    """The regular file that is open as *file*, or the one range of it that is asked for; closed when it was sent.

    *read* does a blocking read beside the event loop.
    """

    def __init__(
        self,
        request: Request,
        file: FileIO,
        read: Callable[[Callable[[], bytes]], Awaitable[bytes]],
        headers: Mapping[str, str],
    ) -> None:
        found = os.fstat(file.fileno())
        tag = f"{found.st_mtime_ns:x}-{found.st_size:x}-{found.st_ino:x}"
        status, self._bytes = 200, range(found.st_size)
        every = {"etag": f'"{tag}"', "accept-ranges": "bytes", "cache-control": "no-cache", **headers}
        modified = _date(found.st_mtime)
        if modified:
            every["last-modified"] = modified
        asked = _within(_asked(request, (f'"{tag}"', modified)), found.st_size)
        if _has(request, tag):
            status, self._bytes = 304, range(0)
        elif asked is not None:
            status, self._bytes = 206 if asked else 416, asked
            shown = f"{asked[0]}-{asked[-1]}" if asked else "*"
            every["content-range"] = f"bytes {shown}/{found.st_size}"
        if status != 304:
            every["content-length"] = str(len(self._bytes))
        self._file, self._read = file, read
        super().__init__(None, status, every)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:  # noqa: ARG002 - ASGI
        """Answers. When the file is cut meanwhile the connection breaks: the client was promised more."""
        with self._file as file:
            await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
            left = self._bytes if scope["method"] != "HEAD" else range(0)
            while left:
                data = await self._read(partial(os.pread, file.fileno(), min(len(left), 4 * PIECE), left.start))
                if not data:
                    raise EOFError(f"a file was cut while it was sent, {len(left):,} bytes before its end")
                left = left[len(data) :]
                await send({"type": "http.response.body", "body": data, "more_body": True})
            await send({"type": "http.response.body"})


def _date(seconds: float) -> str:
    """A time as HTTP writes it; "" for one of a year that has not four digits, as a file can bear."""
    try:
        return formatdate(seconds, usegmt=True)
    except (ValueError, OverflowError, OSError):
        return ""


def _has(request: Request, tag: str) -> bool:
    """Whether the client says that it has *tag*."""
    given = request.headers.get("if-none-match", "")
    return given.strip() == "*" or tag in re.findall(r'(?:W/)?"([^"]*)"', given)


def _reads_gzip(accepted: str) -> bool:
    for part in accepted.lower().split(","):
        name, _, quality = part.partition(";")
        if name.strip() in {"gzip", "x-gzip", "*"}:
            return not re.fullmatch(r"\s*q\s*=\s*0(\.0*)?\s*", quality)
    return False


def _asked(request: Request, valid: tuple[str, str]) -> str:
    """The range that is asked for, as it stands; "" for none, and for one of another state of the file."""
    condition = request.headers.get("if-range", "")
    return request.headers.get("range", "") if not condition or condition in valid else ""


def _within(asked: str, size: int) -> range | None:
    """The bytes that *asked* means, none where the file has none of them; None: all, as where several are asked for."""
    found = re.fullmatch(r"\s*bytes\s*=\s*([0-9]{0,18})\s*-\s*([0-9]{0,18})\s*", asked)
    if not found or not any(found.groups()):
        return None
    first, last = found.groups()
    if not first:
        return range(max(size - int(last), 0), size) if int(last) else range(0)
    if last and int(last) < int(first):
        return None
    return range(int(first), min(int(last) + 1 if last else size, size))
