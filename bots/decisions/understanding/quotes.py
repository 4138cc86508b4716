"""The writer's own words and the quoted history below them, where the mail reader has not told them apart."""

from __future__ import annotations

import re

_BEGIN = re.compile(
    r"""(?im)^[ \t]*(?:
      -{2,}\s*(?:Original\s(?:Message|Nachricht)|Urspr\w+\sNachricht|Weitergeleitete\sNachricht|Forwarded\s[Mm]essage|Message\s(?:d'origine|transféré)|Mensaje\s(?:original|reenviado)|Messaggio\s(?:originale|inoltrato)|Oorspronkelijk\sbericht|Doorgestuurd\sbericht|Wiadomość\soryginalna|Przekazana\swiadomość|元のメッセージ|転送されたメッセージ|原始邮件|转发邮件)\b.*
    | -{3,}\s*(?:原始邮件|转发邮件|元のメッセージ).*
    | _{8,}
    | (?:On|Am|Le|El|Il|Op|Dnia|W\sdniu)\s.{6,120}?(?:wrote|schrieb|a\sécrit|escribió|ha\sscritto|schreef|napisał\w*|pisze)\W*:?\s*(?:.{0,60}:)?[ \t]*$
    | .{4,80}(?:写道|のメッセージ|书き込み|さんは書きました)[::]
    | (?:Von|From|De|Da|Van|Od|发件人|差出人)\s?[::]\s.{3,120}\n\s*(?:Gesendet|Datum|Sent|Date|To|An|Envoyé|Enviado|Inviato|Verzonden|Wysłano|Fecha|Data|发送时间|送信日時|日時|À|Para|A|Aan|Do|收件人|宛先|Betreff|Subject|件名|主题)\s?[::]
    )""",
    re.VERBOSE,
)
_QUOTED_LINE = re.compile(r"^[ \t]*(?:>|>)+ ?")


def split_quote(text: str) -> tuple[str, str]:
    """The own text (at its old offsets, quoted lines blanked) and the quoted history.

    A text that consists of nothing but a forwarded mail keeps that mail as its own.
    """
    begin = _BEGIN.search(text)
    own, quoted = (text[: begin.start()], text[begin.start() :]) if begin else (text, "")
    kept, lines = [], []
    for line in own.split("\n"):
        if _QUOTED_LINE.match(line):
            lines.append(_QUOTED_LINE.sub("", line))
            kept.append(" " * len(line))
        else:
            kept.append(line)
    mine = "\n".join(kept)
    history = "\n".join([*lines, *(_QUOTED_LINE.sub("", line) for line in quoted.split("\n") if line.strip())])
    if not re.search(r"\w", mine):
        return text, ""
    return mine, history
