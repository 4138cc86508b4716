"""Evidence: one folder a case, numbered files with their hash, no secret and no card number in a text."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bots.automation.evidence import Evidence, safe_name
from bots.cases.masking import mask_cards
from tests.stores import at_once


def test_files_are_numbered_and_hashed(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path)
    first, sha = evidence.save_bytes("RMA-2610-00001", "refund-before.jpg", b"\xff\xd8picture")
    second, _ = evidence.save_text("RMA-2610-00001", "mail.txt", "Größer 王")
    assert [file.name for file in (first, second)] == ["001-refund-before.jpg", "002-mail.txt"] and first.parent == tmp_path / "RMA-2610-00001"
    assert sha == hashlib.sha256(first.read_bytes()).hexdigest() and second.read_text(encoding="utf-8") == "Größer 王"
    assert Evidence(tmp_path).save_bytes("RMA-2610-00001", "next", b"")[0].name == "003-next", "a later run goes on counting"


def test_nothing_is_ever_overwritten_by_desks_that_write_at_once(tmp_path: Path) -> None:
    desks = [Evidence(tmp_path) for _ in range(8)]
    files = at_once(lambda desk: [desk.save_bytes("RMA-1", "page.jpg", b"x")[0] for _ in range(5)], desks)
    assert len({file for some in files for file in some}) == 40 == len(list((tmp_path / "RMA-1").iterdir()))


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("../../etc/passwd", "etc-passwd"),
        ("C:\\Users\\x", "C-Users-x"),
        (".hidden", "hidden"),
        ("", "file"),
        ("...", "file"),
        ("mail über 王.txt", "mail-ber-.txt"),
        ("a\0b", "a-b"),
    ],
)
def test_names_from_outside_become_plain_file_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@given(st.text(max_size=200))
def test_no_name_leaves_the_folder(name: str) -> None:
    safe = safe_name(name)
    assert safe and len(safe) <= 80 and not safe.startswith(".") and Path("folder", safe).parent == Path("folder") and "\\" not in safe


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("card 4111 1111 1111 1111 ok", "card •••• 1111 ok"),
        ("4111111111111111", "•••• 1111"),
        ("5500-0000-0000-0004.", "•••• 0004."),
        ("amex 378282246310005", "amex •••• 0005"),
        ("order 4111111111111112", "order 4111111111111112"),
        ("RMA-2610-00001, 15.10.2026", "RMA-2610-00001, 15.10.2026"),
        ("Visa •••• 4242", "Visa •••• 4242"),
    ],
)
def test_card_numbers_are_masked_by_their_check_digit(text: str, masked: str) -> None:
    assert mask_cards(text) == masked


def test_secrets_never_reach_a_text(tmp_path: Path) -> None:
    evidence = Evidence(tmp_path, redact=lambda text: text.replace("geheim-9", "***"))
    file, sha = evidence.save_text("RMA-1", "page.txt", "password geheim-9, card 4111111111111111")
    assert file.read_text(encoding="utf-8") == "password ***, card •••• 1111" and sha == hashlib.sha256(file.read_bytes()).hexdigest()
