"""From runs to all that a page shows: rows, curves, log tails, pictures, and what was left out (docs/page-data.md)."""

from spt_cli.report.build import report as report
from spt_cli.report.model import Log as Log
from spt_cli.report.model import Metric as Metric
from spt_cli.report.model import Options as Options
from spt_cli.report.model import Picture as Picture
from spt_cli.report.model import Primary as Primary
from spt_cli.report.model import Report as Report
from spt_cli.report.model import Row as Row
from spt_cli.report.model import RunCurve as RunCurve
from spt_cli.report.model import Table as Table

__all__ = ["Log", "Metric", "Options", "Picture", "Primary", "Report", "Row", "RunCurve", "Table", "report"]
