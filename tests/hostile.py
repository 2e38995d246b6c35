"""Texts that a page must show and not do: what runs may hold in every field that their owner writes."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from tests.trees import NOW, Tree

INJECTIONS = (
    "<script>window.hacked=1</script>",
    "</script><script>window.hacked=1</script>",
    "<!--<script>",
    "--><img src=x onerror=window.hacked=1>",
    "]]><svg onload=window.hacked=1>",
    '"><iframe srcdoc="<script>parent.hacked=1</script>">',
    "' onmouseover='window.hacked=1' x='",
    "</title></style></textarea></noscript><b onclick=window.hacked=1>",
    "{{7*7}}{% raw %}${7*7}#{7*7}<%= 7*7 %>",
    "javascript:window.hacked=1",
    "&lt;b&gt;&amp;quot;&#60;script&#62;",
    "__proto__",
    "constructor",
    "hasOwnProperty",
    "a\x00b\x1b[31m\x07\x9b2J\r\nline two\ttab",
    "\u202eevil\u2066\u200f\u2028\u2029",
    "\ud800 lone \udfff",
    "🙂é́́́́\ufeff\ufffd\U0010ffff",
    "=HYPERLINK(0)",
    "x" * 3000,
    " " * 50,
    "\\u003cscript\\u003e\\",
)


def hostile_tree(root: Path) -> Path:
    """A run for each of INJECTIONS, which stands in every field of its sidecar, in its metrics, media and logs."""
    tree = Tree(root)
    for number, text in enumerate(INJECTIONS):
        name = f"{number:02} {''.join(char for char in text if char != '/' and ord(char) > 31)[:60]}"
        folder = re.sub("[\ud800-\udfff]", "\udcff", name)  # a byte that is not UTF-8
        values = {text: text, "plain": text, f"a.{text}": number}
        summary = {text: number / 7, f"val/{text}": number, "val/acc": number / 9}
        tree.run(
            folder,
            at=NOW - number,
            status="failed" if number % 3 else text or "failed",
            display_name=text,
            notes=text,
            tags=[text],
            hparams=values,
            summary=summary,
            checkpoint_path=text,
        )
        shown = text.replace('"', '""')
        header = f'step,val/acc,"{shown}"\n'.encode("utf-8", "surrogatepass")
        tree.write(f"{folder}/metrics.csv", header + b"".join(b"%d,0.%d,%d\n" % (at, at, number) for at in range(5)))
        event: dict[str, Any] = {"step": 1, "tag": text, "type": "image", "path": "media/a/1_0.png", "caption": text}
        tree.write(f"{folder}/media.jsonl", json.dumps(event) + "\n")
        tree.write(f"{folder}/media/a/1_0.png", PIXEL)
        log = f"{text}\nTraceback (most recent call last):\n  {text}\nValueError: {text}\n"
        tree.write(f"{folder}/train.log", log.encode("utf-8", "replace"))
    return root


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108020000009077"
    "53de0000000c49444154789c6360606000000004000160e2f6e10000000049454e44ae426082"
)
