"""What our server answers beyond the peer's: moments, curves, ranges, logs by offset, many roots."""

from __future__ import annotations

import gzip
import itertools
import json
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Iterator
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from tests.servers import Server, answered, ours
from tests.trees import NOW, Tree


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Over a tree in which each test makes runs of its own; logs are served from `allowed`, too."""
    folder = tmp_path_factory.mktemp("ours")
    for name in ("runs", "allowed", "closed"):
        (folder / name).mkdir()
    with ours([folder / "runs"], logs_from=(str((folder / "allowed").resolve()),)) as serving:
        yield serving


def etag(answer: Any) -> dict[str, str]:
    return {"if-none-match": answer.headers["etag"]}


# Rows and moments


def test_a_row_has_our_fields_after_the_peers(server: Server) -> None:
    server.tree.write("ours/annotations.json", '{"archived": true}')
    server.tree.write("ours/sidecar.json", '{"status": "running", "notes": 7}', at=NOW - 9_000)
    server.until(lambda: "ours" in server.rows())
    row = server.rows()["ours"]
    path = str(server.tree.root / "ours" / "sidecar.json")
    assert [row[name] for name in ("state", "alive", "archived")] == ["running", True, True]
    assert row["problems"] == [{"path": path, "message": "notes is a number, not text", "run_id": "ours"}]
    assert len(row["version"]) == 32
    assert list(row)[-5:] == ["state", "alive", "archived", "problems", "version"]


def test_who_keeps_a_moment_gets_what_came_since(server: Server) -> None:
    for run_id in ("since/a", "since/b"):
        server.run(run_id)
    cursor = server.get("/api/runs").headers["x-spt-cursor"]
    assert server.get("/api/runs", since=cursor).json() == {"cursor": cursor, "changed": [], "removed": []}
    server.tree.run("since/a", notes="new")
    shutil.rmtree(server.tree.root / "since/b")
    server.until(lambda: "since/b" not in server.rows() and server.rows()["since/a"]["notes"])
    answer = server.get("/api/runs", since=cursor)
    now = answer.json()
    assert now["changed"] == [server.rows()["since/a"]]
    assert (now["removed"], now["cursor"]) == (["since/b"], server.get("/api/runs").headers["x-spt-cursor"])
    assert answer.headers["x-spt-cursor"] == now["cursor"] != cursor


@pytest.mark.parametrize("cursor", ["x", "0-0", "aaaaaaaaaaaa-1", "aaaaaaaaaaaa-999999999999", "\0"])
def test_a_moment_that_is_not_known_is_410(server: Server, cursor: str) -> None:
    answer = server.get("/api/runs", since=cursor)
    assert (answer.status_code, list(answer.json())) == (410, ["error"])


def test_what_a_client_has_already_is_not_sent_again(server: Server) -> None:
    server.tree.write("tagged/metrics.csv", "step,loss\n0,1\n")
    server.tree.write("tagged/media.jsonl", '{"step": 1, "tag": "t", "type": "image", "path": "media/a.png"}\n')
    server.run("tagged")
    for path in ("/", "/api/runs", "/api/metrics?run_id=tagged", "/api/media?run_id=tagged"):
        first = server.get(path)
        again = server.ask("GET", path, headers=etag(first))
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    seen = server.get("/api/runs")
    server.run("tagged-too")
    assert server.ask("GET", "/api/runs", headers=etag(seen)).status_code == 200
    listed = server.get("/api/media", run_id="tagged")
    server.tree.write("tagged/media.jsonl", "")
    again = server.ask("GET", "/api/media?run_id=tagged", headers=etag(listed))
    assert (len(listed.json()["events"]), again.json()) == (1, {"events": []})


@pytest.mark.parametrize(
    ("accepted", "encoding"),
    [
        *(("gzip", "gzip"), ("br, GZIP;q=0.5", "gzip"), ("*", "gzip")),
        *(("gzip;q=0", None), ("gzip; q=0.00", None), ("", None), ("br", None)),
    ],
)
def test_json_is_gzipped_for_who_reads_that(server: Server, accepted: str, encoding: str | None) -> None:
    server.tree.write("zipped/metrics.csv", "step,loss\n" + "".join(f"{row},{row}\n" for row in range(1_000)))
    if "zipped" not in server.rows():
        server.run("zipped")
    connection = HTTPConnection("127.0.0.1", server.port)
    connection.request("GET", "/api/metrics?run_id=zipped", headers={"Accept-Encoding": accepted} if accepted else {})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    assert (answer.headers["content-encoding"], answer.headers["vary"]) == (encoding, "accept-encoding")
    assert int(answer.headers["content-length"]) == len(body)
    plain = gzip.decompress(body) if encoding else body
    assert json.loads(plain)["metrics"]["loss"]["y"] == [float(row) for row in range(1_000)]


@pytest.mark.parametrize(
    "path", ["/", "/api/runs", "/api/scan-status", "/api/stream", "/api/metrics?run_id=h", "/nothing"]
)
def test_head_is_get_without_a_body(server: Server, path: str) -> None:
    if "h" not in server.rows():
        server.run("h")
    head = server.ask("HEAD", path)
    assert head.content == b""
    if path != "/api/stream":
        get = server.ask("GET", path)
        assert (head.status_code, head.headers.get("content-length")) == (
            get.status_code,
            get.headers["content-length"],
        )


def test_a_connection_is_kept_for_many_questions(server: Server) -> None:
    with server.connect() as connection:
        for path in ("/api/runs", "/api/nothing", "/favicon.ico", "/api/scan-status") * 3:
            connection.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert answered(connection)[0] in {200, 204, 404}


# Events


def test_every_event_has_the_moment_at_which_it_leaves_its_client(server: Server) -> None:
    with server.events() as events:
        ready, progress = next(events), next(events)
        assert ready.id == progress.id == server.get("/api/runs").headers["x-spt-cursor"]
        assert progress.data == server.get("/api/scan-status").json()
        server.tree.run("moment")
        update = next(events)
    epoch, number = ready.id.split("-")
    assert update.id == f"{epoch}-{int(number) + 1}"
    assert update.id == server.get("/api/runs").headers["x-spt-cursor"]


def test_a_stream_says_when_to_come_back(server: Server) -> None:
    with server.connect() as connection:
        connection.sendall(b"GET /api/stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
        data = b""
        while b"event: ready" not in data:
            data += connection.recv(1 << 16)
    assert b"retry: 2000\n" in data


def came_back(server: Server, cursor: str, *, by_header: bool) -> list[Any]:
    """What is told of the runs to a client that comes back with *cursor*, before anything happens anew."""
    headers = {"last_event_id": cursor} if by_header else {}
    query = "" if by_header else f"?since={cursor}"
    with server.events(query, **headers) as events:
        return [(event.kind, event.data) for event in itertools.islice(events, 3) if event.kind != "progress"]


def _knows(server: Server, run_id: str, notes: str) -> bool:
    return bool(server.rows()[run_id]["notes"] == notes)


@pytest.mark.parametrize("by_header", [True, False])
def test_who_comes_back_is_told_the_net_difference(server: Server, by_header: bool) -> None:
    names = [f"resume-{by_header}/{name}" for name in ("kept", "gone")]
    for name in names:
        server.run(name)
    cursor = server.get("/api/runs").headers["x-spt-cursor"]
    shutil.rmtree(server.tree.root / names[1])
    for notes in ("first", "second"):
        server.tree.run(names[0], notes=notes)
        server.until(partial(_knows, server, names[0], notes))
    server.until(lambda: names[1] not in server.rows())
    told = came_back(server, cursor, by_header=by_header)
    assert told == [("ready", {}), ("update", {"changed": [names[0]], "removed": [names[1]]})]


@pytest.mark.parametrize("cursor", ["of-another-7", "aaaaaaaaaaaa-0", "nonsense"])
def test_who_comes_back_from_another_epoch_is_told_to_begin_anew(server: Server, cursor: str) -> None:
    with server.events(last_event_id=cursor) as events:
        told = list(itertools.islice(events, 3))
    assert [event.kind for event in told] == ["ready", "resync", "progress"]
    assert {event.id for event in told} == {server.get("/api/runs").headers["x-spt-cursor"]}


def test_while_the_first_scan_runs_it_is_told_how_far_it_is(tree: Tree, slow: threading.Event) -> None:
    """A page gets answers and the runs that are there already; the scan of `slow` has not ended."""
    with ours([tree.root]) as server:
        with server.events() as events:
            progress = next(event.data for event in events if event.kind == "progress" and event.data["total"])
            assert (progress["phase"], progress["initial_done"]) == ("discovering", False)
            assert list(server.rows()) == ["quick"]
            slow.set()
            done = next(event.data for event in events if event.kind == "progress" and event.data["initial_done"])
        assert done == {"phase": "idle", "total": 2, "done": 2, "initial_done": True}
        assert list(server.rows()) == ["quick", "slow"]


@pytest.fixture
def slow(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """A run `quick`, and one `slow` whose folder opens only once the event is set."""
    tree.run("quick")
    folder = tree.run("slow")
    opens = threading.Event()
    real = os.open

    def opened(path: Any, *args: Any, **options: Any) -> int:
        if str(path) == str(folder):
            opens.wait(60)
        return real(path, *args, **options)

    monkeypatch.setattr(os, "open", opened)
    yield opens
    opens.set()


# Metrics that cannot be read, and curves


def test_metrics_that_cannot_be_read_are_404_with_the_reason(server: Server) -> None:
    server.run("blocked")
    (server.tree.root / "blocked" / "metrics.csv").mkdir()
    answer = server.get("/api/metrics", run_id="blocked")
    assert (answer.status_code, answer.json()["error"]) == (404, "metrics.csv cannot be read: is a directory")


def curves(server: Server, **query: Any) -> list[dict[str, Any]]:
    answer = server.get("/api/curves", **query)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["curves"]
    return found


def test_few_points_are_a_curve_as_they_are(server: Server) -> None:
    server.tree.write("curve/metrics.csv", "epoch,step,loss,acc\n0,0,0.5,\n0,1,nan,\n0,3,0.25,1\n")
    server.run("curve")
    assert curves(server, run_id="curve", metric=["loss", "acc", "none"]) == [
        {
            "metric": "loss",
            "axis": "step",
            "exact": True,
            "x": [0.0, 1.0, 3.0],
            "runs": [{"run_id": "curve", "mean": [0.5, None, 0.25], "nonfinite": [0, 1, 0]}],
        },
        {"metric": "acc", "axis": "step", "exact": True, "x": [3.0], "runs": [{"run_id": "curve", "mean": [1.0]}]},
        {"metric": "none", "axis": "step", "exact": True, "x": [], "runs": []},
    ]


def test_runs_of_one_chart_share_its_buckets(server: Server) -> None:
    rows = {"long": 1_000, "short": 100}
    for run_id, count in rows.items():
        lines = "".join(f"{step},{step % 2}\n" for step in range(count))
        server.tree.write(f"grid/{run_id}/metrics.csv", f"step,loss\n{lines}")
        server.run(f"grid/{run_id}")
    (chart,) = curves(server, run_id=["grid/long", "grid/short", "gone"], metric="loss", buckets=10)
    assert chart["start"] == [128.0 * place for place in range(8)]
    assert chart["x"] == [start + 64 for start in chart["start"]]
    assert [run["run_id"] for run in chart["runs"]] == ["grid/long", "grid/short"]
    assert [run["count"] for run in chart["runs"]] == [[128] * 7 + [104], [100, *[0] * 7]]
    assert chart["runs"][1] == {
        "run_id": "grid/short",
        "mean": [0.5, *[None] * 7],
        "min": [0.0, *[None] * 7],
        "max": [1.0, *[None] * 7],
        "count": [100, *[0] * 7],
    }
    (part,) = curves(server, run_id="grid/long", metric="loss", buckets=10, from_=200, to=260)
    assert (part["start"][0], part["start"][-1]) == (200.0, 256.0)


def test_a_curve_that_grows_changes_only_where_it_grows(server: Server) -> None:
    lines = "".join(f"{step},{step}\n" for step in range(1_000))
    server.tree.write("grown/metrics.csv", f"step,loss\n{lines}")
    server.run("grown", status="running")
    (before,) = curves(server, run_id="grown", metric="loss")
    with (server.tree.root / "grown" / "metrics.csv").open("a") as file:
        file.write("1000,1000\n")
    (after,) = curves(server, run_id="grown", metric="loss")
    assert after["start"][: len(before["start"]) - 1] == before["start"][:-1]
    assert after["runs"][0]["mean"][: len(before["start"]) - 1] == before["runs"][0]["mean"][:-1]
    assert sum(after["runs"][0]["count"]) == 1_001


def test_the_end_of_a_curve_is_in_buckets_as_wide_as_those_that_are_known(server: Server) -> None:
    lines = "".join(f"{step},{step % 2}\n" for step in range(100))
    server.tree.write("end/metrics.csv", f"step,loss\n{lines}100,nan\n")
    server.run("end")
    whole = {"run_id": "end", "metric": "loss", "buckets": 10}
    assert curves(server, **whole)[0]["width"] == 16
    assert curves(server, **whole, after=80, width=16) == [
        {
            "metric": "loss",
            "exact": False,
            "width": 16.0,
            "after": 80.0,
            "runs": [
                {
                    "run_id": "end",
                    "before": 80,
                    "at": [80.0, 96.0],
                    "mean": [0.5, 0.5],
                    "min": [0.0, 0.0],
                    "max": [1.0, 1.0],
                    "count": [16, 4],
                    "nonfinite": [0, 1],
                }
            ],
        }
    ]
    (exact,) = curves(server, run_id="end", metric="loss", buckets=200, after=99, width=0)
    assert (exact["exact"], exact["runs"][0]["before"], exact["runs"][0]["at"]) == (True, 99, [99.0, 100.0])


def test_an_end_that_does_not_fit_is_none(server: Server) -> None:
    """Where its buckets are wider by now than those that are known, and where there is none such."""
    server.tree.write("wide/metrics.csv", "step,loss\n" + "".join(f"{step},1\n" for step in range(100)))
    server.run("wide")
    for width in (8, 0):
        (end,) = curves(server, run_id="wide", metric="loss", buckets=10, after=0, width=width)
        assert end == {"metric": "loss", "exact": width == 0, "width": width, "runs": []}


def test_facts_are_those_of_a_report(server: Server) -> None:
    server.tree.write("facts/metrics.csv", "epoch,step,loss,acc\n0,0,3,\n0,1,nan,0.5\n1,2,1,\n1,1,4,\n2,2,2,inf\n")
    server.run("facts")
    nothing = {"nonfinite": 0, "first_nonfinite": None}
    loss = {"count": 3, **nothing, "last": 2.0, "last_x": 2.0, "min": 2.0, "min_x": 2.0, "max": 4.0, "max_x": 1.0}
    found = server.get("/api/facts", run_id=["facts", "gone"], epochs=1).json()
    assert found["unknown"] == ["gone"]
    (facts,) = found["runs"]
    assert (facts["run_id"], facts["attempts"], facts["epochs"]) == (
        "facts",
        [0.0, 1.0],
        [0.0, 0.0, 1.0, 1.0, 2.0, 2.0],
    )
    assert facts["metrics"]["loss"] == loss
    assert facts["metrics"]["acc"]["first_nonfinite"] == 2.0
    assert "epochs" not in server.get("/api/facts", run_id="facts").json()["runs"][0]


def test_a_run_that_cannot_be_read_leaves_the_others_their_curves(server: Server) -> None:
    server.tree.write("readable/metrics.csv", "step,loss\n0,1\n")
    server.run("readable")
    server.run("unreadable")
    (server.tree.root / "unreadable" / "metrics.csv").mkdir()
    answer = server.get("/api/curves", run_id=["unreadable", "readable"], metric="loss").json()
    assert [run["run_id"] for run in answer["curves"][0]["runs"]] == ["readable"]
    assert answer["unknown"] == ["unreadable"]


def test_of_a_requeued_run_the_later_attempt_is_drawn(server: Server) -> None:
    server.tree.write("requeued/metrics.csv", "step,loss\n0,1\n1,2\n2,3\n1,20\n2,30\n")
    server.run("requeued")
    (chart,) = curves(server, run_id="requeued", metric="loss")
    assert (chart["x"], chart["runs"][0]["mean"]) == ([0.0, 1.0, 2.0], [1.0, 20.0, 30.0])


def test_curves_by_epoch(server: Server) -> None:
    server.tree.write("epochs/metrics.csv", "epoch,step,loss\n0,5,1\n1,9,2\n")
    server.run("epochs")
    (chart,) = curves(server, run_id="epochs", metric="loss", x="epoch")
    assert (chart["axis"], chart["x"]) == ("epoch", [0.0, 1.0])


@pytest.mark.parametrize(("low", "high"), [(500, 600), (-9, -1), (3, 2), (0.1, 0.2)])
def test_where_a_run_has_no_points_it_has_no_curve(server: Server, low: float, high: float) -> None:
    """A page that is zoomed in asks for all the runs that it shows."""
    for run_id, steps in {"empty/short": range(10), "empty/long": range(500, 550)}.items():
        server.tree.write(f"{run_id}/metrics.csv", "step,loss\n" + "".join(f"{step},1\n" for step in steps))
        server.run(run_id)
    (chart,) = curves(server, run_id=["empty/short", "empty/long"], metric="loss", from_=low, to=high)
    assert [run["run_id"] for run in chart["runs"]] == (["empty/long"] if low == 500 else [])


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 400),
        ({"run_id": "c400"}, 400),
        ({"metric": "loss"}, 400),
        ({"run_id": "c400", "metric": "loss", "buckets": "1"}, 400),
        ({"run_id": "c400", "metric": "loss", "buckets": "x"}, 400),
        ({"run_id": "c400", "metric": "loss", "buckets": "1e9"}, 400),
        ({"run_id": "c400", "metric": "loss", "from_": "nan"}, 400),
        ({"run_id": "c400", "metric": "loss", "to": "-inf"}, 400),
        ({"run_id": "c400", "metric": "loss", "x": "time"}, 400),
        ({"run_id": "c400", "metric": "loss", "after": "x"}, 400),
        ({"run_id": "c400", "metric": "loss", "after": "1", "width": "3"}, 400),
        ({"run_id": "c400", "metric": "loss", "after": "1", "width": "-2"}, 400),
        ({"run_id": "gone", "metric": "loss"}, 404),
        ({"run_id": "c400", "metric": "loss"}, 200),
    ],
)
def test_what_is_asked_of_curves_has_to_make_sense(server: Server, query: dict[str, Any], status: int) -> None:
    if "c400" not in server.rows():
        server.run("c400")
    assert server.get("/api/curves", **query).status_code == status


# Media


@pytest.fixture(scope="module")
def video(server: Server) -> dict[str, str]:
    """The query of a media file of ten bytes."""
    server.tree.write("ranged/media/v.mp4", b"0123456789")
    server.run("ranged")
    return {"run_id": "ranged", "path": "media/v.mp4"}


@pytest.mark.parametrize(
    ("asked", "status", "body", "shown"),
    [
        ("bytes=0-3", 206, b"0123", "bytes 0-3/10"),
        ("bytes=7-", 206, b"789", "bytes 7-9/10"),
        ("bytes=7-99", 206, b"789", "bytes 7-9/10"),
        ("bytes=-3", 206, b"789", "bytes 7-9/10"),
        ("bytes=-99", 206, b"0123456789", "bytes 0-9/10"),
        ("bytes=10-", 416, b"", "bytes */10"),
        ("bytes=-0", 416, b"", "bytes */10"),
        ("bytes=5-2", 200, b"0123456789", None),
        ("bytes=-", 200, b"0123456789", None),
        ("bytes=0-1,4-5", 200, b"0123456789", None),
        ("lines=0-1", 200, b"0123456789", None),
        ("bytes=0-" + "9" * 30, 200, b"0123456789", None),
    ],
)
def test_a_range_of_a_media_file(
    server: Server, video: dict[str, str], asked: str, status: int, body: bytes, shown: str | None
) -> None:
    answer = server.ask("GET", "/api/media-file", params=video, headers={"range": asked})
    assert (answer.status_code, answer.content, answer.headers.get("content-range")) == (status, body, shown)
    assert answer.headers["accept-ranges"] == "bytes"


def test_a_range_of_another_state_of_the_file_is_all_of_it(server: Server, video: dict[str, str]) -> None:
    whole = server.ask("GET", "/api/media-file", params=video)
    ranged = {"range": "bytes=0-3"}
    for valid in (whole.headers["etag"], whole.headers["last-modified"]):
        answer = server.ask("GET", "/api/media-file", params=video, headers=ranged | {"if-range": valid})
        assert answer.status_code == 206
    assert server.ask("GET", "/api/media-file", params=video, headers=ranged | {"if-range": '"x"'}).status_code == 200
    assert server.ask("GET", "/api/media-file", params=video, headers=etag(whole)).status_code == 304


@pytest.mark.parametrize("year", [148_108, -29_719])
def test_a_file_of_a_year_that_no_calendar_of_http_has_is_served(tree: Tree, year: int) -> None:
    """A file system of 64 bits holds it; here the memory's does."""
    folder = Path("/dev/shm") if sys.platform == "linux" else tree.root
    with tempfile.TemporaryDirectory(dir=folder) as where:
        media = Tree(Path(where).resolve()).run("r") / "media"
        media.mkdir()
        (media / "a.png").write_bytes(b"picture")
        os.utime(media / "a.png", ((year - 1970) * 31_556_952,) * 2)
        with ours([Path(where)]) as server:
            server.until(lambda: "r" in server.rows())
            answer = server.get("/api/media-file", run_id="r", path="media/a.png")
    assert (answer.status_code, answer.content, "last-modified" in answer.headers) == (200, b"picture", False)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.svg", "image/svg+xml"),
        ("a.SVG", "image/svg+xml"),
        ("a.html", "text/html"),
        ("a.xhtml", "application/xhtml+xml"),
        ("a.xml", None),
        ("a.js", None),
        ("a.pdf", "application/pdf"),
        ("a.png.svg", "image/svg+xml"),
        ("a", "application/octet-stream"),
        ("x\r\ny: z.html", "text/html"),
        ('"; evil="é.svg', "image/svg+xml"),
    ],
)
def test_media_that_could_run_something_are_saved_and_never_shown(server: Server, name: str, kind: str | None) -> None:
    server.tree.write(f"active/media/{name}", "<svg xmlns='http://example.com/'><script>alert(1)</script></svg>")
    if "active" not in server.rows():
        server.run("active")
    answer = server.get("/api/media-file", run_id="active", path=f"media/{name}")
    assert answer.status_code == 200
    assert answer.headers["content-disposition"].startswith("attachment; filename*=UTF-8''")
    assert answer.headers["content-security-policy"].startswith("sandbox; default-src 'none';")
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "y" not in answer.headers
    assert kind is None or answer.headers["content-type"].partition(";")[0] == kind


def test_pictures_are_shown_in_a_sandbox(server: Server) -> None:
    server.tree.write("framed/media/a.webp", b"<script>")
    server.run("framed")
    answer = server.get("/api/media-file", run_id="framed", path="media/a.webp")
    assert (answer.headers["content-type"], "content-disposition" in answer.headers) == ("image/webp", False)
    assert answer.headers["content-security-policy"].startswith("sandbox;")


def test_a_media_folder_that_leads_out_holds_nothing(server: Server) -> None:
    folder = server.run("leads-out")
    (folder / "media").symlink_to("/etc")
    assert server.get("/api/media-file", run_id="leads-out", path="media/passwd").status_code == 404


@pytest.mark.parametrize("make", [os.mkfifo, Path.mkdir])
def test_a_pipe_or_a_folder_is_no_media_and_makes_nobody_wait(server: Server, make: Any) -> None:
    run_id = f"made-by-{make.__name__}"
    server.tree.write(f"{run_id}/media/a.png", b"")
    server.run(run_id)
    make(server.tree.root / run_id / "media" / "b.png")
    assert server.get("/api/media-file", run_id=run_id, path="media/b.png").status_code == 404


# Logs


def names(server: Server, run_id: str) -> list[str]:
    return [stream["name"] for stream in server.get("/api/logs", run_id=run_id).json()["streams"]]


def test_an_output_folder_outside_opens_nothing_and_is_named(server: Server) -> None:
    closed = server.tree.root.parent / "closed"
    (closed / "other.log").write_text("somebody else's")
    server.run("points-out", hparams={"output_dir": str(closed)})
    listed = server.get("/api/logs", run_id="points-out").json()
    assert listed == {"streams": [], "outside": str(closed)}
    for stream_id in ("other.log", "../../closed/other.log"):
        assert server.get("/api/log-content", run_id="points-out", stream_id=stream_id).status_code == 404


def test_an_output_folder_at_etc_opens_nothing(server: Server) -> None:
    server.run("points-at-etc", hparams={"output_dir": "/etc"})
    assert server.get("/api/logs", run_id="points-at-etc").json() == {"streams": [], "outside": "/etc"}


def test_an_output_folder_that_the_operator_allowed_is_served(server: Server) -> None:
    allowed = server.tree.root.parent / "allowed"
    (allowed / "train.log").write_text("hello")
    server.run("allowed", hparams={"output_dir": str(allowed)})
    assert names(server, "allowed") == ["train.log"]
    assert server.get("/api/log-content", run_id="allowed", stream_id="train.log").text == "hello"


def test_a_log_that_is_a_link_out_is_not_served(server: Server) -> None:
    folder = server.run("linked-out")
    for name, target in {"a.out": "/etc/passwd", "b.out": "../../closed/secret", "c.out": "inside.txt"}.items():
        (folder / name).symlink_to(target)
    (folder / "inside.txt").write_text("mine")
    (server.tree.root.parent / "closed" / "secret").write_text("theirs")
    assert names(server, "linked-out") == ["c.out"]
    assert server.get("/api/log-content", run_id="linked-out", stream_id="c.out").text == "mine"
    assert server.get("/api/log-content", run_id="linked-out", stream_id="a.out").status_code == 404


def test_a_log_that_becomes_a_link_out_is_not_served(server: Server) -> None:
    """The list of a run's logs is remembered for a while; where they lead is not."""
    folder = server.run("swapped")
    (folder / "a.out").write_text("mine")
    assert names(server, "swapped") == ["a.out"]
    (folder / "a.out").unlink()
    (folder / "a.out").symlink_to("/etc/passwd")
    assert server.get("/api/log-content", run_id="swapped", stream_id="a.out").status_code == 404


def test_an_output_folder_that_is_a_link_out_opens_nothing(server: Server) -> None:
    folder = server.run("linked-folder", hparams={"output_dir": str(server.tree.root / "linked-folder" / "out")})
    (folder / "out").symlink_to(server.tree.root.parent / "closed")
    assert names(server, "linked-folder") == []


def follow(server: Server, run_id: str, stream_id: str, **query: Any) -> tuple[int, bytes, dict[str, Any]]:
    """Where the answer begins, its bytes, and the query that goes on after it."""
    answer = server.get("/api/log-content", run_id=run_id, stream_id=stream_id, **query)
    assert answer.status_code == 200
    onward = {"offset": int(answer.headers["x-spt-offset"]), "file": answer.headers["x-spt-file"]}
    return int(answer.headers["x-spt-start"]), answer.content, onward


def test_a_log_is_followed_by_its_offset(server: Server) -> None:
    path = server.tree.write("followed/a.out", "one\n")
    server.run("followed")
    start, data, onward = follow(server, "followed", "a.out")
    assert (start, data) == (0, b"one\n")
    assert follow(server, "followed", "a.out", **onward) == (4, b"", onward)
    with path.open("a") as file:
        file.write("two\n")
    start, data, onward = follow(server, "followed", "a.out", **onward)
    assert (start, data, onward["offset"]) == (4, b"two\n", 8)


@pytest.mark.parametrize("how", ["cut", "cut and outgrown", "replaced"])
def test_a_log_that_is_written_anew_begins_anew(server: Server, how: str) -> None:
    run_id = f"anew-{how.replace(' ', '-')}"
    path = server.tree.write(f"{run_id}/a.out", "first attempt\n")
    server.run(run_id)
    _, _, onward = follow(server, run_id, "a.out")
    text = "again\n" if how == "cut" else "a second and longer attempt\n"
    if how == "replaced":
        path.unlink()
    path.write_text(text)
    assert follow(server, run_id, "a.out", **onward)[:2] == (0, text.encode())


TRACE = ("Traceback (most recent call last):", '  File "x.py", line 1, in <module>', "ValueError: no")


def test_the_last_traceback_of_a_log_is_found(server: Server) -> None:
    head = "é\r10%\r20%\n" * 9
    server.tree.write("traced/a.out", head + "\n".join((*TRACE, "again", *TRACE, "")))
    server.run("traced")
    offset = len(head.encode()) + len("\n".join((*TRACE, "again", "")))
    found = {"stream_id": "a.out", "offset": offset, "lines": list(TRACE)}
    answer = server.get("/api/log-traceback", run_id="traced", stream_id="a.out")
    assert answer.json() == {"traceback": found}


def test_the_traceback_of_a_run_is_in_the_first_log_that_has_one(server: Server) -> None:
    for name, lines in (("a.out", TRACE), ("a.err", ("nothing",)), ("b.err", TRACE)):
        server.tree.write(f"traces/{name}", "\n".join(lines))
    server.run("traces")
    server.run("traceless")
    answer = server.get("/api/log-traceback", run_id="traces").json()
    assert answer == {"traceback": {"stream_id": "b.err", "offset": 0, "lines": list(TRACE)}}
    assert server.get("/api/log-traceback", run_id="traceless").json() == {"traceback": None}
    assert server.get("/api/log-traceback", run_id="traces", stream_id="c.err").status_code == 404


def test_a_log_far_behind_comes_in_pieces(server: Server) -> None:
    lines = b"".join(b"%07d\n" % number for number in range(800_000))
    server.tree.write("behind/a.out", lines)
    server.run("behind")
    start, whole, onward = follow(server, "behind", "a.out", offset=0)
    assert (start, len(whole)) == (0, 4 << 20)
    while onward["offset"] < len(lines):
        _, data, onward = follow(server, "behind", "a.out", **onward)
        whole += data
    assert whole == lines


def test_a_first_answer_says_where_in_the_log_it_begins(server: Server) -> None:
    server.tree.write("end/a.out", b"x" * 9 + b"\n" + b"y" * (4 << 20))
    server.run("end")
    start, data, onward = follow(server, "end", "a.out")
    assert (start, len(data), onward["offset"]) == (10, 4 << 20, 10 + (4 << 20))


def test_a_range_of_a_log_is_one_of_all_of_it(server: Server) -> None:
    server.tree.write("log-range/a.out", b"x" * 9 + b"\n" + b"y" * (4 << 20))
    server.run("log-range")
    query = {"run_id": "log-range", "stream_id": "a.out"}
    answer = server.ask("GET", "/api/log-content", params=query, headers={"range": "bytes=7-11"})
    assert (answer.status_code, answer.content) == (206, b"xx\nyy")
    assert answer.headers["content-range"] == f"bytes 7-11/{10 + (4 << 20)}"
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"


# Several roots


def test_runs_of_several_roots_are_asked_for_by_label(tree: Tree) -> None:
    for label in ("a", "b"):
        tree.run(f"{label}/r")
        tree.write(f"{label}/r/metrics.csv", f"step,{label}\n0,1\n")
        tree.write(f"{label}/r/job.out", label)
    with ours([tree.root / "a", tree.root / "b"]) as server:
        server.until(lambda: len(server.rows()) == 2)
        assert sorted(server.rows()) == ["a/r", "b/r"]
        assert list(server.get("/api/metrics", run_id="b/r").json()["metrics"]) == ["b"]
        assert server.get("/api/log-content", run_id="b/r", stream_id="job.out").text == "b"
        assert server.patch({"run_id": "b/r", "notes": "x"}).json() == {"ok": True}
        assert [row["notes"] for row in server.rows().values()] == ["", "x"]
        (chart,) = curves(server, run_id=["a/r", "b/r"], metric="a")
        assert [run["run_id"] for run in chart["runs"]] == ["a/r"]
        for run_id in ("r", "c/r", "a", "a/", "/r"):
            assert server.get("/api/metrics", run_id=run_id).status_code == 404


def test_roots_of_one_name_are_told_apart_in_the_order_in_which_they_were_given(tree: Tree) -> None:
    for place in ("one/runs", "other/runs", "third/runs-2"):
        tree.run(f"{place}/r", notes=place)
    with ours([tree.root / place for place in ("one/runs", "other/runs", "third/runs-2")]) as server:
        server.until(lambda: len(server.rows()) == 3)
        rows = {run_id: row["notes"] for run_id, row in server.rows().items()}
        assert rows == {"runs/r": "one/runs", "runs-2/r": "other/runs", "runs-2-2/r": "third/runs-2"}
        assert server.patch({"run_id": "runs-2/r", "notes": "x"}).status_code == 200
    assert (tree.root / "other/runs/r/annotations.json").exists()


# What happens meanwhile


def test_a_tree_that_vanishes_drops_no_connection(tree: Tree) -> None:
    for name in ("metrics.csv", "media.jsonl", "media/a.png", "a.out"):
        tree.write(f"r/{name}", b"")
    tree.run("r")
    queries: list[tuple[str, dict[str, Any]]] = [
        *(("/api/" + path, {}) for path in ("metrics", "metrics-stream", "media", "logs")),
        ("/api/media-file", {"path": "media/a.png"}),
        ("/api/log-content", {"stream_id": "a.out"}),
        ("/api/log-traceback", {}),
        ("/api/log-traceback", {"stream_id": "a.out"}),
        ("/api/curves", {"metric": "loss"}),
    ]
    with ours([tree.root]) as server:
        server.until(lambda: "r" in server.rows())
        assert {server.get(path, run_id="r", **query).status_code for path, query in queries} == {200}
        shutil.rmtree(tree.root)
        answers = [server.get(path, run_id="r", **query) for path, query in queries]
        assert {answer.status_code for answer in answers} <= {200, 404}
        assert [server.patch({"run_id": "r", "notes": "x"}).status_code] == [404]
        assert server.get("/api/runs").status_code == 200


def test_names_and_notes_arrive_as_they_are(server: Server) -> None:
    text = "</script><!--<script>\u2028\x1b[31m\"'&\U0001f600"
    server.run("hostile", notes=text, display_name=text, tags=[text], hparams={text: text}, summary={text: 1})
    row = server.rows()["hostile"]
    assert [row["notes"], row["display_name"], *row["tags"], *row["hparams"], *row["summary"]] == [text] * 5
    assert server.get("/api/runs").headers["content-type"] == "application/json"
