"""Python tracebacks as failing runs leave them."""

from __future__ import annotations

from spt_cli.demo.plan import Plan, utc
from spt_cli.demo.records import host

_HEAD = """Traceback (most recent call last):
  File "/home/user/project/train.py", line 95, in main
    trainer.fit(Net(cfg), train, val)
  File "/opt/venv/lib/python3.11/site-packages/lightning/pytorch/trainer/trainer.py", line 584, in fit
    call._call_and_handle_interrupt(
  File "/opt/venv/lib/python3.11/site-packages/lightning/pytorch/trainer/call.py", line 49, in \
_call_and_handle_interrupt
    return trainer_fn(*args, **kwargs)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^
  File "/opt/venv/lib/python3.11/site-packages/lightning/pytorch/loops/fit_loop.py", line 217, in run
    self.advance()
"""

_OOM = """  File "/home/user/project/train.py", line 46, in training_step
    logits = self.head(self.backbone(x))
                       ^^^^^^^^^^^^^^^^
  File "/opt/venv/lib/python3.11/site-packages/torch/nn/modules/module.py", line 1775, in _call_impl
    return forward_call(*args, **kwargs)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.44 GiB. GPU 0 has a total capacity of 79.15 GiB of \
which 1.03 GiB is free. Process 41523 has 78.11 GiB memory in use. Of the allocated memory 74.92 GiB is allocated by \
PyTorch, and 2.03 GiB is reserved by PyTorch but unallocated. If reserved but unallocated memory is large try setting \
PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True to avoid fragmentation.
"""

_KEY = """  File "/opt/venv/lib/python3.11/site-packages/torch/_utils.py", line 769, in reraise
    raise exception
KeyError: Caught KeyError in DataLoader worker process 3.
Original Traceback (most recent call last):
  File "/opt/venv/lib/python3.11/site-packages/torch/utils/data/_utils/worker.py", line 349, in _worker_loop
    data = fetcher.fetch(index)
           ^^^^^^^^^^^^^^^^^^^^
  File "/home/user/project/data.py", line 71, in __getitem__
    return image, self.labels[row["label"]]
                              ~~~^^^^^^^^^
KeyError: 'label'

"""

_RANK = """  File "/home/user/project/train.py", line 52, in training_step
    gathered = self.all_gather(features)
               ^^^^^^^^^^^^^^^^^^^^^^^^^
RuntimeError: NCCL error in: ProcessGroupNCCL.cpp:3384, unhandled system error, NCCL version 2.27.5
ncclSystemError: System call (e.g. socket, malloc) or external library call failed or device error.
Last error:
socketPollConnect: connect returned Connection refused, exceeded error retry count (35)
"""

_CHILD = """Traceback (most recent call last):
  File "/opt/venv/bin/torchrun", line 8, in <module>
    sys.exit(main())
             ^^^^^^
  File "/opt/venv/lib/python3.11/site-packages/torch/distributed/launcher/api.py", line 277, in launch_agent
    raise ChildFailedError(
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
============================================================
train.py FAILED
------------------------------------------------------------
Failures:
  <NO_OTHER_FAILURES>
------------------------------------------------------------
Root Cause (first observed failure):
[0]:
  time      : {time}
  host      : {host}
  rank      : 1 (local_rank: 1)
  exitcode  : 1 (pid: 41524)
  error_file: <N/A>
============================================================
"""


def failure(plan: Plan, outcome: str, *, at: float) -> tuple[tuple[int, str], ...]:
    """Rank and traceback of each process that speaks when a run fails: *outcome* is oom, keyerror or ddp.

    A failing rank of a distributed job takes the others with it; torchrun puts `[rank1]:` before each of its lines.
    """
    if outcome == "oom":
        return ((0, _HEAD + _OOM),)
    if outcome == "keyerror":
        return ((0, _HEAD + _KEY),)
    rank = "".join(f"[rank1]: {line}\n" for line in (_HEAD + _RANK).splitlines())
    child = _CHILD.format(time=utc(at, "%Y-%m-%d_%H:%M:%S"), host=host(plan))
    return (min(1, plan.ranks - 1), rank), (0, child)
