"""`spt serve`: the live page of the runs below a folder."""

from __future__ import annotations

import os
import socket
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Annotated

import typer

from spt_cli.choice.selection import Selection, selection
from spt_cli.commands import options, trees
from spt_cli.commands.lasting import ended_by_a_hangup, once, pause
from spt_cli.commands.output import emit, say
from spt_cli.errors import UsageError
from spt_cli.server.addresses import Place, checked_prefix, page_url, ssh_command
from spt_cli.tree.live import Live
from spt_cli.tree.roots import Root
from spt_cli.words.durations import seconds

_WHERE, _WHO = "Where it is served", "Who may do what"


def command(
    root: options.Roots = None,
    host: Annotated[
        str,
        typer.Option("--host", metavar="HOST", rich_help_panel=_WHERE, help="Listen on this address."),
    ] = "127.0.0.1",
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            metavar="PORT",
            min=0,
            max=65_535,
            rich_help_panel=_WHERE,
            help=f"And on this port; 0 chooses a free one.  [{Place().port}]",
        ),
    ] = None,
    uds: Annotated[
        str | None,
        typer.Option(
            "--uds", metavar="PATH", rich_help_panel=_WHERE, help="On a Unix socket instead, which only you can open."
        ),
    ] = None,
    root_path: Annotated[
        str,
        typer.Option(
            "--root-path", metavar="PATH", rich_help_panel=_WHERE, help="A proxy serves it below this path, as in /spt."
        ),
    ] = "",
    open_: Annotated[
        bool, typer.Option("--open", rich_help_panel=_WHERE, help="Open the page in this machine's browser.")
    ] = False,
    no_token: Annotated[
        bool, typer.Option("--no-token", rich_help_panel=_WHO, help="Whoever can connect may look and edit.")
    ] = False,
    read_only: Annotated[bool, typer.Option("--read-only", rich_help_panel=_WHO, help="Nobody edits.")] = False,
    allow_host: Annotated[
        list[str] | None,
        typer.Option(
            "--allow-host",
            metavar="NAME",
            rich_help_panel=_WHO,
            help="A proxy is reached by this name; may be repeated.",
        ),
    ] = None,
    logs_from: Annotated[
        list[str] | None,
        typer.Option(
            "--logs-from",
            metavar="DIR",
            rich_help_panel=_WHO,
            help="Show logs below DIR too; may be repeated.",
            callback=options.folders,
        ),
    ] = None,
    where: options.Where = None,
    state: options.States = None,
    tag: options.Tags = None,
    alive: options.Alive = False,
    since: options.Since = None,
    before: options.Before = None,
    interval: Annotated[
        str,
        typer.Option(
            "--interval", "--poll", metavar="TIME", rich_help_panel=options.CHOICE, help="Time between two looks."
        ),
    ] = "1s",
    stale_after: options.StaleAfter = "180s",
    quiet: options.Quiet = False,
    _debug: options.Debug = False,
) -> None:
    """Serve a live page of the runs below ROOT, and its API.

    spt serve runs

    It prints the address with a token, and goes on until Ctrl-C. `spt help serve` tells of login nodes and proxies.
    """
    from spt_cli.render.html import Served, live_files, live_page
    from spt_cli.server.addresses import names
    from spt_cli.server.app import Options, app
    from spt_cli.server.browser import opened
    from spt_cli.server.listening import is_local, listening
    from spt_cli.server.run import run
    from spt_cli.server.token import digest

    chosen = selection(where, states=state or (), tags=tag or (), alive=alive, since=since, before=before)
    place = _place(host, port, uds, root_path)
    if open_ and place.uds:
        raise UsageError("--open goes with a port: no browser opens a socket")
    hosts, logs = names(place, allow_host or ()), tuple(logs_from or ())
    pace = {"interval": pause(interval), "stale_after": seconds(stale_after)}
    roots, missing = trees.roots(root)
    labels = tuple(root.label for root in roots)
    with ended_by_a_hangup(), ExitStack() as stack:
        sockets = stack.enter_context(listening(place))
        token = _token(roots, none=no_token, local=is_local(sockets), quiet=quiet or place.uds is not None)
        url = _tell(place, sockets[0], token, quiet=quiet)
        if open_:
            stack.enter_context(opened(url))
        live = stack.enter_context(_live(roots, chosen, **pace))
        served = Served(", ".join(labels), labels, pace["stale_after"], read_only, digest(roots))
        how = Options(
            page=lambda: live_page(served),
            files=live_files,
            token=token,
            hosts=hosts,
            logs_from=logs,
            read_only=read_only,
        )
        made = app(live, how)
        run(made, sockets, prefix=place.prefix, stop=made.state.close, debug=_debug)
    raise typer.Exit(trees.exit_code((), missing))


def _place(host: str, port: int | None, uds: str | None, root_path: str) -> Place:
    if uds is not None and (port is not None or host != Place().host):
        raise UsageError("--uds goes with neither --host nor --port")
    socket_path = None if uds is None else os.path.expanduser(uds)  # noqa: PTH111 - Path raises where there is no home
    return Place(host, Place().port if port is None else port, socket_path, checked_prefix(root_path))


def _token(roots: Sequence[Root], *, none: bool, local: bool, quiet: bool) -> str | None:
    """The token that is asked for, None for none. UsageError when other machines could do without."""
    from spt_cli.server.token import token

    if none:
        if not local:
            hint = "let a proxy that knows its users reach it by --uds, or keep the token"
            raise UsageError("--no-token is for this machine alone, and --host is not", hint=hint)
        if not quiet:
            say("spt: everybody on this machine can see and edit these runs; --uds is for you alone")
        return None
    found = token(roots)
    if found.problem:
        say(f"spt: {found.problem}")
    if not local and not quiet:
        say("spt: nothing is encrypted on the way from other machines; by ssh it is (spt help serve)")
    return found.value


def _tell(place: Place, listens: socket.socket, token: str | None, *, quiet: bool) -> str:
    """Writes the address of the page to stdout, and for a person how to get there. The address comes back."""
    port = place.port if place.uds else listens.getsockname()[1]
    url = page_url(place, port, token)
    emit([url + "\n"])
    if sys.stderr and sys.stderr.isatty() and not quiet:
        say(f"     on your own machine: {ssh_command(place, port)}", "     Ctrl-C ends it")
    return url


def _live(roots: Sequence[Root], chosen: Selection, *, interval: float, stale_after: float) -> Live:
    """The runs of *roots*, of which *chosen* are shown."""
    if chosen == Selection():
        return Live(roots, interval=interval, stale_after=stale_after)
    from spt_cli.server.choosing import Choosing

    return Choosing(roots, chosen, unknown=once(say), interval=interval, stale_after=stale_after)
