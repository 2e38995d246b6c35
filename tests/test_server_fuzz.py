"""Whatever is asked, in whatever words: an answer comes, and it is no mistake of ours."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.servers import Server, ours, queried

NUMBERS = [
    "0",
    "1",
    "-1",
    "0.5",
    "2",
    "200",
    "1e300",
    "-1e300",
    "5e-324",
    "4194304",
    "1e18",
    "nan",
    "inf",
    "x",
    "",
    "٣",
]
WORDS = ["r", "requeued", "gone", "../r", "r/../r", "\0", "\udcff", "é", "a" * 3_000, "%", "*"]
VALUES = {
    "run_id": ["r", "requeued", "odd", "empty", *WORDS],
    "metric": ["loss", "acc", "huge", *WORDS],
    "stream_id": ["job.out", "job.err", *WORDS],
    "path": ["media/a.png", "media", "media/../sidecar.json", "/etc/passwd", *WORDS],
    "x": ["step", "epoch", *WORDS],
    "since": ["0-0", "-", *WORDS],
    "file": WORDS,
} | dict.fromkeys(("buckets", "from", "to", "after", "width", "offset", "epochs"), NUMBERS)
HEADERS = {
    "range": ["bytes=0-0", "bytes=-1", "bytes=9-1", "bytes=0-1,3-4", "bytes=-", "x=1-2", "bytes=" + "9" * 40 + "-"],
    "if-range": ['"x"', "Thu, 01 Jan 1970 00:00:00 GMT", "x"],
    "if-none-match": ["*", '"x"', 'W/"x', '"' * 50],
    "if-match": ["*", '""', "x"],
    "accept-encoding": ["gzip", "gzip;q=0", "*", ";q=,", "gzip;q=x"],
    "last-event-id": ["0-0", "-", "x"],
}
ROUTES = [
    f"/api/{name}"
    for name in ("runs", "scan-status", "metrics", "metrics-stream", "curves", "facts", "media", "media-file", "logs")
] + ["/api/log-content", "/api/log-traceback", "/api/run-meta", "/", "/assets/x", "/favicon.ico", "/api", "/api/"]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """Over runs whose metrics are plain, requeued, beyond all measure, and none."""
    with ours([tmp_path_factory.mktemp("runs")]) as serving:
        rows = "".join(f"{step // 10},{step},{step % 7},1e308\n" for step in range(1_000))
        serving.tree.write("r/metrics.csv", f"epoch,step,loss,huge\n{rows}")
        serving.tree.write("r/job.out", "hello\n" * 100)
        trace = b'\xff Traceback (most recent call last):\n\xff   File "x"\n\xff ValueError: \xed\xa0\x80\n'
        serving.tree.write("r/job.err", trace)
        serving.tree.write("r/media/a.png", b"picture")
        serving.tree.write("requeued/metrics.csv", f"epoch,step,loss,acc\n{rows}{rows}")
        serving.tree.write(
            "odd/metrics.csv", "step,loss,acc\n,nan,\n1e300,1,inf\n-1e300,2,\n5e-324,-1e308,1\ninf,1,2\n"
        )
        for run_id in ("r", "requeued", "odd", "empty"):
            serving.run(run_id)
        yield serving


@given(
    st.sampled_from(["GET", "GET", "GET", "HEAD", "PATCH", "POST"]),
    st.sampled_from(ROUTES),
    st.fixed_dictionaries({}, optional={name: st.lists(st.sampled_from(some)) for name, some in VALUES.items()}),
    st.fixed_dictionaries({}, optional={name: st.sampled_from(some) for name, some in HEADERS.items()}),
)
@settings(max_examples=100, deadline=None)
def test_no_request_is_a_mistake_of_ours(
    server: Server, method: str, route: str, query: dict[str, list[str]], headers: dict[str, str]
) -> None:
    assert server.ask(method, route + queried(query), headers=headers).status_code < 500


@given(
    st.fixed_dictionaries(
        {
            "run_id": st.lists(st.sampled_from(["r", "requeued", "odd", "empty"]), min_size=1),
            "metric": st.just(["loss", "acc", "huge"]),
        },
        optional={name: st.lists(st.sampled_from(NUMBERS), max_size=1) for name in ("from", "to", "after", "width")}
        | {"x": st.sampled_from([["step"], ["epoch"]])}
        | {"buckets": st.sampled_from([["2"], ["7"], ["10000"]])},
    )
)
@settings(max_examples=80, deadline=None)
def test_no_question_about_curves_is_a_mistake_of_ours(server: Server, query: dict[str, list[str]]) -> None:
    assert server.ask("GET", "/api/curves" + queried(query)).status_code < 500
