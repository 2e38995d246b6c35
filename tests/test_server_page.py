"""The page of a server: its own files, and what may run in it."""

from __future__ import annotations

import hashlib
import re

from tests.browser.served import served
from tests.trees import Tree


def test_the_page_asks_for_files_that_are_named_by_what_is_in_them(tree: Tree) -> None:
    """So a browser may keep them for ever, and never shows a page with the script of another version."""
    with served([tree.root]) as server:
        names = re.findall(r"assets/(page-[0-9a-f]{12}\.(?:css|js))", server.get("/").text)
        assert [name.rpartition(".")[2] for name in names] == ["css", "js"]
        for name in names:
            answer = server.get(f"/assets/{name}", headers={"accept-encoding": "gzip"})
            assert hashlib.sha256(answer.content).hexdigest()[:12] == name[5:17]
            assert answer.headers["cache-control"] == "private, max-age=31536000, immutable"
            assert answer.headers["content-encoding"] == "gzip"
        assert server.get("/assets/page-000000000000.js").status_code == 404


def test_nothing_in_the_page_runs_but_its_script(tree: Tree) -> None:
    """A root whose name is markup is text; the policy lets in no other script, no markup and no other host."""
    hostile = tree.root / "<!--<script>alert(1)"
    hostile.mkdir()
    with served([hostile]) as server:
        answer = server.get("/")
    assert "<script>alert" not in answer.text
    assert "<!--" not in answer.text
    policy = dict(part.strip().split(" ", 1) for part in answer.headers["content-security-policy"].split(";"))
    assert (policy["default-src"], policy["script-src"], policy["connect-src"]) == ("'none'", "'self'", "'self'")
    assert (policy["require-trusted-types-for"], policy["trusted-types"]) == ("'script'", "'none'")
