"""The keyring wrapper with real keyrings: the practice file and the encrypted file."""

from __future__ import annotations

import os
import stat
import sys
from pathlib import Path

import pytest

from bots.operations import secrets
from bots.operations.secrets import SecretProblem, cryptfile_key, secrets_of

SECRET = "Größe-王小明-7!"


@pytest.fixture
def practice(tmp_path: Path) -> secrets.Secrets:
    return secrets_of("practice", tmp_path)


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace whose encrypted file holds one account."""
    workspace = tmp_path_factory.mktemp("encrypted")
    secrets_of("cryptfile", workspace, {"RETURNS_SECRETS_KEY": "right key"}).set("erp/bot", SECRET)
    return workspace


def test_what_is_set_is_read_back_by_another_process_of_the_suite(practice: secrets.Secrets, tmp_path: Path) -> None:
    practice.set("erp/bot", SECRET)
    practice.set("bank/bot", "other")
    again = secrets_of("practice", tmp_path)
    assert again.get("erp/bot") == SECRET
    assert again.list() == ["bank/bot", "erp/bot"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_the_practice_file_is_its_owners_alone(practice: secrets.Secrets, tmp_path: Path) -> None:
    practice.set("erp/bot", SECRET)
    assert stat.S_IMODE((tmp_path / "secrets" / "practice-only.json").stat().st_mode) == 0o600


def test_a_missing_secret_says_what_to_type(practice: secrets.Secrets) -> None:
    with pytest.raises(SecretProblem, match="run_bot.py secrets set mail/bot"):
        practice.get("mail/bot")


@pytest.mark.parametrize(("account", "secret"), [("", "x"), (" erp", "x"), ("erp ", "x"), ("erp", "")])
def test_empty_names_and_secrets_are_refused(practice: secrets.Secrets, account: str, secret: str) -> None:
    with pytest.raises(SecretProblem):
        practice.set(account, secret)
    assert practice.list() == []


def test_a_new_secret_replaces_the_one_in_memory_too(practice: secrets.Secrets) -> None:
    practice.set("erp/bot", "first")
    assert practice.get("erp/bot") == "first"
    practice.set("erp/bot", "second")
    assert practice.get("erp/bot") == "second"


def test_a_forgotten_secret_is_gone_from_keyring_and_list(practice: secrets.Secrets, tmp_path: Path) -> None:
    practice.set("erp/bot", SECRET)
    practice.forget("erp/bot")
    assert practice.list() == []
    assert SECRET not in (tmp_path / "secrets" / "practice-only.json").read_text(encoding="utf-8")
    with pytest.raises(SecretProblem):
        practice.get("erp/bot")


def test_no_secret_in_what_is_shown_or_written_beside(practice: secrets.Secrets, tmp_path: Path) -> None:
    practice.set("erp/bot", SECRET)
    assert SECRET not in repr(practice) + practice.test() + (tmp_path / "secrets" / "practice-accounts.json").read_text(encoding="utf-8")
    assert practice.redact(f"password={SECRET}&x=1") == "password=***&x=1"


def test_the_test_reads_every_listed_account(practice: secrets.Secrets, tmp_path: Path) -> None:
    practice.set("erp/bot", SECRET)
    assert "1 accounts can be read" in practice.test()
    (tmp_path / "secrets" / "practice-only.json").unlink()
    with pytest.raises(SecretProblem, match="erp/bot"):
        practice.test()


def test_a_damaged_practice_file_is_a_sentence(practice: secrets.Secrets, tmp_path: Path) -> None:
    practice.set("erp/bot", SECRET)
    (tmp_path / "secrets" / "practice-only.json").write_text("{", encoding="utf-8")
    with pytest.raises(SecretProblem, match="damaged"):
        secrets_of("practice", tmp_path).get("erp/bot")


def test_keyring_itself_never_chooses_the_practice_keyring() -> None:
    from keyring.backend import KeyringBackend

    from bots.operations.practice_keyring import PracticeKeyring

    assert PracticeKeyring not in list(KeyringBackend.get_viable_backends())


def test_the_encrypted_file_hides_the_secret_and_is_read_once(encrypted: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = (encrypted / "secrets" / "secrets.cryptfile").read_text(encoding="utf-8")
    assert SECRET not in content
    opened = secrets_of("cryptfile", encrypted, {"RETURNS_SECRETS_KEY": "right key"})
    assert opened.get("erp/bot") == SECRET
    monkeypatch.setattr(opened, "_keyring", None)
    assert opened.get("erp/bot") == SECRET, "read again from memory: a key derivation takes over half a second"


def test_another_key_opens_nothing_and_cannot_write(encrypted: Path) -> None:
    before = (encrypted / "secrets" / "secrets.cryptfile").read_bytes()
    wrong = secrets_of("cryptfile", encrypted, {"RETURNS_SECRETS_KEY": "wrong key"})
    with pytest.raises(SecretProblem, match="another key") as problem:
        wrong.get("erp/bot")
    assert "wrong key" not in str(problem.value)
    with pytest.raises(SecretProblem, match="another key"):
        wrong.set("bank/bot", "x")
    assert (encrypted / "secrets" / "secrets.cryptfile").read_bytes() == before


def test_the_key_comes_from_a_credential_then_a_file_then_the_environment(tmp_path: Path) -> None:
    credential, file = tmp_path / "returns-secrets-key", tmp_path / "key"
    for path, key in ((credential, "from systemd\n"), (file, "from file\n")):
        path.write_text(key, encoding="utf-8")
        path.chmod(0o600)
    everything = {"CREDENTIALS_DIRECTORY": str(tmp_path), "RETURNS_SECRETS_KEY_FILE": str(file), "RETURNS_SECRETS_KEY": "from environment"}
    assert cryptfile_key(everything) == "from systemd"
    credential.unlink()
    assert cryptfile_key(everything) == "from file"
    file.unlink()
    assert cryptfile_key(everything) == "from environment"
    with pytest.raises(SecretProblem, match="RETURNS_SECRETS_KEY_FILE"):
        cryptfile_key({})


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes")
def test_a_key_that_others_may_read_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "key"
    file.write_text("k", encoding="utf-8")
    file.chmod(0o644)
    with pytest.raises(SecretProblem, match="chmod 600"):
        cryptfile_key({"RETURNS_SECRETS_KEY_FILE": str(file)})


@pytest.mark.skipif(sys.platform != "linux" or "DBUS_SESSION_BUS_ADDRESS" in os.environ, reason="only a Linux without a desktop session has no keyring")
def test_no_system_keyring_says_what_to_set(tmp_path: Path) -> None:
    with pytest.raises(SecretProblem, match="secrets: cryptfile"):
        secrets_of("system", tmp_path)
