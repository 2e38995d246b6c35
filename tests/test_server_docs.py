"""docs/http-api.md: every route and every status of the server, and no other."""

from __future__ import annotations

import ast
import re
from pathlib import Path

from starlette.routing import Route

from spt_cli.server.app import Options, app
from spt_cli.tree.live import Live

CHECKOUT = Path(__file__).resolve().parent.parent
PAGE = (CHECKOUT / "docs" / "http-api.md").read_text("utf-8")


def test_the_page_has_every_route_and_no_other() -> None:
    served = {
        f"{'PATCH' if 'PATCH' in (route.methods or ()) else 'GET'} {route.path.replace(':path', '')}"
        for route in app(Live([]), Options()).routes
        if isinstance(route, Route)
    }
    rows = [line.split("|")[1] for line in PAGE.splitlines() if line.startswith(("| `GET", "| `PATCH"))]
    sections = re.findall(r"^`GET /api/(?:curves|facts|log-traceback)\?", PAGE, re.MULTILINE)
    described = re.findall(r"`(GET|PATCH) (/[^?`]*)", " ".join([*rows, *sections]))
    assert {f"{verb} {path}" for verb, path in described} == served


def test_the_page_has_every_status_that_is_refused_with() -> None:
    used: set[int] = set()
    for module in (CHECKOUT / "spt_cli" / "server").glob("*.py"):
        for node in ast.walk(ast.parse(module.read_text("utf-8"))):
            if isinstance(node, ast.Call) and re.search(r"HTTPException|refus|json_answer", ast.unparse(node.func)):
                used |= {one.value for one in node.args if isinstance(one, ast.Constant) and isinstance(one.value, int)}
    table = PAGE.partition("| status |")[2].partition("\n\n")[0]
    assert 409 in used
    assert {status for status in used if status >= 400} == {int(one) for one in re.findall(r"\b[45][0-9]{2}\b", table)}
