"""What a person does at the screen: keys and looks in, frames out."""

from __future__ import annotations

import re
from typing import Any

import pytest
from msgspec import structs

from spt_cli.choice.selection import selection
from spt_cli.choice.sorting import keys
from spt_cli.commands.screen_desk import Desk
from spt_cli.commands.screen_reading import Asked, Found
from spt_cli.metrics.pace import Told
from spt_cli.model import Run
from spt_cli.render.runs import View
from spt_cli.render.terminal import Terminal
from spt_cli.watch.scene import Details, Wanted
from spt_cli.watch.watching import Choice
from tests.made import a_run
from tests.screens import forest, live
from tests.trees import NOW

VIEW = View(Terminal(), NOW, utc=True)
LINES = 14  # of which the table has 10


def rows(count: int = 30) -> list[Run]:
    """r00, the newest, to r29; even ones are better than odd ones."""
    return [
        a_run(f"r{at:02}", created_at=NOW - at, summary={"acc": at / 100 + (at % 2) / 10, "loss": float(at)})
        for at in range(count)
    ]


class Person:
    """Somebody at a desk, with a clock that stands."""

    def __init__(self, *runs: Run, interval: float = 2.0, **wanted: Any) -> None:
        self.desk = Desk(Wanted(**wanted), "runs", interval)
        self.clock = 100.0
        self.looks(*runs)

    def looks(self, *runs: Run, **options: Any) -> None:
        """Takes a look that shows *runs*."""
        self.desk.look(forest(*runs, **options), now=NOW, clock=self.clock)
        self.sees()

    def sees(self, lines: int = LINES) -> list[str]:
        """The frame."""
        return [line.rstrip() for line in self.desk.frame(VIEW, 80, lines, self.clock)]

    def presses(self, *names: str) -> list[str]:
        """The frame after some keys."""
        for name in names:
            self.desk.press(name, now=NOW)
            self.sees()
        return self.sees()

    @property
    def ids(self) -> list[str]:
        """The rows on the screen."""
        return [run.run_id for run in self.desk.visible]

    @property
    def pointed(self) -> str:
        """The run that is pointed at."""
        (line,) = [line for line in self.sees() if line.startswith("▸")]
        return str(re.findall(r"r\d\d", line)[0])


def test_arrows_pages_and_ends_lead_through_the_runs() -> None:
    person = Person(*rows())
    seen = [person.pointed]
    for key in ("down", "down", "up", "pagedown", "pagedown", "pageup", "end", "home", "up"):
        person.presses(key)
        seen.append(person.pointed)
    assert seen == ["r00", "r01", "r02", "r01", "r11", "r21", "r11", "r29", "r00", "r00"]


def test_only_what_is_on_the_screen_is_visible() -> None:
    person = Person(*rows())
    assert person.ids == [f"r{at:02}" for at in range(10)]
    person.presses("end")
    assert person.ids == [f"r{at:02}" for at in range(20, 30)]


def test_the_selection_stays_on_the_run_when_rows_move() -> None:
    person = Person(*rows())
    person.presses("down", "down", "down")
    person.looks(a_run("new", created_at=NOW + 1), *rows())
    assert person.pointed == "r03"


def test_at_the_top_new_runs_stay_in_sight() -> None:
    person = Person(*rows())
    person.presses("down", "home")
    person.looks(a_run("r99", created_at=NOW + 1), *rows())
    assert person.pointed == "r99"


# sorting


def test_s_leads_through_metrics_and_fields_and_says_which() -> None:
    person = Person(*rows())
    seen = []
    for _ in range(6):
        foot = person.presses("sort")[-1]
        seen.append((re.findall(r"by ([\w_]+ .)", foot)[0], person.ids[0]))
    assert seen == [
        ("acc ↓", "r29"),
        ("loss ↑", "r00"),
        ("duration ↓", "r00"),
        ("state ↑", "r00"),
        ("run_id ↑", "r00"),
        ("created ↓", "r00"),
    ]


def test_the_other_s_turns_the_order_around() -> None:
    person = Person(*rows(), choice=Choice(by=keys("-acc,created")))
    foot = person.presses("turn")[-1]
    assert ("by acc ↑, created ↑" in foot, person.ids[0]) == (True, "r00")
    assert person.presses("turn")[-1].startswith("1-10 of 30 · by acc ↓, created ↑")


def test_the_order_that_was_asked_for_comes_around_again() -> None:
    person = Person(*rows(), choice=Choice(by=keys("loss")))
    orders = [re.findall(r"by ([\w_]+ .)", person.presses("sort")[-1])[0] for _ in range(6)]
    assert orders[-1] == "loss ↑"


# filtering


def test_a_selection_chooses() -> None:
    person = Person(*rows())
    assert person.desk.filter("acc > 0.35", now=NOW)
    assert person.sees()[-1].startswith("where acc > 0.35 · by created ↓")
    assert person.ids == ["r27", "r29"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("acc >", "the selection cannot be read: invalid syntax; it reads like: "),
        ("ac > 1", "no run has ac; did you mean acc"),
        ("acc = 1", "the selection cannot be read"),
        ("\x1b[2J", "the selection cannot be read"),
    ],
)
def test_a_mistake_is_shown_and_the_old_selection_stays(text: str, said: str) -> None:
    person = Person(*rows())
    person.desk.filter("acc > 0.35", now=NOW)
    assert not person.desk.filter(text, now=NOW)
    assert person.sees()[-1].startswith(said)
    assert (person.ids, person.desk.where) == (["r27", "r29"], "acc > 0.35")
    person.presses("up")
    assert person.sees()[-1].startswith("where acc")


def test_no_selection_chooses_all() -> None:
    person = Person(*rows(), choice=Choice(selection("acc > 0.35")))
    assert person.desk.where == "acc > 0.35"
    assert person.desk.filter(" ", now=NOW)
    assert len(person.ids) == 10


def test_escape_leads_back_to_what_was_asked_for() -> None:
    person = Person(*rows(), choice=Choice(selection("acc > 0.35")))
    person.desk.filter("acc > 0.37", now=NOW)
    person.presses("sort", "escape")
    assert person.ids == ["r29", "r27"]  # the order stays
    person.desk.filter("acc > 0.37", now=NOW)
    person.desk.unfilter(now=NOW)
    assert person.desk.where == "acc > 0.35"


def test_a_selection_that_names_archived_shows_such_runs() -> None:
    person = Person(*rows(3), a_run("r77", archived=True))
    person.desk.filter("archived", now=NOW)
    assert person.ids == ["r77"]
    person.desk.filter('state == "completed"', now=NOW)
    assert person.ids == ["r00", "r01", "r02"]


# one run closely


def details(**fields: Any) -> Details:
    return Details(log="train.out", lines=tuple(f"line {at}" for at in range(50)), **fields)


def test_enter_opens_a_run_and_escape_leads_back() -> None:
    person = Person(*rows())
    opened = person.presses("down", "enter")
    assert (opened[0], opened[-1]) == ("r01", f"{'Esc back  q quit':>80}")
    assert not person.desk.on_table
    assert person.presses("escape")[0].startswith("runs ")
    assert person.pointed == "r01"


def test_what_was_read_of_it_is_shown() -> None:
    runs = rows()
    person = Person(*runs)
    person.presses("enter")
    assert "reading…" in person.sees(30)
    assert person.desk.read(Asked(close=(runs[0], "/")), Found({}, {}, details()), clock=1.0)
    assert "train.out" in person.sees(30)


def test_what_was_read_of_another_run_is_not() -> None:
    runs = rows()
    person = Person(*runs)
    person.presses("down", "enter")
    assert not person.desk.read(Asked(close=(runs[0], "/")), Found({}, {}, details()), clock=1.0)
    assert "reading…" in person.sees(30)


def test_the_page_scrolls_and_not_further_than_there_is() -> None:
    runs = rows()
    person = Person(*runs)
    person.presses("enter")
    person.desk.read(Asked(close=(runs[0], "/")), Found({}, {}, details()), clock=1.0)
    assert person.presses("end")[-2].startswith("line 49")
    assert person.presses("down")[-2].startswith("line 49")
    assert person.presses("up")[-2].startswith("line 48")
    assert person.presses("pageup")[-2].startswith("line 37")
    assert person.presses("home")[1].startswith("✓ completed")


def test_a_run_that_is_looked_at_is_shown_as_it_is_now() -> None:
    person = Person(live("r00"))
    assert person.presses("enter")[1].startswith("● running")
    person.looks(a_run("r00"))
    assert person.sees()[1].startswith("✓ completed")
    person.looks()
    assert person.sees()[1].startswith("✓ completed")


def test_enter_on_an_empty_table_does_nothing() -> None:
    person = Person()
    person.presses("enter")
    assert person.desk.on_table


def test_help_can_be_asked_for_anywhere() -> None:
    person = Person(*rows())
    assert person.presses("help")[0] == "keys"
    assert person.presses("escape")[0].startswith("runs ")
    assert person.presses("enter", "help")[0] == "keys"
    assert person.presses("escape")[0] == "r00"


def test_q_leaves_from_anywhere() -> None:
    for keys_ in (["quit"], ["enter", "quit"], ["help", "quit"]):
        person = Person(*rows())
        person.presses(*keys_)
        assert person.desk.leaving


# when a frame is due though nothing came


def test_a_screen_where_nothing_moves_is_at_rest() -> None:
    person = Person(*rows())
    assert not person.desk.restless(person.clock)
    person.looks(live("r00"))
    assert person.desk.restless(person.clock)


def test_a_change_is_shown_for_two_looks() -> None:
    runs = rows()
    person = Person(*runs)
    person.looks(structs.replace(runs[0], notes="x"), *runs[1:])
    assert [person.desk.restless(person.clock + after) for after in (4.9, 5.1)] == [True, False]


def test_only_what_is_there_for_the_first_time_is_drawn_at_once() -> None:
    person = Person(live("r00", hparams={"max_steps": 100}))
    asked = Asked()
    told = {"r00": Told(step=10.0)}
    assert person.desk.read(asked, Found(told, {}), clock=101.0)
    assert not person.desk.read(asked, Found({"r00": Told(step=11.0)}, {}), clock=102.0)
    assert person.desk.read(asked, Found({}, {"r00": [1.0]}), clock=103.0)


def test_that_nothing_comes_any_more_is_said_after_a_while() -> None:
    person = Person(*rows(), interval=20.0)
    person.clock += 59
    assert "no look" not in person.sees()[0]
    person.clock += 2
    assert person.sees()[0].endswith("no look for 61s")
