"""From runs to all that a page shows: rows, curves, log tails, pictures, and what was left out (docs/page-data.md)."""

from collections.abc import Sequence

from spt_cli.exported.document import Log as Log
from spt_cli.exported.document import Picture as Picture
from spt_cli.exported.document import Primary as Primary
from spt_cli.exported.document import RunCurve as RunCurve
from spt_cli.model import Run
from spt_cli.report.fingerprint import fingerprint as fingerprint
from spt_cli.report.model import Metric as Metric
from spt_cli.report.model import Options as Options
from spt_cli.report.model import Report as Report
from spt_cli.report.model import Row as Row
from spt_cli.report.model import Table as Table
from spt_cli.tree.roots import Forest


def report(forest: Forest, runs: Sequence[Run], options: Options) -> Report:
    """All that a page shows of *runs*, which are some of *forest*'s.

    The same runs in the same state give the same report, whatever the clock, the locale and the order of *runs*.
    Raises UsageError when the metric of *options* is none of theirs. What cannot be read is left out, and said.
    """
    from spt_cli.report.build import build  # numpy; who finds the fingerprint unchanged needs none

    return build(forest, runs, options)
