"""What a report does not say: hparams that look like secrets, and what the user names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import cache

from msgspec import Struct, structs

from spt_cli.model import Run, Scalar, Values
from spt_cli.words.text import plural

REMOVED = "[removed]"
SECRETS = ("token", "*_token", "*password*", "*secret*", "*api_key*", "*credential*")  # keys of texts that are removed


class Redacted(Struct, frozen=True):
    """Runs that can be shown."""

    runs: tuple[Run, ...]
    sentences: tuple[str, ...]  # what was removed, sorted
    secrets: tuple[tuple[str, ...], ...]  # of each run, for `scrubbed`: texts that were removed


def redacted(runs: Sequence[Run], globs: Sequence[str] = ()) -> Redacted:
    """*runs* with `[removed]` for the hparams, and without the metrics, that are not to be shown.

    Those are texts under keys of which one of SECRETS matches any dotted part, so also what lies below one, in any
    case, `authToken` and `auth-token` as `auth_token`; and all that stands under a key that one of *globs* matches.
    Numbers such as `max_tokens` stay. What was removed of a run is also removed where it stands within its other
    texts: hparams, notes, tags, its name and its checkpoint's path. Its id and its folder stay as they are.
    """
    removed: Counter[str] = Counter()
    shown, secrets = [], []
    for run in runs:
        hparams, summary = run.hparams.decode(), run.summary.decode()
        keys = {key for key, value in hparams.items() if hidden(key, globs) or (_is_secret(key) and _is_text(value))}
        metrics = {key for key in summary if hidden(key, globs)}
        texts = {value for key in keys if isinstance(value := hparams[key], str) and _is_telling(value)}
        removed.update([f"hparam {key}" for key in keys] + [f"metric {key}" for key in metrics])
        secrets.append(tuple(sorted(texts, key=lambda text: (-len(text), text))))
        if keys or metrics:
            kept = {key: REMOVED if key in keys else _scrubbed(value, secrets[-1]) for key, value in hparams.items()}
            measured = {key: value for key, value in summary.items() if key not in metrics}
            shown.append(_scrubbed_run(run, Values.of(kept), Values.of(measured), secrets[-1]))
        else:
            shown.append(run)
    sentences = (f"{key} of {plural(count, 'run')}" for key, count in sorted(removed.items()))
    return Redacted(tuple(shown), tuple(sentences), tuple(secrets))


def hidden(name: str, globs: Iterable[str]) -> bool:
    """Whether one of *globs* names *name*, an hparam or a metric: the user does not want it shown."""
    return any(fnmatchcase(name, glob) for glob in globs)


def scrubbed(text: str, secrets: Iterable[str]) -> str:
    """*text* with `[removed]` for each of *secrets* in it."""
    for secret in secrets:
        text = text.replace(secret, REMOVED)
    return text


@cache
def _is_secret(key: str) -> bool:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key).replace("-", "_").lower()
    return any(fnmatchcase(part, pattern) for part in re.split(r"[./]", words) for pattern in SECRETS)


def _is_text(value: Scalar) -> bool:
    return isinstance(value, str) and value != ""


def _is_telling(text: str) -> bool:
    """Whether *text* can only be the secret where it stands elsewhere: no short one, no word such as `validation`."""
    return len(text) >= 8 and not text.isalpha()


def _scrubbed(value: Scalar, secrets: Sequence[str]) -> Scalar:
    return scrubbed(value, secrets) if isinstance(value, str) else value


def _scrubbed_run(run: Run, hparams: Values, summary: Values, secrets: Sequence[str]) -> Run:
    return structs.replace(
        run,
        hparams=hparams,
        summary=summary,
        display_name=scrubbed(run.display_name, secrets),
        notes=scrubbed(run.notes, secrets),
        tags=tuple(scrubbed(tag, secrets) for tag in run.tags),
        checkpoint_path=None if run.checkpoint_path is None else scrubbed(run.checkpoint_path, secrets),
    )
