"""spt watch in a pipe."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

import pytest

from tests.shell import PROGRAM, environment, spt
from tests.trees import Tree
from tests.watching import QUICK, Watch, put


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A cache of its own."""
    return {"XDG_CACHE_HOME": str(tmp_path / "cache")}


def test_what_is_there_is_added_and_what_happens_follows(tree: Tree, env: dict[str, str]) -> None:
    put(tree, "a", summary={"val/acc": 0.5})
    put(tree, "b", ended=True)
    with Watch(tree.root, "-o", "ndjson", env=env) as watch:
        first = watch.event()
        assert list(first) == ["schema_version", "event", "cursor", "time", "run"]
        assert (first["schema_version"], first["event"], first["run"]["run_id"]) == (1, "added", "a")
        assert watch.told(1) == [("added", "b")]
        put(tree, "a", status="completed", summary={"val/acc": float("nan")})
        event = watch.until("finished", "a")
        assert {"status", "state", "alive", "summary.val/acc"} <= set(event["fields"])
        assert (event["nan"], event["run"]["summary"]["val/acc"]) == (["val/acc"], None)
        shutil.rmtree(tree.root / "b")
        assert watch.until("removed", "b")["run"]["state"] == "completed"


def test_a_restart_from_a_cursor_tells_exactly_what_happened_meanwhile(tree: Tree, env: dict[str, str]) -> None:
    for name in ("grown", "failed", "gone", "same", "old"):
        put(tree, name)
    put(tree, "old", ended=True)
    with Watch(tree.root, "--json", env=env) as watch:
        last = [watch.event() for _ in range(5)][-1]
    put(tree, "grown", summary={"val/acc": 0.5})
    put(tree, "failed", status="failed")
    shutil.rmtree(tree.root / "gone")
    put(tree, "new")
    with Watch(tree.root, "--json", "--from", last["cursor"], env=env) as watch:
        events = [watch.event() for _ in range(4)]
        assert [(event["event"], event["run"]["run_id"]) for event in events] == [
            ("failed", "failed"),
            ("removed", "gone"),
            ("changed", "grown"),
            ("added", "new"),
        ]
        assert "summary.val/acc" in events[2]["fields"]
        assert events[3]["cursor"].partition("-")[0] != last["cursor"].partition("-")[0]
    put(tree, "newest", ended=True)
    put(tree, "z", ended=True)
    with Watch(tree.root, "--json", "--from", events[3]["cursor"], env=env) as watch:
        assert watch.told(2) == [("added", "newest"), ("added", "z")]


def test_a_cursor_within_a_batch_goes_on_within_it(tree: Tree, env: dict[str, str]) -> None:
    for name in "abc":
        put(tree, name, ended=True)
    with Watch(tree.root, "--json", env=env) as watch:
        cursor = watch.event()["cursor"]
    (journal,) = Path(env["XDG_CACHE_HOME"]).rglob("*.journal")
    yesterday = time.time() - 86400
    os.utime(journal, (yesterday, yesterday))
    with Watch(tree.root, "--json", "--from", cursor, env=env) as watch:
        assert watch.told(2) == [("added", "b"), ("added", "c")]
        assert journal.stat().st_mtime > yesterday + 3600  # it is kept as long as this one


@pytest.mark.parametrize(("words", "kind"), [([], "added"), (["--events", "failed"], "failed")])
def test_an_unknown_cursor_is_told_and_so_are_all_runs(
    tree: Tree, env: dict[str, str], words: list[str], kind: str
) -> None:
    """Who wants failures hears of those that are there."""
    put(tree, "a", status="failed", ended=True)
    with Watch(tree.root, "--json", "--from", "943e4ce26bc2-7", *words, env=env) as watch:
        assert watch.told(1) == [(kind, "a")]
        known = "the cursor 943e4ce26bc2-7 is not known on this machine (any more)"
        assert watch.said() == f"spt: {known}; all runs are told anew"


def test_an_empty_cursor_is_none_and_now_leaves_out_what_is_there(tree: Tree, env: dict[str, str]) -> None:
    put(tree, "a", ended=True)
    with Watch(tree.root, "--json", "--from", "", env=env) as watch:
        assert watch.told(1) == [("added", "a")]
        assert watch.end()[2] == ""
    with Watch(tree.root, "--json", "--from", "now", "-w", "unheard > 1 or state != 'x'", env=env) as watch:
        assert watch.said() == "spt: no run has unheard"  # it has seen what is there
        put(tree, "b", ended=True)
        assert watch.told(1) == [("added", "b")]


def test_without_a_cache_folder_there_are_no_cursors(tree: Tree) -> None:
    put(tree, "a", ended=True)
    with Watch(tree.root, "--json", env={"XDG_CACHE_HOME": "/dev/null"}) as watch:
        assert watch.event()["cursor"] is None
        assert watch.said() == "spt: from here on events have no cursor: there is no cache folder that can be written"
        assert watch.end() == (143, "", "")


def test_a_full_cache_ends_cursors_and_nothing_else(tree: Tree, env: dict[str, str]) -> None:
    put(tree, "a")
    with Watch(tree.root, "--json", env=env) as watch:
        assert watch.event()["cursor"]
        (journal,) = Path(env["XDG_CACHE_HOME"]).rglob("*.journal")
        journal.unlink()
        journal.symlink_to("/dev/full")
        put(tree, "a", notes="n")
        assert watch.until("changed", "a")["cursor"] is None
        assert watch.said() == "spt: from here on events have no cursor: No space left on device"


def test_in_a_pipe_an_event_is_a_line(tree: Tree) -> None:
    put(tree, "g/a b", summary={"val/acc": 0.5})
    with Watch(tree.root, "--utc") as watch:
        time_, _, event = watch.line().partition("Z ")
        assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", time_)
        assert event == 'added "g/a b" state=running'
        put(tree, "g/a b", summary={"val/acc": 0.5}, tags=["late"])
        assert watch.line().partition("Z ")[2] == 'changed "g/a b" tags=late'
        assert watch.end() == (143, "", "")


def test_columns_and_the_metric_are_what_a_line_says(tree: Tree) -> None:
    put(tree, "a", hparams={"optim.lr": 0.1}, summary={"val/acc": 0.5}, ended=True)
    with Watch(tree.root, "-c", "lr,acc,zzz") as watch:
        assert watch.line()[20:] == "added a lr=0.1 acc=0.5 zzz=-"
        assert watch.said() == "spt: no run has zzz"
    with Watch(tree.root, "-m", "val/acc") as watch:
        assert watch.line()[20:] == "added a val/acc=0.5"


def test_a_mere_heartbeat_is_an_event_for_programs_and_no_line_for_people(tree: Tree, env: dict[str, str]) -> None:
    put(tree, "a")
    with Watch(tree.root) as lines, Watch(tree.root, "--json", env=env) as objects:
        assert lines.line()[20:] == "added a state=running"
        assert objects.told(1) == [("added", "a")]
        os.utime(tree.root / "a" / "heartbeat", (time.time() + 1, time.time() + 1))
        assert objects.event()["fields"] == ["heartbeat_at"]
        put(tree, "b", ended=True)
        assert lines.line()[20:] == "added b state=completed"


def test_only_chosen_runs_are_told_and_only_the_kinds_asked_for(tree: Tree, env: dict[str, str]) -> None:
    put(tree, "a", tags=["mine"])
    put(tree, "b")
    words = ("--json", "--tag", "mine", "--events", "failed,removed", "-w", "unheard > 1 or state == 'running'")
    with Watch(tree.root, *words, env=env) as watch:
        assert watch.said() == "spt: no run has unheard"
        put(tree, "b", status="failed")
        put(tree, "a", status="failed", tags=["mine"])
        assert watch.told(2) == [("failed", "a"), ("removed", "a")]


def test_a_run_that_has_failed_when_it_is_first_seen_is_a_failure(tree: Tree, env: dict[str, str]) -> None:
    put(tree, "before", status="failed", ended=True)
    with Watch(tree.root, "--json", "--events", "failed", "-w", "unheard > 1 or state != 'x'", env=env) as watch:
        assert watch.said() == "spt: no run has unheard"
        put(tree, "after", status="failed", ended=True)
        assert watch.told(1) == [("failed", "after")]


def test_an_unknown_name_is_told_once_and_known_when_it_comes(tree: Tree, env: dict[str, str]) -> None:
    put(tree, "a", summary={"val/loss": 1.0})
    with Watch(tree.root, "--json", "-w", "val/acc > 0.5", env=env) as watch:
        assert watch.said() == "spt: no run has val/acc"
        put(tree, "a", summary={"val/loss": 0.9})
        put(tree, "b", summary={"val/acc": 0.9})
        assert watch.told(1) == [("added", "b")]
        assert watch.end() == (143, "", "")


def test_several_roots_have_labels(tree: Tree, env: dict[str, str]) -> None:
    put(tree, "one/a", ended=True)
    put(tree, "two/a", ended=True)
    with Watch(tree.root / "one", tree.root / "two", "--json", env=env) as watch:
        events = [watch.event() for _ in range(2)]
        assert sorted(event["run"]["run_id"] for event in events) == ["one/a", "two/a"]
    with Watch(tree.root / "one", tree.root / "two", "--json", "--from", events[1]["cursor"], env=env) as watch:
        put(tree, "two/b", ended=True)
        assert watch.told(1) == [("added", "two/b")]


def test_a_tree_that_vanishes_and_comes_back_loses_nothing(tree: Tree, env: dict[str, str]) -> None:
    put(tree, "a", ended=True)
    with Watch(tree.root, "--json", env=env) as watch:
        assert watch.told(1) == [("added", "a")]
        tree.root.rename(tree.root.with_name("away"))
        assert watch.said() == "spt: 1 folder could not be read (spt ls --problems)"
        tree.root.with_name("away").rename(tree.root)
        put(tree, "b", ended=True)
        assert watch.told(1) == [("added", "b")]


def test_problems_are_counted_when_their_number_changes(tree: Tree, env: dict[str, str]) -> None:
    put(tree, "a", ended=True)
    tree.write("b/sidecar.json", "{")
    with Watch(tree.root, "--json", env=env) as watch:
        assert watch.said() == "spt: 1 run could not be read (spt ls --problems)"
        tree.write("c/sidecar.json", "[]")
        assert watch.said() == "spt: 2 runs could not be read (spt ls --problems)"
        for name in "de":
            put(tree, name, ended=True)
            watch.until("added", name)
        assert watch.end()[2] == ""
    with Watch(tree.root, "--json", "-q", env=env) as watch:
        watch.until("added", "d")
        assert watch.end()[2] == ""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_signals_end_it_silently(tree: Tree, number: signal.Signals, code: int) -> None:
    put(tree, "a", ended=True)
    with Watch(tree.root) as watch:
        watch.line()
        assert watch.end(number) == (code, "", "")


def test_nohup_keeps_it_alive(tree: Tree) -> None:
    put(tree, "a", ended=True)
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        watching = Watch(tree.root)
    finally:
        signal.signal(signal.SIGHUP, before)
    with watching as watch:
        watch.line()
        os.kill(watch.pid, signal.SIGHUP)
        put(tree, "b", ended=True)
        assert watch.line()[20:] == "added b state=completed"


def test_a_reader_that_goes_away_is_noticed_though_nothing_happens(tree: Tree) -> None:
    put(tree, "a", ended=True)
    with Watch(tree.root) as watch:
        watch.line()
        watch.stdout.close()
        assert watch._process.wait(60) == 141
        assert watch.stderr.read() == b""


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["--until", "val/acc > 0.4"], 0),
        (["--until", "val/acc > 0.7", "--any"], 0),
        (["--until", "val/acc > 0.7"], 1),
        (["--until", "val/acc > 0.7", "-w", "val/acc > 0.7"], 0),
        (["--until", "val/acc > 0.9", "--any"], 1),
        (["--until", "val/acc > 0.7", "-w", "val/acc > 2", "--timeout", "0.3s"], 124),
        (["--until", "val/acc > 0.7", "-w", "val/acc > 2", "--timeout", "0"], 124),
        (["--until", "unheard > 1"], 1),
        (["--timeout", "0.3s"], 124),
        (["--until", "val/acc > 0.4", "--strict"], 0),
    ],
)
def test_it_waits_and_its_exit_code_says_for_what(tree: Tree, words: list[str], code: int) -> None:
    put(tree, "good", summary={"val/acc": 0.8}, ended=True)
    put(tree, "bad", summary={"val/acc": 0.5}, ended=True)
    assert spt("watch", tree.root, *QUICK, *words).code == code


def test_what_is_waited_for_comes_later(tree: Tree) -> None:
    put(tree, "a")
    with Watch(tree.root, "--until", 'status == "completed"') as watch:
        watch.line()
        put(tree, "a", status="completed")
        code, out, err = watch.ended()
    assert (code, out[20:].partition(" ")[0], err) == (0, "finished", "")


def test_time_alone_can_bring_what_is_waited_for(tree: Tree) -> None:
    put(tree, "a", created_at=time.time() - 1)
    assert spt("watch", tree.root, *QUICK, "--until", 'age > "1.5s"', "--timeout", "60s").code == 0


def test_unread_runs_matter_under_strict(tree: Tree) -> None:
    put(tree, "a", ended=True)
    tree.write("b/sidecar.json", "{")
    met = ("--until", 'state == "completed"')
    assert spt("watch", tree.root, *QUICK, *met, "-q").code == 0
    assert spt("watch", tree.root, *QUICK, *met, "-q", "--strict").code == 3


def test_a_missing_root_is_told_and_the_others_are_watched(tree: Tree) -> None:
    put(tree, "a", ended=True)
    met = ("--until", 'state == "completed"')
    done = spt("watch", tree.root, "/nowhere", *QUICK, *met)
    assert (done.code, done.err) == (1, "spt: no such folder: /nowhere\n")
    assert spt("watch", "/nowhere") == (1, "", "spt: no such folder: /nowhere\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--any"], "spt: --any goes with --until"),
        (["--events", "added,fail"], "spt: no event is called fail\n     did you mean failed?"),
        (["--events", ""], "spt: no event is called nothing"),
        (["--interval", "0"], "spt: --interval 0 would do nothing but look\n     it is 0.05s or more"),
        (["--interval", "soon"], 'spt: "soon" is no duration'),
        (["--timeout", "soon"], 'spt: "soon" is no duration'),
        (["--until", "a >"], "spt: "),
        (["--json", "-o", "table"], "spt: --json and -o table ask for two different things"),
        (["--json", "-c", "lr"], "spt: -c, -m and --group-by choose what is shown, and ndjson has all of it"),
        (["-o", "csv"], "spt: --output cannot be csv"),
        (["-c", "a,,b"], "spt: cannot show a,,b"),
    ],
)
def test_what_cannot_be_understood_is_wrong_usage(tree: Tree, words: list[str], said: str) -> None:
    done = spt("watch", tree.root, *words)
    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(said)


def test_a_full_disk_behind_stdout_ends_it(tree: Tree) -> None:
    put(tree, "a", ended=True)
    with Path("/dev/full").open("wb") as full:
        ended = subprocess.run(
            [*PROGRAM, "watch", tree.root], stdout=full, stderr=subprocess.PIPE, env=environment(None), check=False
        )
    assert (ended.returncode, ended.stderr) == (1, b"spt: stdout cannot be written: No space left on device\n")
