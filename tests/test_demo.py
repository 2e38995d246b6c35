"""Demo trees look like what real trainers leave, and are the same each time."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import math
import shutil
import struct
import zlib
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from syrupy.assertion import SnapshotAssertion

from spt_cli import read_metrics, scan
from spt_cli.demo import Tick, live, write
from spt_cli.demo.plan import plan
from spt_cli.errors import SptError, UsageError
from spt_cli.logs.files import streams
from spt_cli.model import Run
from tests.trees import NOW


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo tree with every kind of run; shared by the tests of this module, so read only."""
    return write(tmp_path_factory.mktemp("demo") / "tree", runs=30, now=NOW, rows=60)


def walked(root: Path) -> list[Path]:
    return sorted(root.rglob("*"))


def image(root: Path) -> dict[str, tuple[int, int, str]]:
    """Mode, mtime in ns and digest of everything below *root*; the digest of a folder is empty."""
    found = {}
    for path in (root, *walked(root)):
        stat = path.stat()
        digest = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else ""
        found[str(path.relative_to(root))] = (stat.st_mode, stat.st_mtime_ns, digest)
    return found


def sidecars(root: Path) -> dict[str, dict[str, Any]]:
    return {str(p.parent.relative_to(root)): json.loads(p.read_bytes()) for p in root.rglob("sidecar.json")}


# --- the tree


def test_the_same_arguments_give_the_same_bytes_modes_and_mtimes(tmp_path: Path) -> None:
    first = image(write(tmp_path / "tree", runs=24, now=NOW, rows=20))
    shutil.rmtree(tmp_path / "tree")
    assert image(write(tmp_path / "tree", runs=24, now=NOW, rows=20)) == first


def test_another_seed_gives_other_curves(tmp_path: Path) -> None:
    one, two = (
        write(tmp_path / "one", runs=1, now=NOW, rows=20),
        write(tmp_path / "two", runs=1, seed=1, now=NOW, rows=20),
    )
    texts = [next(root.rglob("metrics.csv")).read_bytes() for root in (one, two)]
    assert texts[0] != texts[1]


def test_a_larger_tree_contains_the_smaller_one(tmp_path: Path) -> None:
    def files(runs: int) -> dict[str, tuple[int, int, str]]:
        shutil.rmtree(tmp_path / "tree", ignore_errors=True)
        found = image(write(tmp_path / "tree", runs=runs, now=NOW, rows=5))
        return {path: made for path, made in found.items() if made[2] and path != ".spt-demo"}

    small, large = files(23), files(26)  # the second block begins with the 25th
    assert small.items() <= large.items()
    assert len(large) > len(small)


def test_the_tree_of_a_small_demo(tmp_path: Path, snapshot: SnapshotAssertion) -> None:
    root = write(tmp_path / "tree", runs=24, now=NOW, rows=20)
    assert "\n".join(str(path.relative_to(root)) for path in walked(root) if path.is_file()) == snapshot


def test_no_two_runs_share_a_folder() -> None:
    plans = [plan("/tree", 0, index, now=NOW, rows=5) for index in range(2000)]
    assert len({run.folder for run in plans}) == 2000


def test_every_kind_of_run_is_there(demo: Path) -> None:
    found = scan(demo, now=NOW)
    assert {run.state for run in found.runs.values()} == {"running", "stale", "completed", "failed"}
    assert Counter(other.kind for other in found.other) == {"lightning": 1, "never started": 1}
    assert found.problems == ()
    diverged = [run for run in found.runs.values() if math.isnan(float(run.summary.get("train/loss") or 0))]
    assert {run.status for run in diverged} == {"completed"}
    assert any(run.has_media for run in found.runs.values())
    assert any(run.display_name == run.run_id.rpartition("/")[2] for run in found.runs.values())
    assert any(run.display_name != run.run_id.rpartition("/")[2] for run in found.runs.values())


def test_each_run_has_logs_and_every_layout_is_used(demo: Path) -> None:
    found = {run.run_id: streams(run, demo) for run in scan(demo, now=NOW).runs.values()}
    assert all(found.values())
    assert {stream.layout for of in found.values() for stream in of} == {"plain", "hydra", "submitit", "slurm"}
    ranks = {stream.rank for of in found.values() for stream in of}
    assert ranks >= {None, 0, 1, 2, 3}


def test_failures_leave_their_tracebacks(demo: Path) -> None:
    logs = [p.read_text() for p in walked(demo) if p.suffix in (".out", ".err", ".log")]
    last_words = (
        "\ntorch.OutOfMemoryError: CUDA out of memory.",
        "\nKeyError: 'label'",
        "\n[rank1]: RuntimeError: NCCL",
    )
    assert all(any(words in log for log in logs) for words in last_words)


def test_logs_hold_progress_bars_and_colours(demo: Path) -> None:
    logs = b"".join(p.read_bytes() for p in walked(demo) if p.suffix in (".out", ".err"))
    assert b"\rEpoch 0: " in logs
    assert b"\x1b[32m" in logs


# --- files of a run


def test_sidecars_are_what_the_logger_writes(demo: Path, real_runs: Path) -> None:
    """Same keys in the same order and the same indentation as a real one; a person's name may follow."""
    real = real_runs / "cache/runs/20261123/064845/881202/sidecar.json"
    keys = [line for line in real.read_text().splitlines() if line.startswith('  "')]
    names = [line.split('"')[1] for line in keys]
    for path in demo.rglob("sidecar.json"):
        data = json.loads(path.read_bytes())
        assert [key for key in data if key != "display_name"] == names
        assert path.read_text() == json.dumps(data, indent=2)
        assert data["run_dir"] == str(path.parent)


def test_json_files_are_indented_as_pythons_json_does_it(demo: Path) -> None:
    for name in ("summary", "environment"):
        for path in demo.rglob(f"{name}.json"):
            assert path.read_text() == json.dumps(json.loads(path.read_bytes()), indent=2)


def test_sidecars_and_summaries_are_private(demo: Path) -> None:
    assert {path.stat().st_mode & 0o777 for name in ("sidecar", "summary") for path in demo.rglob(f"{name}.json")} == {
        0o600
    }


def test_live_files_are_dated_now_and_ended_ones_when_they_ended(demo: Path) -> None:
    for folder, data in sidecars(demo).items():
        beat, flushed = ((demo / folder / name).stat().st_mtime for name in ("heartbeat", "sidecar.json"))
        assert data["created_at"] < beat <= flushed <= NOW + 0.001, folder
        assert (data["ended_at"] is None) == (data["status"] == "running"), folder
        assert flushed == pytest.approx(data["ended_at"] or data["updated_at"], abs=0.01), folder


def test_metrics_have_crlf_and_one_width(demo: Path) -> None:
    for path in demo.rglob("metrics.csv"):
        text = path.read_bytes()
        assert text.count(b"\r\n") == text.count(b"\n")
        assert text.endswith(b"\r\n")
        assert len({len(row) for row in csv.reader(io.StringIO(text.decode(), newline=""))}) == 1


def test_numbers_are_printed_float32s(demo: Path) -> None:
    """Torch's scalars come out as the float64 nearest to a float32: `0.10000000149011612`."""
    cells = [row["train/loss"] for row in csv.DictReader(next(demo.rglob("metrics.csv")).read_text().splitlines())]
    values = [float(cell) for cell in cells if cell]
    assert values
    assert [struct.unpack("f", struct.pack("f", value))[0] for value in values] == values


def test_the_header_grew_at_its_end_and_lightning_sorts_it(demo: Path) -> None:
    headers = {p.parent.name: p.read_text().split("\n")[0].split(",") for p in demo.rglob("metrics.csv")}
    lightning = headers.pop("version_0")
    assert lightning == sorted(lightning)
    train = ["epoch", "lr", "perf/samples_per_s", "step", "train/grad_norm", "train/loss"]
    full = [*train, "val/acc", "val/loss", "train/acc", "probe/knn_acc"]
    assert all(header == full[: len(header)] for header in headers.values())
    assert full in headers.values()


def test_summaries_are_the_last_values_of_metrics(demo: Path) -> None:
    for folder, data in sidecars(demo).items():
        series = read_metrics(demo / folder / "metrics.csv")
        last = {name: float(of.value[-1]) for name, of in series.items() if name not in ("epoch", "step")}
        logged = {name: value for name, value in data["summary"].items() if name != "epoch"}
        assert {name: str(last[name]) for name in logged} == {name: str(value) for name, value in logged.items()}, (
            folder
        )


def test_summary_json_agrees_with_the_rows(demo: Path) -> None:
    """Of runs with a single attempt: last, min, max and count as the logger counts them."""
    compared = 0
    for path in demo.rglob("summary.json"):
        if (path.parent / "environment_v1.json").exists():
            continue
        for name, stat in json.loads(path.read_bytes())["metrics"].items():
            if name == "epoch":
                continue
            values = read_metrics(path.parent / "metrics.csv")[name].value.tolist()
            low = high = values[0]
            for value in values:
                low, high = (min(low, value)), (max(high, value))
            assert str(stat) == str({"last": values[-1], "min": low, "max": high, "count": len(values)})
            compared += 1
    assert compared > 100


def test_steps_of_requeued_runs_run_backwards(demo: Path) -> None:
    requeued = [path.parent for path in demo.rglob("environment_v1.json")]
    assert len(requeued) >= 3
    for folder in requeued:
        steps = read_metrics(folder / "metrics.csv")["train/loss"].step.tolist()
        assert sum(b < a for a, b in pairwise(steps)) == 1, folder


def test_the_log_of_a_requeued_job_holds_both_attempts(demo: Path) -> None:
    folder = next(path.parent for path in demo.rglob("environment_v1.json") if list(path.parent.glob("slurm-*.out")))
    assert next(folder.glob("slurm-*.out")).read_text().count("[RegistryLogger] run_id=") == 2


def test_hparams_are_the_sidecars_nested(demo: Path) -> None:
    for folder, data in sidecars(demo).items():
        nested = yaml.safe_load((demo / folder / "hparams.yaml").read_bytes())
        assert data["hparams"]["optim.lr"] == nested["optim"]["lr"]
        assert data["hparams"]["output_dir"] == nested["output_dir"]


def test_hydra_files_are_yaml_that_names_the_output_folder(demo: Path) -> None:
    found = list(demo.rglob(".hydra/hydra.yaml"))
    assert found
    for path in found:
        hydra = yaml.safe_load(path.read_bytes())["hydra"]
        assert hydra["runtime"]["output_dir"] == str(path.parent.parent)
        assert yaml.safe_load((path.parent / "config.yaml").read_bytes())["model"]["depth"] == 12


def test_checkpoints_are_a_file_or_a_folder_of_shards(demo: Path) -> None:
    kinds = Counter("folder" if path.is_dir() else "file" for path in demo.rglob("checkpoints/last.ckpt"))
    assert min(kinds["file"], kinds["folder"]) > 0


def test_every_event_of_media_names_a_whole_png(demo: Path) -> None:
    manifests = list(demo.rglob("media.jsonl"))
    assert manifests
    for manifest in manifests:
        events = [json.loads(line) for line in manifest.read_text().splitlines()]
        assert {event["path"] for event in events} == {
            str(path.relative_to(manifest.parent)) for path in manifest.parent.rglob("*.png")
        }
        assert {chunks(manifest.parent / event["path"]) for event in events} == {("IHDR", "IDAT", "IEND")}


def chunks(png: Path) -> tuple[str, ...]:
    """Kinds of the chunks of a PNG whose signature, lengths and checksums are right."""
    data = png.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    kinds, at = [], 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        body = data[at + 4 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length]) == (zlib.crc32(body),)
        kinds.append(body[:4].decode())
        at += 12 + length
    return tuple(kinds)


# --- where it may write


def test_a_demo_never_writes_beside_other_files(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    for attempt in (lambda: write(tmp_path), lambda: next(live(tmp_path))):
        with pytest.raises(SptError, match="not empty and not a demo tree") as refused:
            attempt()
        assert refused.value.hint
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_a_demo_tree_is_not_written_twice(tmp_path: Path) -> None:
    before = image(write(tmp_path / "tree", runs=1, now=NOW, rows=5))
    with pytest.raises(SptError, match="is a demo tree already"):
        write(tmp_path / "tree", runs=1, seed=1, now=NOW)
    assert image(tmp_path / "tree") == before


def test_an_empty_folder_is_taken(tmp_path: Path) -> None:
    write(tmp_path, runs=1, now=NOW, rows=5)
    assert len(scan(tmp_path, now=NOW).runs) == 1


def test_a_folder_below_a_file_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SptError, match="cannot write into"):
        write(tmp_path / "file/tree")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SptError, match="cannot write into"):
        write(tmp_path / "file")


@pytest.mark.parametrize("wrong", [{"runs": -1}, {"rows": 0}])
def test_sizes_that_make_no_sense_are_usage_errors(tmp_path: Path, wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError):
        write(tmp_path / "tree", **wrong)
    assert not (tmp_path / "tree").exists()


@pytest.mark.parametrize("rows", [1, 2, 7, 11])
def test_tiny_runs_are_whole_too(tmp_path: Path, rows: int) -> None:
    found = scan(write(tmp_path / "tree", runs=24, now=NOW, rows=rows), now=NOW)
    assert found.problems == ()
    assert all(run.summary for run in found.runs.values())


# --- live


def ticks(root: Path, count: int, *, at: float = NOW) -> Iterator[Tick]:
    """Rounds of a live demo under a clock of its own that waiting moves."""
    clock = [at]

    def wait(seconds: float) -> None:
        clock[0] += seconds

    return live(root, runs=10, rows=100, steps=count, interval=2.0, wait=wait, clock=lambda: clock[0])


class Round(NamedTuple):
    """What was there after a round."""

    tick: Tick
    files: dict[str, tuple[int, bytes]]  # inode and bytes, by path below the root
    runs: dict[str, Run]  # as a scan sees them

    def sidecar(self, run_id: str) -> dict[str, Any]:
        """The sidecar of a run, decoded."""
        data: dict[str, Any] = json.loads(self.files[f"{run_id}/sidecar.json"][1])
        return data


@pytest.fixture(scope="module")
def rounds(tmp_path_factory: pytest.TempPathFactory) -> tuple[Round, ...]:
    """24 rounds of a live demo."""
    root = tmp_path_factory.mktemp("live") / "tree"
    seen = []
    for tick in ticks(root, 24):
        paths = [path for path in walked(root) if path.is_file()]
        files = {str(path.relative_to(root)): (path.stat().st_ino, path.read_bytes()) for path in paths}
        seen.append(Round(tick, files, scan(root, now=tick.at).runs))
    return tuple(seen)


def test_live_is_the_same_each_time(tmp_path: Path) -> None:
    """Ticks and files; the times of folders are the file system's own."""

    def made() -> tuple[list[Tick], dict[str, tuple[int, int, str]]]:
        shutil.rmtree(tmp_path / "tree", ignore_errors=True)
        told = list(ticks(tmp_path / "tree", 6))
        return told, {path: seen for path, seen in image(tmp_path / "tree").items() if seen[2]}

    assert made() == made()


def test_live_goes_on_for_as_many_rounds_as_asked(rounds: tuple[Round, ...]) -> None:
    assert [(r.tick.number, r.tick.at) for r in rounds] == [(n, NOW + 2 * n) for n in range(25)]


def test_within_some_rounds_everything_happens(rounds: tuple[Round, ...]) -> None:
    words = {event.split()[0] for r in rounds for event in r.tick.events}
    assert words == {"started", "requeued", "failed", "completed"}


def test_events_are_seen_by_a_scan(rounds: tuple[Round, ...]) -> None:
    state = {"started": "running", "requeued": "running", "failed": "failed", "completed": "completed"}
    for r in rounds:
        events = [event.split() for event in r.tick.events]
        assert [r.runs[run_id].state for _, run_id in events] == [state[word] for word, _ in events]
        assert sum(run.alive for run in r.runs.values()) == r.tick.live


def test_sidecars_are_whole_after_each_round_and_no_temporary_file_stays(rounds: tuple[Round, ...]) -> None:
    for r in rounds:
        assert all(r.sidecar(run_id)["schema_version"] == 1 for run_id in r.runs)
        assert [path for path in r.files if path.endswith(".tmp")] == []


def test_a_flush_replaces_the_sidecar(rounds: tuple[Round, ...]) -> None:
    """Another inode: a reader never sees half of it."""
    run_id = next(run_id for run_id, run in rounds[1].runs.items() if run.live and run.alive)
    assert rounds[0].files[f"{run_id}/sidecar.json"][0] != rounds[1].files[f"{run_id}/sidecar.json"][0]


def test_rows_are_only_appended_except_when_the_header_grows(rounds: tuple[Round, ...]) -> None:
    """A grown header rewrites the file in place: the inode stays, old rows are padded."""
    grown = 0
    for before, after in pairwise(rounds):
        for path in (path for path in before.files if path.endswith("metrics.csv")):
            (inode, old), (new_inode, new) = before.files[path], after.files[path]
            assert new_inode == inode
            header, _, body = old.partition(b"\r\n")
            new_header, _, new_body = new.partition(b"\r\n")
            assert new_header.startswith(header)
            pad = b"," * (new_header.count(b",") - header.count(b","))
            assert new_body.startswith(body.replace(b"\r\n", pad + b"\r\n"))
            grown += bool(pad)
    assert grown >= 3


def test_logs_are_only_appended(rounds: tuple[Round, ...]) -> None:
    for before, after in pairwise(rounds):
        logs = [path for path in before.files if path.endswith((".out", ".err", ".log"))]
        assert all(after.files[path][1].startswith(before.files[path][1]) for path in logs)


def test_a_requeue_in_live_resets_created_at_and_steps_back(rounds: tuple[Round, ...], tmp_path: Path) -> None:
    at, run_id = next((r, e.split()[1]) for r in rounds for e in r.tick.events if e.startswith("requeued"))
    data = at.sidecar(run_id)
    assert (data["created_at"], data["ended_at"], data["summary"]) == (at.tick.at, None, {})
    (tmp_path / "metrics.csv").write_bytes(rounds[at.tick.number + 1].files[f"{run_id}/metrics.csv"][1])
    steps = read_metrics(tmp_path / "metrics.csv")["train/loss"].step.tolist()
    assert any(b < a for a, b in pairwise(steps))


def test_a_failure_in_live_leaves_its_traceback(rounds: tuple[Round, ...]) -> None:
    at = next(r for r in rounds if any(event.startswith("failed") for event in r.tick.events))
    before = rounds[at.tick.number - 1]
    said = b"".join(text.removeprefix(before.files.get(path, (0, b""))[1]) for path, (_, text) in at.files.items())
    assert b"Traceback (most recent call last):" in said


def test_checkpoints_and_pictures_are_written_as_epochs_end(rounds: tuple[Round, ...]) -> None:
    first, last = rounds[0], rounds[-1]
    written = {path.rpartition("/")[2] for path, seen in last.files.items() if first.files.get(path) != seen}
    assert written >= {"last.ckpt", "media.jsonl"}
    for path in (path for path in last.files if path.endswith("media.jsonl")):
        events = [json.loads(line) for line in last.files[path][1].splitlines()]
        assert all(path.replace("media.jsonl", event["path"]) in last.files for event in events)


def test_live_goes_on_with_a_tree_that_is_there(tmp_path: Path) -> None:
    """As after a maintenance of the cluster: what ran is requeued, what `live` launched before too."""
    root = write(tmp_path / "tree", runs=6, now=NOW, rows=100)
    *_, last = ticks(root, 4)
    again, *_ = ticks(root, 2, at=last.at + 600)
    assert {event.split()[0] for event in again.events} == {"requeued"}
    assert len(again.events) == last.live > 2


def test_a_run_removed_in_between_is_not_written_again(tmp_path: Path) -> None:
    root = write(tmp_path / "tree", runs=6, now=NOW, rows=100)
    gone = next(folder for folder, data in sidecars(root).items() if data["status"] == "running")
    shutil.rmtree(root / gone)
    list(ticks(root, 3))
    assert not (root / gone).exists()


def test_a_run_may_be_removed_under_the_trainers_feet(tmp_path: Path) -> None:
    going = ticks(tmp_path / "tree", 3)
    first = next(going)
    gone = next(run_id for run_id, run in scan(tmp_path / "tree", now=NOW).runs.items() if run.alive)
    shutil.rmtree(tmp_path / "tree" / gone)
    assert next(going).live == first.live - 1
    assert not (tmp_path / "tree" / gone).exists()


def test_runs_launched_within_a_second_have_folders_of_their_own(tmp_path: Path) -> None:
    going = live(tmp_path / "tree", runs=0, rows=200, steps=60, interval=0, wait=lambda _: None, clock=lambda: NOW)
    started = [event.split()[1] for tick in going for event in tick.events if event.startswith("started")]
    assert len(set(started)) == len(started) == 10


def test_a_damaged_marker_is_an_error_that_names_it(tmp_path: Path) -> None:
    root = write(tmp_path / "tree", runs=1, now=NOW, rows=5)
    (root / ".spt-demo").write_bytes(b"{")
    with pytest.raises(SptError, match=r"\.spt-demo"):
        next(ticks(root, 1))


def test_without_a_clock_live_runs_are_alive_now(tmp_path: Path) -> None:
    root = write(tmp_path / "tree", runs=2, rows=5)
    assert [run.alive for run in scan(root).runs.values()].count(True) == 1
