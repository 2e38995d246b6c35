"""The token of the live page: the same after a restart, known to nobody else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from spt_cli.errors import UsageError
from spt_cli.server.token import Token, state_folder, token
from spt_cli.tree.roots import Root

ROOTS = (Root("runs", "/data/runs", "runs"),)
GIVEN = "0123456789abcdef"


@pytest.fixture
def environ(tmp_path: Path) -> dict[str, str]:
    return {"XDG_STATE_HOME": str(tmp_path / "state")}


def files(environ: dict[str, str]) -> list[Path]:
    return sorted(path for path in Path(environ["XDG_STATE_HOME"]).rglob("*") if path.is_file())


def test_a_restart_has_the_same_token(environ: dict[str, str]) -> None:
    first = token(ROOTS, environ)
    assert token(ROOTS, environ) == first
    assert first.problem is None
    assert len(first.value) == 32


def test_other_roots_have_another_token(environ: dict[str, str]) -> None:
    other = Root("runs", "/elsewhere/runs", "runs")
    assert len({token(roots, environ).value for roots in (ROOTS, (other,), (*ROOTS, other))}) == 3


def test_only_its_user_can_read_it_whatever_the_umask(environ: dict[str, str]) -> None:
    before = os.umask(0)
    try:
        token(ROOTS, environ)
    finally:
        os.umask(before)
    (file,) = files(environ)
    assert [path.stat().st_mode & 0o777 for path in (file, file.parent, file.parent.parent)] == [0o600, 0o700, 0o700]


@pytest.mark.parametrize("mode", [0o644, 0o640, 0o604])
def test_a_token_that_others_could_read_is_replaced(environ: dict[str, str], mode: int) -> None:
    old = token(ROOTS, environ).value
    (file,) = files(environ)
    file.chmod(mode)
    new = token(ROOTS, environ)
    assert new.value != old
    assert new.problem == "the token is a new one: others could read the old one"
    assert file.stat().st_mode & 0o777 == 0o600
    assert token(ROOTS, environ) == Token(new.value)


@pytest.mark.skipif(os.geteuid() != 0, reason="gives files away")
def test_a_token_that_somebody_else_wrote_is_replaced(environ: dict[str, str]) -> None:
    old = token(ROOTS, environ).value
    (file,) = files(environ)
    os.chown(file, 54_321, 54_321)
    new = token(ROOTS, environ).value
    assert new != old
    assert token(ROOTS, environ).value == new
    assert file.stat().st_uid == os.geteuid()


@pytest.mark.parametrize("content", ["", "short", "with spaces in it, but long", "x" * 500, "é" * 40])
def test_what_is_no_token_is_replaced(environ: dict[str, str], content: str) -> None:
    token(ROOTS, environ)
    (file,) = files(environ)
    file.write_text(content)
    new = token(ROOTS, environ)
    assert (len(new.value), new.problem) == (32, None)
    assert file.read_text() == f"{new.value}\n"


def test_a_link_in_its_place_is_not_followed(environ: dict[str, str], tmp_path: Path) -> None:
    token(ROOTS, environ)
    (file,) = files(environ)
    file.unlink()
    (tmp_path / "theirs").write_text(GIVEN)
    file.symlink_to(tmp_path / "theirs")
    found = token(ROOTS, environ)
    assert found.value != GIVEN
    assert found.problem == "this token ends with this process: it cannot be kept (Too many levels of symbolic links)"


def test_without_a_state_folder_it_lasts_as_long_as_the_process(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    found = token(ROOTS, {"XDG_STATE_HOME": str(tmp_path / "state")})
    assert len(found.value) == 32
    assert found.problem == "this token ends with this process: it cannot be kept (Not a directory)"


def test_the_environments_token_is_taken_and_taken_out(environ: dict[str, str]) -> None:
    """What starts later, a browser for one, does not inherit it; nothing is written."""
    environ["SPT_TOKEN"] = GIVEN
    assert token(ROOTS, environ) == Token(GIVEN)
    assert "SPT_TOKEN" not in environ
    assert not Path(environ["XDG_STATE_HOME"]).exists()


@pytest.mark.parametrize("given", ["short", "0123456789abcde", "0123456789abcdef&x=1", "0123456789 abcdef", "é" * 20])
def test_a_token_that_is_too_short_or_could_not_stand_in_a_url_is_refused(given: str, environ: dict[str, str]) -> None:
    with pytest.raises(UsageError) as raised:
        token(ROOTS, environ | {"SPT_TOKEN": given})
    assert given not in f"{raised.value} {raised.value.hint}"


def test_an_empty_variable_is_no_token(environ: dict[str, str]) -> None:
    assert len(token(ROOTS, environ | {"SPT_TOKEN": ""}).value) == 32


def test_a_relative_state_home_is_ignored_as_its_specification_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    assert state_folder("tokens", {"XDG_STATE_HOME": "state"}) == tmp_path / ".local/state/spt/tokens"


@pytest.mark.skipif(os.geteuid() != 0, reason="gives folders away")
def test_a_state_folder_of_somebody_else_is_not_used(environ: dict[str, str]) -> None:
    folder = state_folder("tokens", environ)
    os.chown(folder, 54_321, 54_321)
    with pytest.raises(PermissionError, match="belongs to somebody else"):
        state_folder("tokens", environ)
    assert "belongs to somebody else" in str(token(ROOTS, environ).problem)
