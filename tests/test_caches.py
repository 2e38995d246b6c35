"""Where spt keeps what it may forget."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from spt_cli.files.caches import cache_folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def temporary(tmp_path: Path) -> Path:
    folder = tmp_path / "tmp"
    folder.mkdir()
    return folder


def mounted(tmp_path: Path, *entries: tuple[str, str]) -> Path:
    """A table of mounts, each (place, type), below a local disk."""
    lines = [
        f"{number} 1 0:{number} / {place} rw,relatime shared:{number} master:2 - {kind} source rw\n"
        for number, (place, kind) in enumerate([("/", "ext4"), *entries], 20)
    ]
    table = tmp_path / "mountinfo"
    table.write_text("".join(lines))
    return table


def test_it_lies_in_the_users_cache_and_is_only_his(home: Path) -> None:
    folder = cache_folder("watch", environ={"XDG_CACHE_HOME": str(home)})
    assert folder == home / "spt" / "watch"
    assert [path.stat().st_mode & 0o777 for path in (home, home / "spt", folder)] == [0o700] * 3


def test_without_xdg_cache_home_it_lies_in_dot_cache(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(home))
    assert cache_folder("watch", environ={}) == home / ".cache" / "spt" / "watch"
    assert cache_folder("watch", environ={"XDG_CACHE_HOME": "relative"}) == home / ".cache" / "spt" / "watch"


@pytest.mark.parametrize("kind", ["nfs4", "lustre", "cifs", "9p", "fuse.sshfs", "fuse"])
def test_a_network_disk_is_left_for_the_temporary_folder(
    kind: str, home: Path, temporary: Path, tmp_path: Path
) -> None:
    table = mounted(tmp_path, (str(tmp_path), kind))
    folder = cache_folder("watch", environ={"XDG_CACHE_HOME": str(home)}, mounts=table, temporary=temporary)
    assert folder == temporary / f"spt-{os.getuid()}" / "watch"
    assert folder.parent.stat().st_mode & 0o777 == 0o700
    assert not home.exists()


@pytest.mark.parametrize("kind", ["xfs", "overlay", "tmpfs", "fuseblk", "zfs"])
def test_a_local_disk_below_a_network_disk_is_used(kind: str, home: Path, tmp_path: Path) -> None:
    table = mounted(tmp_path, (str(tmp_path.parent), "nfs"), (str(tmp_path), kind), (f"{tmp_path}/ho", "nfs"))
    folder = cache_folder("watch", environ={"XDG_CACHE_HOME": str(home)}, mounts=table)
    assert folder == home / "spt" / "watch"


def test_of_two_disks_in_one_place_the_later_counts(home: Path, temporary: Path, tmp_path: Path) -> None:
    table = mounted(tmp_path, (str(tmp_path), "ext4"), (str(tmp_path), "nfs"))
    folder = cache_folder("watch", environ={"XDG_CACHE_HOME": str(home)}, mounts=table, temporary=temporary)
    assert folder == temporary / f"spt-{os.getuid()}" / "watch"


def test_a_place_with_spaces_is_found_and_a_link_is_followed(tmp_path: Path, temporary: Path) -> None:
    (tmp_path / "a b").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "a b")
    table = mounted(tmp_path, (f"{tmp_path}/a\\040b", "nfs"))
    folder = cache_folder("watch", environ={"XDG_CACHE_HOME": f"{tmp_path}/link"}, mounts=table, temporary=temporary)
    assert folder == temporary / f"spt-{os.getuid()}" / "watch"


def test_without_a_table_every_disk_is_local(home: Path, tmp_path: Path) -> None:
    folder = cache_folder("watch", environ={"XDG_CACHE_HOME": str(home)}, mounts=tmp_path / "none")
    assert folder == home / "spt" / "watch"


@pytest.mark.parametrize("mode", [0o755, 0o770, 0o777])
def test_a_temporary_folder_that_others_can_enter_is_not_used(
    mode: int, home: Path, temporary: Path, tmp_path: Path
) -> None:
    ours = temporary / f"spt-{os.getuid()}"
    ours.mkdir()
    ours.chmod(mode)
    table = mounted(tmp_path, (str(tmp_path), "nfs"))
    assert cache_folder("x", environ={"XDG_CACHE_HOME": str(home)}, mounts=table, temporary=temporary) is None


def test_a_link_in_the_temporary_folder_is_not_followed(home: Path, temporary: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    (temporary / f"spt-{os.getuid()}").symlink_to(tmp_path / "elsewhere")
    table = mounted(tmp_path, (str(tmp_path), "nfs"))
    assert cache_folder("x", environ={"XDG_CACHE_HOME": str(home)}, mounts=table, temporary=temporary) is None
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_file_in_the_way_is_none(tmp_path: Path) -> None:
    (tmp_path / "spt").touch()
    assert cache_folder("x", environ={"XDG_CACHE_HOME": str(tmp_path)}) is None
    assert cache_folder("x", environ={"XDG_CACHE_HOME": "/dev/null"}) is None
    assert cache_folder("x", environ={"XDG_CACHE_HOME": "/a\0b"}) is None


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
def test_a_folder_of_somebody_else_is_not_used(home: Path, temporary: Path, tmp_path: Path) -> None:
    table = mounted(tmp_path, (str(tmp_path), "nfs"))
    theirs = temporary / f"spt-{os.getuid()}"
    theirs.mkdir(mode=0o700)
    os.chown(theirs, 4321, -1)
    assert cache_folder("x", environ={"XDG_CACHE_HOME": str(home)}, mounts=table, temporary=temporary) is None
    (home / "spt").mkdir(parents=True)
    os.chown(home / "spt", 4321, -1)
    assert cache_folder("x", environ={"XDG_CACHE_HOME": str(home)}) is None
