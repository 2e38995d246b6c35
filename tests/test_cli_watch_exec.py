"""The command of spt watch --exec."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest

from spt_cli.commands.hook import Hook
from spt_cli.commands.watchlines import How, in_background
from spt_cli.render.runs import View
from spt_cli.render.terminal import Terminal
from spt_cli.tree.live import Live
from spt_cli.tree.roots import resolve
from spt_cli.watch.watching import Choice
from tests.shell import terminal
from tests.trees import NOW, Tree
from tests.watching import PATIENCE, Watch, put


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A cache of its own, and a file that commands write to."""
    return {"XDG_CACHE_HOME": str(tmp_path / "cache"), "OUT": str(tmp_path / "out")}


def test_it_gets_each_event_as_json_with_a_cursor(tree: Tree, env: dict[str, str]) -> None:
    put(tree, "a", ended=True)
    with Watch(tree.root, "--exec", "cat", env=env) as watch:
        assert watch.line()[20:] == "added a state=completed"
        event = watch.event()
    assert list(event) == ["schema_version", "event", "cursor", "time", "run"]
    with Watch(tree.root, "--json", "--from", event["cursor"], env=env) as watch:
        put(tree, "b", ended=True)
        assert watch.told(1) == [("added", "b")]


def test_what_it_writes_does_not_get_among_the_data(tree: Tree, env: dict[str, str]) -> None:
    put(tree, "a", ended=True)
    with Watch(tree.root, "--json", "--exec", "echo told", env=env) as watch:
        assert watch.told(1) == [("added", "a")]
        assert watch.said() == "told"
        assert watch.end()[1] == ""


def test_nothing_of_a_run_is_put_into_it(tree: Tree, env: dict[str, str]) -> None:
    name = "$(touch $OUT) ; touch $OUT #"
    put(tree, name, ended=True)
    command = """python3 -c 'import json, sys; print(json.load(sys.stdin)["run"]["run_id"])'"""
    with Watch(tree.root, "--exec", command, env=env) as watch:
        watch.line()
        assert watch.line() == name
    assert not Path(env["OUT"]).exists()


def test_only_the_events_asked_for_are_handed_on(tree: Tree, env: dict[str, str]) -> None:
    put(tree, "a")
    with Watch(tree.root, "--events", "added,failed", "--exec", "cat >&2", env=env) as watch:
        assert json.loads(watch.said())["event"] == "added"
        put(tree, "a", notes="n")
        put(tree, "a", notes="n", status="failed")
        event = json.loads(watch.said())
    assert (event["event"], event["run"]["run_id"]) == ("failed", "a")


def test_a_mere_heartbeat_is_not_worth_a_process(tree: Tree, env: dict[str, str]) -> None:
    put(tree, "a")
    with Watch(tree.root, "--json", "--exec", "cut -c 1-40", env=env) as watch:
        watch.until("added", "a")
        assert '"added"' in watch.said()
        os.utime(tree.root / "a" / "heartbeat")
        assert watch.event()["fields"] == ["heartbeat_at"]
        put(tree, "b", ended=True)
        assert '"added"' in watch.said()


def test_failures_are_counted_and_end_nothing(tree: Tree, env: dict[str, str]) -> None:
    for name in "abc":
        put(tree, name, ended=True)
    command = 'read line; case $line in *\'"run_id":"b"\'*) exit 0;; *\'"a"\'*) exit 3;; *) kill -9 $$;; esac'
    with Watch(tree.root, "--exec", command, "--until", "state == 'completed'", env=env) as watch:
        assert watch.said() == "spt: --exec: exit code 3 (1 of 1 failed so far)"
        assert watch.said() == "spt: --exec: ended by SIGKILL (2 of 3 failed so far)"
        assert watch.ended()[0] == 0


def test_one_that_does_not_read_is_fine(tree: Tree, env: dict[str, str]) -> None:
    put(tree, "a", hparams={"long": "x" * 200_000}, ended=True)
    with Watch(tree.root, "--exec", "exit 0", "--until", "state == 'completed'", env=env) as watch:
        code, _, err = watch.ended()
    assert (code, err) == (0, "")


def test_its_time_is_that_of_the_watch(tree: Tree, env: dict[str, str]) -> None:
    put(tree, "a", ended=True)
    with Watch(tree.root, "--exec", "echo $$; exec sleep 1000", "--timeout", "2s", env=env) as watch:
        watch.line()
        pid = int(watch.line())
        assert watch.ended() == (124, "", "")
    assert not alive(pid)


def alive(pid: int) -> bool:
    """Whether the process runs; one that nobody waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_it_is_not_left_behind(tree: Tree, env: dict[str, str], number: signal.Signals, code: int) -> None:
    """Nor what it started itself."""
    put(tree, "a", ended=True)
    with Watch(tree.root, "--exec", "sleep 1000 & echo $!; wait", env=env) as watch:
        watch.line()
        pid = int(watch.line())
        assert alive(pid)
        assert watch.end(number) == (code, "", "")
    assert not alive(pid)


def test_one_that_ignores_sigterm_is_killed(tree: Tree, env: dict[str, str]) -> None:
    put(tree, "a", ended=True)
    with Watch(tree.root, "--exec", "trap '' TERM; echo $$; while :; do sleep 0.1; done", env=env) as watch:
        watch.line()
        pid = int(watch.line())
        assert watch.end() == (143, "", "")
    assert not alive(pid)


def called(command: str, event: bytes = b"{}\n", **streams: int) -> tuple[str | None, int, int]:
    hook = Hook(command, stdout=subprocess.DEVNULL, **streams)
    return hook.call(event), hook.calls, hook.failures


def test_what_went_wrong_is_said_in_a_few_words(monkeypatch: pytest.MonkeyPatch) -> None:
    assert called("exit 0") == (None, 1, 0)
    assert called("exit 200") == ("exit code 200", 1, 1)
    assert called("kill -15 $$") == ("ended by SIGTERM", 1, 1)
    assert called("nonsense-that-is-no-command", stderr=subprocess.DEVNULL) == ("exit code 127", 1, 1)
    monkeypatch.setenv("PATH", "/nowhere")
    assert called("exit 0") == ("No such file or directory", 1, 1)


def how(tree: Tree, **asked: Any) -> How:
    roots, _ = resolve([str(tree.root)])
    return How(roots=roots, choice=Choice(by=()), view=View(Terminal(), NOW), **asked)


def test_beside_a_screen_a_thread_hands_on_and_nothing_is_shown(
    tree: Tree, tmp_path: Path, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    put(tree, "a", ended=True)
    os.mkfifo(tmp_path / "out")
    command = f"cat > {tmp_path}/out; echo seen; echo seen >&2; exit 1"
    asked = how(tree, command=command)
    with Live(asked.roots, interval=0.05) as live, in_background(live, asked) as hook:
        assert json.loads((tmp_path / "out").read_text())["run"]["run_id"] == "a"
        put(tree, "b", ended=True)
        assert json.loads((tmp_path / "out").read_text())["run"]["run_id"] == "b"
        assert hook.failures in (1, 2)  # the second may be over by now
    assert capfd.readouterr() == ("", "")


def test_failures_beside_a_screen_are_told_when_it_is_left(tree: Tree, tmp_path: Path, env: dict[str, str]) -> None:
    """The command itself brings the run that ends the watch."""
    put(tree, "a")
    staged = Tree(tmp_path / "staged").run("b")
    words = ("--exec", f"mv {staged} {tree.root}; exit 3", "--until", 'name == "b"', "--any", "--interval", "0.5s")
    code, sent = terminal("watch", tree.root, *words, env=env)
    assert code == 0
    assert re.search(rb"spt: --exec: [12] of [12] failed\n$", sent)


def test_leaving_the_screen_ends_the_command(tree: Tree, tmp_path: Path) -> None:
    put(tree, "a", ended=True)
    os.mkfifo(tmp_path / "out")
    asked = how(tree, command=f"echo $$ > {tmp_path}/out; exec sleep 1000")
    with Live(asked.roots, interval=0.05) as live, in_background(live, asked) as hook:
        pid = int((tmp_path / "out").read_text())
        assert alive(pid)
    assert not alive(pid)
    assert (hook.call(b""), hook.calls, hook.failures) == (None, 1, 0)


def test_without_a_command_there_is_no_thread(tree: Tree) -> None:
    asked = how(tree)
    with Live(asked.roots, interval=60) as live:
        before = threading.active_count()
        with in_background(live, asked) as hook:
            assert (threading.active_count(), hook.failures) == (before, 0)


def test_a_mistake_of_ours_in_the_thread_is_raised_where_somebody_looks(tree: Tree) -> None:
    put(tree, "a", ended=True)
    asked = how(tree, command="true", kinds=None)
    with Live(asked.roots, interval=60) as live, pytest.raises(TypeError, match="NoneType"):
        until_it_breaks(live, asked)


def until_it_breaks(live: Live, asked: How) -> None:
    with in_background(live, asked):
        for helper in [thread for thread in threading.enumerate() if thread.name == "spt-exec"]:  # none: it is over
            helper.join(PATIENCE)
