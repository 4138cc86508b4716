"""The words of IMAP: what a client may say, and the pieces of a mail it may ask for (RFC 3501, section 9)."""

from __future__ import annotations

import re
from collections.abc import Iterable

SYSTEM_FLAGS = {flag.lower(): flag for flag in ("\\Seen", "\\Answered", "\\Flagged", "\\Deleted", "\\Draft")}

Token = str | bytes | list["Token"]  # an atom or quoted string; a literal; a parenthesised list


class Bad(Exception):
    """The client said something that this server does not understand."""


class No(Exception):
    """Understood, but not possible."""


def tokens(parts: list[str | bytes]) -> list[Token]:
    """The words of a command whose text pieces alternate with literals (bytes)."""
    stack: list[list[Token]] = [[]]
    for part in parts:
        if isinstance(part, bytes):
            stack[-1].append(part)
            continue
        position = 0
        while position < len(part):
            mark = part[position]
            if mark == " ":
                position += 1
            elif mark == "(":
                stack.append([])
                position += 1
            elif mark == ")":
                if len(stack) == 1:
                    raise Bad("unbalanced parenthesis")
                done = stack.pop()
                stack[-1].append(done)
                position += 1
            elif mark == '"':
                found = re.compile(r'"((?:[^"\\]|\\.)*)"').match(part, position)
                if not found:
                    raise Bad("unterminated string")
                stack[-1].append(re.sub(r"\\(.)", r"\1", found[1]))
                position = found.end()
            else:
                # A body section may hold spaces and parentheses: BODY.PEEK[HEADER.FIELDS (SUBJECT DATE)]<0.100>
                found = re.compile(r"(?:[^\s()\[\]\"]|\[[^\]]*\])+").match(part, position)
                if not found:
                    raise Bad(f"unexpected {mark!r}")
                stack[-1].append(found[0])
                position = found.end()
    if len(stack) != 1:
        raise Bad("unbalanced parenthesis")
    return stack[0]


def text(token: Token) -> str:
    if isinstance(token, bytes):
        return token.decode("utf-8", "surrogateescape")
    if isinstance(token, list):
        raise Bad("a list where a word belongs")
    return token


def numbers(spec: str, highest: int) -> list[tuple[int, int]]:
    """The ranges of a sequence set such as `1:3,7,9:*`; `*` is the highest number in use."""
    ranges = []
    for piece in spec.split(","):
        if not re.fullmatch(r"(\d+|\*)(:(\d+|\*))?", piece):
            raise Bad(f"not a sequence set: {spec}")
        ends = [highest if end == "*" else int(end) for end in piece.split(":")]
        ranges.append((min(ends), max(ends)))
    return ranges


def quoted(word: str) -> str:
    return '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"'


def compact(uids: Iterable[int]) -> str:
    return ",".join(str(uid) for uid in uids)


def header_part(raw: bytes) -> bytes:
    """The header with its closing empty line."""
    found = re.search(rb"\r?\n\r?\n", raw)
    return raw[: found.end()] if found else raw


def body_section(raw: bytes, section: str) -> bytes:
    """BODY[], BODY[HEADER], BODY[TEXT], BODY[HEADER.FIELDS (...)]."""
    section = section.upper()
    if section == "":
        return raw
    if section == "HEADER":
        return header_part(raw)
    if section == "TEXT":
        return raw[len(header_part(raw)) :]
    if found := re.fullmatch(r"HEADER\.FIELDS \(([^)]*)\)", section):
        wanted = set(found[1].split())
        fields = re.findall(rb"[^\n:]+:[^\n]*\n(?:[ \t][^\n]*\n)*", header_part(raw))
        return b"".join(field for field in fields if field.split(b":", 1)[0].strip().decode("latin-1").upper() in wanted) + b"\r\n"
    raise Bad(f"this server does not serve BODY[{section}]")


def flag_list(words: Iterable[Token]) -> list[str]:
    """System flags in their usual spelling; keywords are refused, as PERMANENTFLAGS says."""
    flags = []
    for word in words:
        known = SYSTEM_FLAGS.get(text(word).lower())
        if known is None:
            raise No(f"the flag {text(word)} cannot be kept")
        flags.append(known)
    return flags


def section_answer(item: str, raw: bytes) -> tuple[bytes, bool]:
    """One body item of a FETCH answer, and whether asking for it marks the mail as read."""
    upper = item.upper()
    if upper in ("RFC822", "RFC822.HEADER", "RFC822.TEXT"):
        part = body_section(raw, upper.removeprefix("RFC822").removeprefix("."))
        return f"{upper} {{{len(part)}}}\r\n".encode() + part, upper != "RFC822.HEADER"
    found = re.fullmatch(r"BODY(\.PEEK)?\[(.*)\](?:<(\d+)\.(\d+)>)?", item, re.IGNORECASE)
    if not found:
        raise Bad(f"this server does not serve {upper}")
    part, origin = body_section(raw, found[2]), ""
    if found[3] is not None:
        part, origin = part[int(found[3]) : int(found[3]) + int(found[4])], f"<{found[3]}>"
    return f"BODY[{found[2].upper()}]{origin} {{{len(part)}}}\r\n".encode() + part, found[1] is None
