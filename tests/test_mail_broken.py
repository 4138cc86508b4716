"""Mail that is broken on purpose: it is read as far as it goes, in bounded time, and never stops a run."""

from __future__ import annotations

import base64
import json
import quopri

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bots.workbooks.mail import read_mail

HEAD = b"From: Anna <anna@kunde.example>\r\nTo: returns@seller.example\r\nDate: Mon, 05 Oct 2026 10:00:00 +0200\r\nMessage-ID: <1@kunde.example>\r\n"


def nested(depth: int) -> bytes:
    start = b"".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d\r\n" % (level, level) for level in range(depth))
    return start + b"Content-Type: text/plain\r\n\r\ndeep\r\n"


BROKEN_MAILS = {
    "empty": b"",
    "no header": b"just words\r\nand more",
    "only nul": b"\x00" * 500,
    "random": bytes(range(256)) * 20,
    "no boundary": HEAD + b"Content-Type: multipart/mixed\r\n\r\n--x\r\n\r\ntext\r\n",
    "unclosed": HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nhalf",
    "empty multipart": HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b--\r\n",
    "broken base64": HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: base64\r\n\r\nSGFsbG8@@@gV2VsdA=\r\n!!\r\n",
    "broken qp": HEAD + b"Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\nGr=F=C3=B6=ZZ=\r\n",
    "unknown encoding": HEAD + b"Content-Transfer-Encoding: x-magic\r\n\r\ntext",
    "uuencode": HEAD + b"Content-Transfer-Encoding: x-uuencode\r\n\r\nbegin 644 x\n!!!\nend\n",
    "wild charset": HEAD + b'Content-Type: text/plain; charset="\x00\xff\'%s"\r\n\r\ntext',
    "charset star": HEAD + b"Content-Type: text/plain; charset*=utf-8''%FF%FE\r\n\r\ntext",
    "charset undefined": HEAD + b"Content-Type: text/plain; charset=undefined\r\n\r\ntext",
    "charset idna": HEAD + b"Content-Type: text/plain; charset=idna\r\n\r\n" + b"\xff" * 50,
    "charset unicode_escape": HEAD + b"Content-Type: text/plain; charset=unicode_escape\r\n\r\n\\ud800 \\x",
    "nested 15": nested(15),
    "nested 900": nested(900),
    "rfc822 of rfc822": HEAD + b"Content-Type: message/rfc822\r\n\r\n" * 60 + b"text",
    "rfc822 base64": HEAD + b"Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\nSGFsbG8=",
    "many parts": HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + b"--b\r\n\r\nx\r\n" * 1000 + b"--b--",
    "long line": HEAD + b"\r\n" + b"On " + b"a" * 500_000 + b" wrote:",
    "many header lines": b"X-A: b\r\n" * 20_000 + b"\r\ntext",
    "endless subject": HEAD + b"Subject: " + b"=?utf-8?q?a?= " * 5_000 + b"\r\n\r\nx",
    "many addresses": b"From: a@b.example\r\nTo: " + b"x@y.example, " * 20_000 + b"\r\n\r\nx",
    "nested comments": b"From: " + b"(" * 5_000 + b"a@b.example\r\n\r\nx",
    "many quotes": HEAD + b"\r\n" + b"> x\r\n" * 50_000,
    "colons": HEAD + b"\r\n" + (b"a@" * 150 + b" 1 :\r\n") * 500,
    "deep html": HEAD + b"Content-Type: text/html\r\n\r\n" + b"<div>" * 5_000 + b"deep" + b"</div>" * 5_000,
    "torn html": HEAD + b"Content-Type: text/html\r\n\r\n<p><b>Hi</p><table><tr><td>x<!-- never closed",
    "bad rfc2231": HEAD + b"Content-Type: image/png; name*0*=x'y; name*2=b; name*=%%%\r\nContent-Disposition: attachment; filename*=bad''%ZZ\r\n\r\nx",
    "bare cr": HEAD.replace(b"\r\n", b"\r") + b"\rtext",
    "bom": b"\xef\xbb\xbf" + HEAD + b"\r\ntext",
    "lone surrogates": HEAD + b"Content-Type: text/plain; charset=utf-7\r\n\r\n+2AA-",
}


@pytest.mark.parametrize("raw", BROKEN_MAILS.values(), ids=BROKEN_MAILS)
@pytest.mark.timeout(10)
def test_no_mail_is_too_broken_to_be_read(raw: bytes) -> None:
    mail = read_mail(raw)
    assert mail == read_mail(raw), "reading is the same each time"
    assert mail.message_id.startswith("<") and "\n" not in mail.subject + mail.from_name + mail.from_address
    json.dumps(mail.model_dump(mode="json", exclude={"attachments"}), ensure_ascii=False).encode()


def test_what_is_left_of_a_broken_mail_is_read() -> None:
    assert read_mail(BROKEN_MAILS["unclosed"]).text == "half"
    assert read_mail(BROKEN_MAILS["broken base64"]).text.startswith("Hallo")
    assert any("Base64" in problem for problem in read_mail(BROKEN_MAILS["broken base64"]).problems)
    assert read_mail(BROKEN_MAILS["nested 15"]).text == "deep"
    assert any("too deep" in problem or "taken apart" in problem for problem in read_mail(BROKEN_MAILS["nested 900"]).problems)
    assert read_mail(BROKEN_MAILS["torn html"]).text == "Hi\n\nx"
    assert "too many" in " ".join(read_mail(BROKEN_MAILS["many parts"]).problems)


def test_a_huge_text_is_cut_and_said_so() -> None:
    mail = read_mail(HEAD + b"\r\n" + b"wort " * 100_000)
    assert len(mail.full_text) == 200_000 and "text above 200000 characters was cut" in mail.problems


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.binary(max_size=600),
    st.sampled_from(["text/plain", "text/html", "multipart/mixed; boundary=b", "message/rfc822", "image/png"]),
    st.sampled_from(["8bit", "base64", "quoted-printable"]),
)
def test_any_bytes_in_any_part_are_read(data: bytes, kind: str, encoding: str) -> None:
    body = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(encoding, bytes)(data)
    for raw in (data, HEAD + f"Content-Type: {kind}\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n".encode() + body, b"Subject: " + data + b"\r\n\r\n"):
        mail = read_mail(raw)
        mail.model_dump_json(exclude={"attachments"})
        if kind == "image/png" and raw.startswith(HEAD) and data:
            assert b"".join(part.data for part in mail.attachments) == data
