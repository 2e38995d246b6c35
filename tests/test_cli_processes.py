"""spt as a process: pipes whose reader goes away, signals, streams that are closed or full."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from spt_cli.commands.ls import FORMS
from tests.shell import PROGRAM, environment, process
from tests.trees import Tree


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs whose listing fills a pipe several times over in every form."""
    tree = Tree(tmp_path_factory.mktemp("many"))
    for number in range(400):
        tree.run(f"{'x' * 200}/{'y' * 200}-{number}", notes="n" * 500)
    return tree.root


@pytest.mark.parametrize("form", FORMS)
def test_a_listing_whose_reader_went_away_is_silent_and_exit_code_141(many: Path, form: str) -> None:
    command = [*PROGRAM, "ls", str(many), "-o", form]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(None)) as running:
        assert running.stdout
        assert running.stderr
        assert running.stdout.read(10)
        running.stdout.close()
        assert (running.wait(), running.stderr.read()) == (141, b"")


def unheard(*words: str) -> tuple[int, bytes]:
    """Exit code and stderr of spt whose reader is gone before it writes."""
    reader, writer = os.pipe()
    os.close(reader)
    command = [*PROGRAM, *words]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, env=environment(None), check=False)
    os.close(writer)
    return done.returncode, done.stderr


@pytest.mark.parametrize(
    "words",
    [
        "ls ROOT -o json",
        "ls --help",
        "metrics ROOT/slurm/requeued -o parquet",
        "metrics ROOT/slurm/requeued --plot -m train/loss",
        "logs ROOT/slurm/requeued --raw",
        "logs --root ROOT requeued 881293",
        "help where",
        "",
    ],
)
def test_output_that_nobody_reads_is_silent_and_exit_code_141(real_runs: Path, words: str) -> None:
    assert unheard(*words.replace("ROOT", str(real_runs)).split()) == (141, b"")


def test_a_full_disk_behind_stdout_is_told_once(real_runs: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [*PROGRAM, "ls", real_runs], stdout=full, stderr=subprocess.PIPE, env=environment(None), check=False
        )
    assert (done.returncode, done.stderr) == (1, b"spt: stdout cannot be written: No space left on device\n")


@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_disk_that_becomes_full_is_told_and_nothing_is_cut_off_in_silence(
    many: Path, tmp_path: Path, unbuffered: str
) -> None:
    """A write that finds less room than it needs takes a part of the bytes, which only Python's buffer notices."""
    done = subprocess.run(
        [
            "/bin/sh",
            "-c",
            'ulimit -f 8; exec "$@" > "$0"',
            tmp_path / "out",
            *PROGRAM,
            "ls",
            many,
            "-n20",
            "-o",
            "json",
        ],
        stderr=subprocess.PIPE,
        env=environment({"PYTHONUNBUFFERED": unbuffered}),
        check=False,
    )
    assert (done.returncode, done.stderr) == (1, b"spt: stdout cannot be written: File too large\n")


@pytest.mark.parametrize(
    ("closing", "code", "said"),
    [
        (">&-", 1, b"spt: stdout is closed: there is nowhere to write to\n"),
        ("2>&-", 0, b""),
        ("<&-", 0, b""),
    ],
)
def test_streams_may_be_closed(real_runs: Path, closing: str, code: int, said: bytes) -> None:
    line = f'exec "$@" {closing}'
    words = ["sh", "-c", line, "sh", *PROGRAM, "ls", str(real_runs), "-o", "name"]
    done = subprocess.run(words, capture_output=True, env=environment(None), check=False)
    assert (done.returncode, done.stderr) == (code, said)
    assert (done.stdout == b"") is (closing == ">&-")


def test_talk_does_not_go_to_stdout_where_stderr_is_closed(real_runs: Path) -> None:
    words = ["sh", "-c", 'exec "$@" 2>&-', "sh", *PROGRAM, "ls", "/nowhere", str(real_runs), "-o", "name", "-n", "1"]
    done = subprocess.run(words, capture_output=True, env=environment(None), check=False)
    assert (done.returncode, done.stdout) == (1, os.fsencode(real_runs / "slurm/requeued\n"))


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_signals_end_it_silently(tmp_path: Path, number: signal.Signals, code: int) -> None:
    command = [*PROGRAM, "demo", str(tmp_path / "demo"), "--runs", "4", "--live", "--interval", "0.01s"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(None)) as running:
        assert running.stdout
        assert running.stderr
        assert running.stdout.readline()
        os.kill(running.pid, number)
        assert (running.wait(), running.stderr.read()) == (code, b"")


def test_names_pipe_into_spt_again(real_runs: Path) -> None:
    names = process("ls", real_runs, "-o", "name", "-0", "-w", "state == 'failed'").out
    done = process("metrics", "-", "-0", "-o", "csv", "-m", "val/loss", stdin=names.encode())
    assert (done.code, done.err) == (0, "")
    assert done.out.splitlines()[1].startswith("881291,val/loss,")
