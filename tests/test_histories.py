"""Any history of a tree: a scan that reuses what it knew equals one that looks at everything."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import suppress
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from spt_cli import apply, diff, scan
from spt_cli.model import Snapshot
from tests.trees import NOW

FOLDERS = st.sampled_from(["a", "a/x", "a/y", "b", "b/x", "a/x/inner", "a/x/checkpoints/z", "c/d/e"])
OTHERS = st.sampled_from(["heartbeat", "metrics.csv", "media.jsonl", "run_meta.json"])
STATUS = st.sampled_from(["running", "completed", "failed", "odd"])


class _History(RuleBasedStateMachine):
    """A tree on a disk whose clock ticks once a second, changed at random and scanned now and then."""

    def __init__(self) -> None:
        super().__init__()
        self.top = Path(tempfile.mkdtemp())
        self.root = self.top / "runs"
        self.root.mkdir()
        self.now = NOW
        self.writes = 0
        self.torn: set[Path] = set()  # sidecars that cannot be read now
        self.mtimes: dict[int, int] = {}  # of folders by inode, as the disk shows them, in ns
        self.last = self.folded = scan(self.root, now=self.now)

    def teardown(self) -> None:
        """The tree goes."""
        shutil.rmtree(self.top)

    @property
    def tick(self) -> float:
        """The time that the disk gives to what is written now."""
        return float(int(self.now))

    def _write(self, path: Path, content: bytes, *, renamed: bool) -> None:
        if not path.parent.is_dir():
            with suppress(NotADirectoryError, FileExistsError):
                path.parent.mkdir(parents=True)
        if path.parent.is_dir():
            target = path.with_name(".tmp") if renamed else path
            target.write_bytes(content)
            os.utime(target, (self.tick, self.tick))
            target.replace(path)
            self.torn.discard(path)

    @rule(folder=FOLDERS, status=STATUS, renamed=st.booleans(), at=st.sampled_from([0, 100]))
    def write_sidecar(self, folder: str, status: str, renamed: bool, at: float) -> None:
        """The number of writes has two digits: sidecars are often of one size."""
        self.writes += 1
        fields = {"status": status, "created_at": self.now - at, "hparams": {"write": 10 + self.writes % 90}}
        self._write(self.root / folder / "sidecar.json", json.dumps(fields).encode(), renamed=renamed)

    @rule(folder=FOLDERS, content=st.sampled_from([b"", b'{"status": "ru', b"[]"]))
    def tear_sidecar(self, folder: str, content: bytes) -> None:
        """A writer in place is interrupted."""
        path = self.root / folder / "sidecar.json"
        if path.exists():
            self._write(path, content, renamed=False)
            self.torn.add(path)

    @rule(folder=FOLDERS, name=OTHERS, size=st.integers(0, 2))
    def write_other(self, folder: str, name: str, size: int) -> None:
        """Another file of a run, in a folder that is one or not."""
        self._write(self.root / folder / name, b"x" * size, renamed=False)

    @rule(folder=FOLDERS, notes=st.sampled_from(["aa", "bb", None]), renamed=st.booleans())
    def edit(self, folder: str, notes: str | None, renamed: bool) -> None:
        """A person edits."""
        path = self.root / folder / "annotations.json"
        if path.parent.is_dir():
            self._write(path, json.dumps({"notes": notes}).encode(), renamed=renamed)

    @rule(folder=FOLDERS, name=st.sampled_from(["sidecar.json", "annotations.json", "heartbeat", "run_meta.json"]))
    def delete_file(self, folder: str, name: str) -> None:
        """A file goes."""
        with suppress(FileNotFoundError, NotADirectoryError):
            (self.root / folder / name).unlink()
            self.torn.discard(self.root / folder / name)

    @rule(folder=FOLDERS, instead=st.sampled_from([None, "file", "link"]))
    def delete_folder(self, folder: str, instead: str | None) -> None:
        """A folder goes, or what took its place."""
        path = self.root / folder
        if path.is_symlink() or path.is_file():
            path.unlink()
        elif path.is_dir():
            shutil.rmtree(path)
            self.torn = {torn for torn in self.torn if not torn.is_relative_to(path)}
            if instead == "file":
                path.touch()
            elif instead == "link":
                path.symlink_to(self.root.parent)

    @rule(source=FOLDERS, goal=FOLDERS)
    def move_folder(self, source: str, goal: str) -> None:
        """What moved gets new mtimes: a folder that takes another's place with the very same one is not told apart."""
        old, new = self.root / source, self.root / goal
        if old.is_dir() and not old.is_symlink() and not os.path.lexists(new):
            with suppress(OSError):  # into itself, or below what is not there
                old.rename(new)
                moved = {new / torn.relative_to(old) for torn in self.torn if torn.is_relative_to(old)}
                self.torn = {torn for torn in self.torn if not torn.is_relative_to(old)} | moved
                for folder in (new, *new.rglob("*/")):
                    self.mtimes.pop(folder.lstat().st_ino, None)

    @rule(seconds=st.sampled_from([0.1, 0.5, 1.0, 3.0, 40.0, 200.0, -5.0]))
    def wait(self, seconds: float) -> None:
        """Time passes; a clock may be set back."""
        self.now += seconds

    @rule(folder=FOLDERS, mode=st.sampled_from([0o755, 0o700, 0o711]))
    def change_mode(self, folder: str, mode: int) -> None:
        """A mode changes, and no mtime with it."""
        if (self.root / folder).is_dir():
            (self.root / folder).chmod(mode)

    @invariant()
    def folders_have_the_disks_time(self) -> None:
        """A folder whose mtime the kernel has set since the last look was changed: it gets the tick."""
        for folder in (self.root, *self.root.rglob("*/")):
            if folder.is_symlink():
                continue
            found = folder.stat()
            if self.mtimes.get(found.st_ino) != found.st_mtime_ns:
                os.utime(folder, (self.tick, self.tick))
                self.mtimes[found.st_ino] = int(self.tick) * 10**9

    @rule()
    @precondition(lambda self: self.root.is_dir())
    def look(self) -> None:
        """A scan: equal to a fresh one, told by its events, and the same objects when nothing happened."""
        new = scan(self.root, self.last, now=self.now, sweep=0)
        self._agree(new)
        event = diff(self.last, new)
        assert apply(self.last, event).runs == new.runs
        self.folded = apply(self.folded, event)
        assert self.folded.runs == new.runs
        again = scan(self.root, new, now=self.now, sweep=0)
        assert (again.problems, again.other) == (new.problems, new.other)
        assert all(again.runs[run_id] is run for run_id, run in new.runs.items())
        self.last = new

    def _agree(self, new: Snapshot) -> None:
        """Equal to a scan of everything; where a sidecar is torn, the last good row is kept besides."""
        fresh = scan(self.root, now=self.now)
        torn = {str(path.parent.relative_to(self.root)) for path in self.torn}
        assert {run_id: run for run_id, run in new.runs.items() if run_id not in torn} == fresh.runs
        assert (new.problems, new.other, set(new.folders)) == (fresh.problems, fresh.other, set(fresh.folders))
        assert (len(new.runs), new.progress.initial_done) == (new.progress.total, True)


_History.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestHistory = _History.TestCase
