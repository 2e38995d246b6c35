"""What a report does not say."""

from __future__ import annotations

import pytest

from spt_cli.report.redact import REMOVED, hidden, redacted, scrubbed
from tests.made import a_run


@pytest.mark.parametrize(
    "key",
    [
        *("token", "api_token", "hf.token", "HF_TOKEN", "auth.HfToken", "auth-token", "trainer.logger.token"),
        *("password", "db_passwords.main", "my.PasswordFile", "client_secret", "secrets.0", "wandb.api_key", "apiKey"),
        *("WANDB_API_KEY", "credentials", "aws.credentials_file", "api_keys.0", "openai-api-key"),
        *("hf_token.0", "a.token.1.2", "hf_token.value", "token.of.alice", "credentials.aws.key", "env/API_KEY/0"),
    ],
)
def test_texts_under_keys_of_secrets_are_removed(key: str) -> None:
    found = redacted([a_run(hparams={key: "hunter2-hunter2", "lr": 0.1})])
    assert found.runs[0].hparams == {key: REMOVED, "lr": 0.1}
    assert found.sentences == (f"hparam {key} of 1 run",)


@pytest.mark.parametrize("key", ["max_tokens", "tokens", "tokenizer", "token_dim", "detokenize", "keys", "key", "pass"])
def test_keys_that_only_sound_like_it_stay(key: str) -> None:
    run = a_run(hparams={key: "a text"})
    assert redacted([run]).runs == (run,)


@pytest.mark.parametrize("value", [1, 0.5, True, None, ""])
def test_what_is_no_text_stays(value: float | str | None) -> None:
    run = a_run(hparams={"token": value})
    assert redacted([run]).runs[0] is run


def test_what_the_user_names_is_removed_whatever_it_is() -> None:
    run = a_run(hparams={"optim.lr": 0.1, "seed": 3}, summary={"val/acc": 0.5, "train/loss": 1.0})
    found = redacted([run], ["optim.*", "val/*"])
    assert found.runs[0].hparams == {"optim.lr": REMOVED, "seed": 3}
    assert found.runs[0].summary == {"train/loss": 1.0}
    assert found.sentences == ("hparam optim.lr of 1 run", "metric val/acc of 1 run")


def test_runs_are_counted() -> None:
    runs = [a_run(str(number), hparams={"token": f"secret-{number}"}) for number in range(3)]
    assert redacted([*runs, a_run("x")]).sentences == ("hparam token of 3 runs",)


def test_a_secret_is_removed_from_the_other_texts_of_its_run() -> None:
    secret = "hf_abcdef123456"
    run = a_run(
        "r",
        hparams={"hf_token": secret, "cmd": f"train --token {secret}", "n": 3},
        notes=f"used {secret}",
        tags=(f"t:{secret}", "b"),
        display_name=f"run {secret}",
        checkpoint_path=f"/x/{secret}/last.ckpt",
    )
    (found,) = redacted([run]).runs
    assert found.hparams == {"hf_token": REMOVED, "cmd": f"train --token {REMOVED}", "n": 3}
    assert (found.notes, found.tags, found.display_name) == (f"used {REMOVED}", (f"t:{REMOVED}", "b"), f"run {REMOVED}")
    assert found.checkpoint_path == f"/x/{REMOVED}/last.ckpt"
    assert secret not in repr(found)


@pytest.mark.parametrize("value", ["short12", "validation"])
def test_a_short_or_plain_word_is_not_looked_for_elsewhere(value: str) -> None:
    (found,) = redacted([a_run(hparams={"token": value, "split": value})]).runs
    assert found.hparams == {"token": REMOVED, "split": value}


def test_a_secret_that_holds_another_goes_whole() -> None:
    found = redacted([a_run(hparams={"token": "abc-12345", "password": "abc-12345-more"})])
    assert scrubbed("x abc-12345-more abc-12345", found.secrets[0]) == f"x {REMOVED} {REMOVED}"


def test_runs_without_secrets_are_the_same_objects() -> None:
    run = a_run(hparams={"lr": float("nan")})
    found = redacted([run])
    assert found.runs[0] is run
    assert (found.sentences, found.secrets) == ((), ((),))


def test_globs_are_those_of_a_shell() -> None:
    assert hidden("val/acc", ["val/*"])
    assert hidden("data.path", ["*.path"])
    assert not hidden("val/acc", ["VAL/*", "acc"])
