"""An application below a path, behind a proxy that may or may not take that path away."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


def below(prefix: str, app: ASGIApp) -> ASGIApp:
    """*app* as it is reached below *prefix*, "" or a path without a slash at its end.

    Requests come with the prefix (a proxy that passes them on as they are, and whoever asks directly) or without it
    (nginx's `proxy_pass` with a path). To *app* they look the same: `root_path` is the prefix, `path` begins with it.
    """
    if not prefix:
        return app

    async def prefixed(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
        elif scope["path"] == prefix:  # relative addresses in the page count from the last slash
            query = b"?" + scope["query_string"] if scope["query_string"] else b""
            location = prefix.rpartition("/")[2].encode() + b"/" + query
            headers = [(b"location", location), (b"content-length", b"0"), (b"cache-control", b"no-store")]
            await send({"type": "http.response.start", "status": 307, "headers": headers})
            await send({"type": "http.response.body"})
        else:
            path, raw = scope["path"], scope["raw_path"]
            if not path.startswith(f"{prefix}/"):
                path, raw = prefix + path, prefix.encode() + raw
            await app({**scope, "root_path": prefix, "path": path, "raw_path": raw}, receive, send)

    return prefixed
