"""What stable-pretraining's viewer answers, which ours answers too: each fact is held against both servers.

The peer's own server runs from the source of 0.1.8, which is downloaded the first time (marker `env`). Where it drops
the connection or answers otherwise than its page expects, the fact is ours alone and says why.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.servers import Server, ours, peers, queried
from tests.trees import NOW, Tree

PEERS_FIELDS = [
    *("run_id", "run_dir", "display_name", "status", "created_at", "ended_at", "heartbeat_at", "tags", "notes"),
    *("hparams", "summary", "checkpoint_path", "metrics_size", "has_media"),
]
SINCE = NOW - 160  # created_at of what Tree builds
CSV = "epoch,step,loss,acc\r\n0,0,0.5,\r\n0,1,nan,0.25\r\n0,2,inf,\r\n"
BAD_ID = "no such/run"


@pytest.fixture(scope="module", params=["ours", pytest.param("peer", marks=pytest.mark.env)])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server over an empty tree; each test makes runs of its own."""
    root = tmp_path_factory.mktemp(request.param) / "runs"
    root.mkdir()
    with peers(root) if request.param == "peer" else ours([root], assets=_assets(root)) as serving:
        yield serving


@pytest.fixture(scope="module")
def our_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    root = tmp_path_factory.mktemp("only-ours") / "runs"
    root.mkdir()
    with ours([root], assets=_assets(root)) as serving:
        yield serving


def _assets(root: Path) -> Path:
    folder = root.parent / "assets"
    folder.mkdir()
    (folder / "app.css").write_text("body {}")
    (root.parent / "secret.txt").write_text("secret")
    return folder


def said(answer: Any) -> tuple[int, str, Any]:
    """Status, type without parameters, and the decoded JSON of an answer."""
    kind = answer.headers["content-type"].partition(";")[0]
    return answer.status_code, kind, answer.json() if kind == "application/json" else answer.text


# The page


@pytest.mark.parametrize("path", ["/", "/index.html"])
def test_the_page_is_html(server: Server, path: str) -> None:
    status, kind, text = said(server.get(path))
    assert (status, kind) == (200, "text/html")
    assert text.startswith("<!doctype html>")


def test_an_asset_comes_with_its_type(server: Server) -> None:
    answer = server.get("/assets/app.css")
    assert said(answer)[:2] == (200, "text/css")
    assert int(answer.headers["content-length"]) == len(answer.content) > 0


@pytest.mark.parametrize("name", ["nothing.js", "", "../secret.txt", "%2e%2e/secret.txt", "..%2fsecret.txt", "."])
def test_nothing_else_is_an_asset(server: Server, name: str) -> None:
    answer = server.raw(f"GET /assets/{name} HTTP/1.0\r\nHost: localhost\r\n\r\n".encode())
    assert answer.split(b" ")[1] in {b"403", b"404"}
    assert b"secret" not in answer


def test_the_icon_is_empty(server: Server) -> None:
    answer = server.get("/favicon.ico")
    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize("path", ["/nothing", "/api", "/api/", "/api/nothing", "/api/runs/x"])
def test_a_wrong_path_is_404(server: Server, path: str) -> None:
    assert server.get(path).status_code == 404


# Runs


def test_a_run_is_a_row(server: Server) -> None:
    folder = server.tree.run(
        "g0/full",
        status="running",
        heartbeat=NOW - 5,
        display_name="the best",
        tags=["a", "sweep:7"],
        notes="two\nlines <b>",
        hparams={"optim.lr": 0.1, "layers.0": 64, "name": "é", "on": True, "none": None},
        summary={"loss": 0.5, "nan": float("nan"), "inf": float("-inf")},
        checkpoint_path="/c/last.ckpt",
    )
    server.tree.write("g0/full/metrics.csv", CSV)
    server.tree.write("g0/full/media.jsonl", "{}\n")
    server.until(lambda: server.rows().get("g0/full", {}).get("has_media"))
    row = server.rows()["g0/full"]
    assert {name: row[name] for name in PEERS_FIELDS} == {
        "run_id": "g0/full",
        "run_dir": str(folder),
        "display_name": "the best",
        "status": "running",
        "created_at": SINCE,
        "ended_at": None,
        "heartbeat_at": NOW - 5,
        "tags": ["a", "sweep:7"],
        "notes": "two\nlines <b>",
        "hparams": {"optim.lr": 0.1, "layers.0": 64, "name": "é", "on": True, "none": None},
        "summary": {"loss": 0.5, "nan": None, "inf": None},
        "checkpoint_path": "/c/last.ckpt",
        "metrics_size": len(CSV),
        "has_media": True,
    }


def test_what_a_sidecar_lacks_has_a_default(server: Server) -> None:
    server.tree.write("bare/sidecar.json", "{}")
    server.until(lambda: "bare" in server.rows())
    row = server.rows()["bare"]
    assert {name: row[name] for name in PEERS_FIELDS if name != "run_dir"} == {
        "run_id": "bare",
        "display_name": "bare",
        "status": None,
        "created_at": None,
        "ended_at": None,
        "heartbeat_at": None,
        "tags": [],
        "notes": "",
        "hparams": {},
        "summary": {},
        "checkpoint_path": None,
        "metrics_size": 0,
        "has_media": False,
    }


def test_the_name_of_a_run_is_the_last_part_of_its_id(server: Server) -> None:
    server.run("deep/er/name")
    assert server.rows()["deep/er/name"]["display_name"] == "name"


def test_null_is_the_default_too(server: Server) -> None:
    server.run("nulls", tags=None, notes=None, hparams=None, summary=None, display_name=None)
    row = server.rows()["nulls"]
    names = ("display_name", "tags", "notes", "hparams", "summary")
    assert [row[name] for name in names] == ["nulls", [], "", {}, {}]


def test_a_run_that_cannot_be_read_costs_nobody_else(server: Server) -> None:
    server.tree.write("torn/sidecar.json", '{"status": "run')
    server.run("beside-torn")
    assert "torn" not in server.rows()


def test_a_run_that_is_gone_is_no_row_any_more(server: Server) -> None:
    folder = server.run("passing")
    shutil.rmtree(folder)
    server.until(lambda: "passing" not in server.rows())


def test_the_scan_is_done_and_says_so(server: Server) -> None:
    server.run("scanned")
    status = server.get("/api/scan-status").json()
    assert (status["phase"], status["initial_done"]) == ("idle", True)
    assert set(status) == {"phase", "total", "done", "initial_done"}
    assert 0 <= status["done"] <= status["total"]


# Metrics


def points(*steps: float | None, y: list[float | None], epoch: list[float | None] | None = None) -> dict[str, Any]:
    return {"step": list(steps), "epoch": epoch if epoch is not None else [0.0] * len(y), "y": y}


@pytest.mark.parametrize(
    ("csv", "metrics"),
    [
        (
            CSV,
            {"loss": points(0.0, 1.0, 2.0, y=[0.5, None, None]), "acc": points(1.0, y=[0.25])},
        ),
        ("step,loss\r\n3,1\r\n", {"loss": points(3.0, y=[1.0], epoch=[None])}),
        ("epoch,loss\r\n3,1\r\n", {"loss": points(None, y=[1.0], epoch=[3.0])}),
        ("loss,epoch\r\n5,\r\n6,\r\n", {"loss": points(0.0, 1.0, y=[5.0, 6.0], epoch=[None, None])}),
        ("step,loss\r\n0,1\r\n1,text\r\n2,3\r\n", {"loss": points(0.0, 2.0, y=[1.0, 3.0], epoch=[None, None])}),
        ("step,loss\r\n5,1\r\n3,2\r\n", {"loss": points(5.0, 3.0, y=[1.0, 2.0], epoch=[None, None])}),
        ('step,"a,""b""",empty\r\n0,1,\r\n', {'a,"b"': points(0.0, y=[1.0], epoch=[None])}),
        ("epoch,step,loss\r\n", {}),
        ("", {}),
        (None, {}),
    ],
)
def test_metrics_are_the_rows_as_they_stand(server: Server, csv: str | None, metrics: dict[str, Any]) -> None:
    run_id = f"metrics-{abs(hash(csv))}"
    if csv is not None:
        server.tree.write(f"{run_id}/metrics.csv", csv)
    server.run(run_id)
    assert said(server.get("/api/metrics", run_id=run_id)) == (200, "application/json", {"metrics": metrics})
    lines = [json.loads(line) for line in server.get("/api/metrics-stream", run_id=run_id).text.splitlines()]
    assert lines[-1] == {"done": True}
    assert merged(lines[:-1]) == metrics


def merged(lines: list[dict[str, Any]]) -> dict[str, Any]:
    """The metrics that a page has after all chunks."""
    found: dict[str, Any] = {}
    for line in lines:
        for name, more in line["metrics"].items():
            known = found.setdefault(name, {"step": [], "epoch": [], "y": []})
            for axis in known:
                known[axis] += more[axis]
    return found


def test_a_stream_of_metrics_comes_in_numbered_chunks(server: Server) -> None:
    rows = 12_000
    server.tree.write("long/metrics.csv", "step,loss\n" + "".join(f"{row},{row / 2}\n" for row in range(rows)))
    server.run("long")
    answer = server.get("/api/metrics-stream", run_id="long")
    assert answer.headers["content-type"].startswith("application/x-ndjson")
    *chunks, last = [json.loads(line) for line in answer.text.splitlines()]
    assert last == {"done": True}
    assert [chunk["chunk"] for chunk in chunks] == list(range(len(chunks)))
    assert len(chunks) > 1
    assert merged(chunks) == server.get("/api/metrics", run_id="long").json()["metrics"]


def test_metrics_follow_the_file(server: Server) -> None:
    server.tree.write("growing/metrics.csv", "step,loss\r\n0,1\r\n")
    server.run("growing", status="running")
    assert server.get("/api/metrics", run_id="growing").json()["metrics"]["loss"]["y"] == [1.0]
    server.tree.write("growing/metrics.csv", "step,loss\r\n0,1\r\n1,2\r\n", at=NOW)
    assert server.get("/api/metrics", run_id="growing").json()["metrics"]["loss"]["y"] == [1.0, 2.0]
    server.tree.write("growing/metrics.csv", "step,loss,acc\r\n0,1,\r\n1,2,\r\n2,3,4\r\n", at=NOW + 1)
    assert list(server.get("/api/metrics", run_id="growing").json()["metrics"]) == ["loss", "acc"]
    (server.tree.root / "growing" / "metrics.csv").unlink()
    assert server.get("/api/metrics", run_id="growing").json() == {"metrics": {}}


# Media


EVENT = {"step": 8, "tag": "val/img", "type": "image", "path": "media/val__img/00000008_0.png", "caption": None}
VIDEO = {"step": 9, "tag": "v", "type": "video", "path": "media/v/1.mp4", "caption": "c", "fps": 4.0, "format": "mp4"}


def test_media_are_the_lines_without_a_torn_one(server: Server) -> None:
    lines = json.dumps(EVENT) + "\n\nnot json\n" + json.dumps(VIDEO) + '\n{"step": 3, "ta'
    server.tree.write("pictures/media.jsonl", lines)
    server.run("pictures")
    assert said(server.get("/api/media", run_id="pictures")) == (200, "application/json", {"events": [EVENT, VIDEO]})


def test_a_run_without_media_has_no_events(server: Server) -> None:
    server.run("plain")
    assert server.get("/api/media", run_id="plain").json() == {"events": []}


@pytest.mark.parametrize(
    ("name", "kind"),
    [("a b/8_0.png", "image/png"), ("v/1.mp4", "video/mp4"), ("v/x.unknown", "application/octet-stream")],
)
def test_a_media_file_comes_with_its_type(server: Server, name: str, kind: str) -> None:
    data = bytes(range(256)) * 1_000
    server.tree.write(f"shown/media/{name}", data)
    server.run("shown")
    answer = server.get("/api/media-file", run_id="shown", path=f"media/{name}")
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (200, kind, data)
    assert int(answer.headers["content-length"]) == len(data)


@pytest.mark.parametrize(
    "path",
    [
        "media/none.png",
        "media",
        "media/",
        "media/folder",
        "sidecar.json",
        "media/../sidecar.json",
        "../inside/media/../sidecar.json",
        "/etc/passwd",
        "media/outside.png",
        "media/elsewhere/passwd",
        "media/dangling.png",
    ],
)
def test_nothing_but_files_inside_the_media_folder_is_media(server: Server, path: str) -> None:
    server.tree.write("inside/media/folder/a.png", b"")
    server.run("inside")
    media = server.tree.root / "inside" / "media"
    for name, target in {"outside.png": "/etc/passwd", "elsewhere": "/etc", "dangling.png": "gone"}.items():
        if not (media / name).is_symlink():
            (media / name).symlink_to(target)
    assert server.get("/api/media-file", run_id="inside", path=path).status_code == 404


def test_a_linked_media_file_inside_is_media(server: Server) -> None:
    server.tree.write("linked/media/a.png", b"pixels")
    server.run("linked")
    (server.tree.root / "linked" / "media" / "b.png").symlink_to("a.png")
    assert server.get("/api/media-file", run_id="linked", path="media/b.png").content == b"pixels"


# Logs


def log_tree(tree: Tree) -> None:
    """A run of an array task with the logs of two ranks, one of its folder and one of its output folder."""
    output = tree.root / "multirun" / "0"
    for rank in (0, 1, 10):
        for kind in ("out", "err"):
            tree.write(f"multirun/7_3/.submitit/7_3_{rank}_log.{kind}", f"{kind} of {rank}\n")
    tree.write("multirun/0/train.log", "hydra\n")
    tree.write("logged/job.out", "plain\n")
    tree.write("logged/job.err", "")
    tree.run("logged", tags=["sweep:7"], hparams={"output_dir": str(output), "slurm.task_id": "3"})


def test_logs_come_out_before_err_ranked_first(server: Server) -> None:
    log_tree(server.tree)
    server.until(lambda: "logged" in server.rows())
    status, kind, listed = said(server.get("/api/logs", run_id="logged"))
    assert (status, kind) == (200, "application/json")
    assert [(s["name"], s["kind"], s["rank"], s["size"]) for s in listed["streams"]] == [
        ("rank 0 .out", "out", 0, 9),
        ("rank 1 .out", "out", 1, 9),
        ("rank 10 .out", "out", 10, 10),
        ("job.out", "out", None, 6),
        ("train.log", "out", None, 6),
        ("rank 0 .err", "err", 0, 9),
        ("rank 1 .err", "err", 1, 9),
        ("rank 10 .err", "err", 10, 10),
        ("job.err", "err", None, 0),
    ]
    assert [s["stream_id"] for s in listed["streams"]][:5] == [
        "rank_0_.out", "rank_1_.out", "rank_10_.out", "job.out", "train.log",
    ]  # fmt: skip
    for stream in listed["streams"]:
        answer = server.get("/api/log-content", run_id="logged", stream_id=stream["stream_id"])
        assert (answer.status_code, len(answer.content)) == (200, stream["size"])


def test_the_content_of_a_log_is_its_bytes_as_text(server: Server) -> None:
    data = "10%\r20%\r\n\x1b[31mred\x1b[0m é\n".encode() + b"\xff torn"
    server.tree.write("bytes/odd name!.out", data)
    server.run("bytes")
    answer = server.get("/api/log-content", run_id="bytes", stream_id="odd_name_.out")
    assert (answer.headers["content-type"], answer.content) == ("text/plain; charset=utf-8", data)


def test_of_a_long_log_comes_the_end_from_the_start_of_a_line(server: Server) -> None:
    lines = [b"line %07d\n" % number for number in range(400_000)]
    server.tree.write("loud/job.out", b"".join(lines))
    server.run("loud")
    content = server.get("/api/log-content", run_id="loud", stream_id="job.out").content
    assert content.splitlines(keepends=True) == lines[-(len(content) // len(lines[0])) :]
    assert (4 << 20) - 2 * len(lines[0]) < len(content) <= 4 << 20


def test_a_run_without_logs_has_no_streams(server: Server) -> None:
    server.run("silent")
    assert server.get("/api/logs", run_id="silent").json()["streams"] == []


def test_a_log_that_is_gone_is_404(server: Server) -> None:
    path = server.tree.write("vanishing/job.out", "x")
    server.run("vanishing")
    assert server.get("/api/log-content", run_id="vanishing", stream_id="job.out").status_code == 200
    path.unlink()
    assert server.get("/api/log-content", run_id="vanishing", stream_id="job.out").status_code == 404


# What is asked wrongly

OF_A_RUN = ["/api/metrics", "/api/metrics-stream", "/api/media", "/api/logs"]


@pytest.mark.parametrize("path", OF_A_RUN)
def test_without_a_run_id_it_is_400_and_of_an_unknown_run_404(server: Server, path: str) -> None:
    for query, status in [({}, 400), ({"run_id": ""}, 400), ({"run_id": BAD_ID}, 404), ({"run_id": ".."}, 404)]:
        answer = server.ask("GET", path + queried(query))
        assert said(answer)[:2] == (status, "application/json")
        assert list(answer.json()) == ["error"]


@pytest.mark.parametrize(("path", "name"), [("/api/media-file", "path"), ("/api/log-content", "stream_id")])
def test_without_run_id_or_name_it_is_400_and_of_unknown_ones_404(server: Server, path: str, name: str) -> None:
    server.run("known")
    asked: list[dict[str, str]] = [
        {},
        {"run_id": "known"},
        {name: "x"},
        {"run_id": BAD_ID, name: "x"},
        {"run_id": "known", name: "x"},
    ]
    assert [server.ask("GET", path + queried(query)).status_code for query in asked] == [400, 400, 400, 404, 404]


@pytest.mark.parametrize("run_id", ["a b", "a+b", "a&b=c", "a?b", "a#b", "%2e%2e", "é", "a;b", "~", "'\"<script>"])
def test_a_run_of_any_name_can_be_asked_for(server: Server, run_id: str) -> None:
    server.tree.write(f"odd/{run_id}/metrics.csv", "step,loss\r\n0,1\r\n")
    server.run(f"odd/{run_id}")
    assert list(server.get("/api/metrics", run_id=f"odd/{run_id}").json()["metrics"]) == ["loss"]


# Events


def test_a_stream_begins_with_ready(server: Server) -> None:
    with server.events() as events:
        assert next(events)[:2] == ("ready", {})


def test_a_stream_is_one_of_events(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        head = b""
        while b"event: ready" not in head:
            head += connection.recv(1 << 16)
    assert b"200 OK" in head
    assert b"content-type: text/event-stream" in head.lower()


def test_what_happens_to_runs_is_told(server: Server) -> None:
    server.run("told", status="running", heartbeat=NOW - 100)
    happened: list[tuple[list[str], list[str]]] = []
    with server.events() as events:
        updates = (event.data for event in events if event.kind == "update")
        for happen in (
            lambda: server.tree.run("told-too"),
            lambda: server.tree.write("told/metrics.csv", CSV),
            lambda: server.tree.write("told/media.jsonl", "{}\n"),
            lambda: server.tree.run("told", status="completed", at=NOW),
            lambda: shutil.rmtree(server.tree.root / "told-too"),
        ):
            happen()
            found = next(updates)
            happened.append((found["changed"], found["removed"]))
    assert happened == [(["told-too"], []), *[(["told"], [])] * 3, ([], ["told-too"])]


# Edits

EDITS = {"display_name": "new", "notes": "a\nnote é", "tags": ["x", "y z"], "archived": True}


def test_an_edit_shows_at_once(server: Server) -> None:
    server.run("edited", notes="old", tags=["old"])
    assert said(server.patch({"run_id": "edited"} | EDITS)) == (200, "application/json", {"ok": True})
    row = server.rows()["edited"]
    assert {name: row[name] for name in ("display_name", "notes", "tags")} == {
        name: value for name, value in EDITS.items() if name != "archived"
    }


def test_an_edit_is_told(server: Server) -> None:
    server.run("announced")
    with server.events() as events:
        assert server.patch({"run_id": "announced", "notes": "n"}).status_code == 200
        assert next(event for event in events if event.kind == "update").data == {
            "changed": ["announced"],
            "removed": [],
        }


def test_an_edit_leaves_what_it_does_not_name(server: Server) -> None:
    server.run("partly", notes="kept", tags=["kept"])
    server.patch({"run_id": "partly", "display_name": "new"})
    row = server.rows()["partly"]
    assert (row["display_name"], row["notes"], row["tags"]) == ("new", "kept", ["kept"])


def test_null_empties_notes_and_gives_the_name_back(server: Server) -> None:
    server.run("emptied", notes="old", display_name="old")
    assert server.patch({"run_id": "emptied", "notes": None, "display_name": None}).status_code == 200
    row = server.rows()["emptied"]
    assert (row["display_name"], row["notes"]) == ("emptied", "")


def test_an_archived_run_is_still_a_row(server: Server) -> None:
    server.run("shelved")
    server.patch({"run_id": "shelved", "archived": True})
    assert "shelved" in server.rows()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'"x"',
        b"null",
        b"\xff",
        {},
        {"run_id": ""},
        {"run_id": None, "notes": "x"},
        {"run_id": 7},
        {"run_id": ["r"]},
        {"notes": "x"},
        {"run_id": "wrong", "status": "completed"},
        {"run_id": "wrong", "notes": "x", "color": "red"},
        {"run_id": "wrong", "display_name": 7},
        {"run_id": "wrong", "notes": ["x"]},
        {"run_id": "wrong", "tags": "x"},
        {"run_id": "wrong", "tags": {"a": 1}},
        {"run_id": "wrong", "archived": 1},
        {"run_id": "wrong", "archived": "true"},
        {"run_id": "wrong", "archived": None},
    ],
)
def test_an_edit_that_makes_no_sense_is_400_and_changes_nothing(server: Server, body: object) -> None:
    if "wrong" not in server.rows():
        server.run("wrong", notes="kept")
    status, kind, answer = said(server.patch(body))
    assert (status, kind, list(answer)) == (400, "application/json", ["error"])
    assert server.rows()["wrong"]["notes"] == "kept"


def test_an_edit_of_an_unknown_run_is_404(server: Server) -> None:
    assert said(server.patch({"run_id": BAD_ID, "notes": "x"}))[:2] == (404, "application/json")
    assert server.ask("PATCH", "/api/nothing", json={}).status_code == 404


def test_a_body_over_64_kib_is_refused_unread(server: Server) -> None:
    head = "PATCH /api/run-meta HTTP/1.1", "Host: localhost", "Content-Type: application/json", "Connection: close"
    answer = server.raw("\r\n".join([*head, "Content-Length: 65537", "", ""]).encode())
    assert answer.split(b" ")[1] in {b"400", b"413"}
    assert b'{"error"' in answer


def test_an_edit_is_on_the_disk_when_it_is_answered(server: Server) -> None:
    folder = server.run("durable")
    server.patch({"run_id": "durable", "notes": "safe"})
    written = [path.read_text() for path in folder.iterdir() if path.suffix == ".json"]
    assert any('"safe"' in text for text in written)


# What the peer does otherwise: it drops the connection, or sends a page of HTML where its own page reads JSON


@pytest.mark.parametrize(
    "path", ["media/\0.png", "media/a.png\0", "\0", "media/\udcff.png", "media/circle.png", "media/" + "x" * 300]
)
def test_what_no_file_can_be_named_is_no_media(our_server: Server, path: str) -> None:
    if "m" not in our_server.rows():
        our_server.tree.write("m/media/a.png", b"")
        (our_server.tree.root / "m" / "media" / "circle.png").symlink_to("circle.png")
        our_server.run("m")
    assert our_server.get("/api/media-file", run_id="m", path=path).status_code == 404


@pytest.mark.parametrize("path", [*OF_A_RUN, "/api/curves"])
def test_nul_is_no_run(our_server: Server, path: str) -> None:
    assert our_server.get(path, run_id="a\0b", metric="x").status_code == 404


def test_every_tag_is_a_text(our_server: Server) -> None:
    our_server.run("tagged")
    assert our_server.patch({"run_id": "tagged", "tags": ["a", 7]}).status_code == 400


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("POST", "/api/runs", {"GET", "HEAD"}),
        ("PATCH", "/api/metrics", {"GET", "HEAD"}),
        ("GET", "/api/run-meta", {"PATCH"}),
    ],
)
def test_a_wrong_method_is_405(our_server: Server, method: str, path: str, allowed: set[str]) -> None:
    """The peer says 404 or 501."""
    answer = our_server.ask(method, path)
    assert said(answer)[:2] == (405, "application/json")
    assert set(answer.headers["allow"].split(", ")) == allowed


@pytest.mark.parametrize("path", ["/api/nothing", "/api/media-file", "/api/log-content"])
def test_errors_below_api_are_json(our_server: Server, path: str) -> None:
    answer = our_server.get(path)
    assert answer.status_code in {400, 404}
    assert list(answer.json()) == ["error"]


def test_a_run_whose_name_is_not_utf8_can_be_asked_for_by_its_bytes(our_server: Server) -> None:
    """The peer replaces the byte and finds no such run."""
    run_id = os.fsdecode(b"caf\xe9")
    our_server.tree.write(f"{run_id}/metrics.csv", "step,loss\r\n0,1\r\n")
    our_server.run(run_id)
    assert our_server.get("/api/metrics", run_id=run_id).json()["metrics"].keys() == {"loss"}
    assert our_server.patch({"run_id": run_id, "notes": "é"}).json() == {"ok": True}
    assert our_server.rows()[run_id]["notes"] == "é"
