"""A real one-node Slurm for a test: all of it in one folder, on ports of its own, gone when the test is over."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

NEEDED = ("slurmctld", "slurmd", "munged", "sbatch", "scontrol", "scancel", "sinfo")

CONF = """
ClusterName=test
SlurmctldHost={node}(127.0.0.1)
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket,cred_expire=5
CredType=cred/munge
SlurmUser=root
SlurmctldPort={controller}
SlurmdPort={daemon}
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
ReturnToService=2
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_interval=2
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
NodeName={node} NodeAddr=127.0.0.1 CPUs={cpus} State=UNKNOWN
PartitionName=debug Nodes={node} Default=YES MaxTime=INFINITE State=UP OverSubscribe=YES
"""


def missing() -> str:
    """Why there can be no Slurm on this machine, or nothing."""
    if os.geteuid() != 0:
        return "slurmd wants root"
    absent = [name for name in NEEDED if not shutil.which(name)]
    return f"not installed: {', '.join(absent)}" if absent else ""


@contextmanager
def slurm(folder: Path) -> Iterator[Callable[..., str]]:
    """A function that runs Slurm's commands, `run("sbatch", "job.sh", cwd=folder)`, and gives what they print.

    Nothing outside *folder* is read or written: SLURM_CONF names the configuration, munge has a socket and a key of
    its own. A requeued job starts after `cred_expire`, 5 s here and 120 s by default. On the way out all jobs are
    cancelled and the three daemons, which stay in the foreground, are ended by their process ids.
    """
    folder.chmod(0o755)
    for name in ("state", "spool"):
        (folder / name).mkdir()
    (folder / "munge.key").write_bytes(os.urandom(1024))
    (folder / "munge.key").chmod(0o400)
    conf = folder / "slurm.conf"
    ports = dict(zip(("controller", "daemon"), _free_ports(2), strict=True))
    conf.write_text(CONF.format(node=socket.gethostname(), folder=folder, cpus=os.cpu_count(), **ports))
    env = {name: value for name, value in os.environ.items() if not name.startswith(("SLURM_", "SBATCH_"))}
    env["SLURM_CONF"] = str(conf)

    def run(*command: str, cwd: Path = folder) -> str:
        done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, f"{command}: {done.stderr}{_logs(folder)}"
        return done.stdout

    with ExitStack() as stack:
        munge = [
            "munged",
            "--foreground",
            "--force",
            f"--socket={folder}/munge.socket",
            f"--key-file={folder}/munge.key",
        ]
        munge += [f"--{name}-file={folder}/munge.{name}" for name in ("pid", "log", "seed")]
        stack.enter_context(_daemon(munge, folder, env))
        wait_for((folder / "munge.socket").exists, "munge", folder)
        stack.enter_context(_daemon(["slurmctld", "-D", "-f", str(conf)], folder, env))
        stack.enter_context(_daemon(["slurmd", "-D", "-f", str(conf)], folder, env))
        idle = ["sinfo", "--noheader", "--format=%t"]
        wait_for(
            lambda: "idle" in subprocess.run(idle, env=env, capture_output=True, text=True, check=False).stdout,
            "an idle node",
            folder,
        )
        stack.callback(run, "scancel", "--user=root")
        yield run


def wait_for(ready: Callable[[], object], what: str, folder: Path, seconds: float = 120) -> None:
    """Until *ready*; AssertionError with the end of the daemons' logs when it takes too long."""
    end = time.monotonic() + seconds
    while not ready():
        assert time.monotonic() < end, f"no {what} after {seconds} s{_logs(folder)}"
        time.sleep(0.2)


@contextmanager
def _daemon(command: list[str], folder: Path, env: dict[str, str]) -> Iterator[None]:
    with (folder / f"{command[0]}.log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=log)
        try:
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [each.getsockname()[1] for each in sockets]


def _logs(folder: Path) -> str:
    return "".join(f"\n--- {log.name}\n{log.read_text()[-1500:]}" for log in sorted(folder.glob("*.log")))
