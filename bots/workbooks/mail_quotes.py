"""What the writer has written now, apart from the quoted history and the signature below it.

Patterns of Gmail, Outlook, Apple Mail, Thunderbird, QQ and NetEase in ten languages. Nothing is thrown away: what is not the reply is
handed back as the rest. Interleaved answers and answers below the quote stay in the reply.
"""

from __future__ import annotations

import re

LONGEST_ATTRIBUTION = 400
"""Characters; longer lines are never an attribution, and cost no time."""

_WROTE = [
    r"On\b.{5,300}\bwrote\s*:",
    r"Am\b.{5,300}\bschrieb\b.{0,200}:",
    r"Am\b.{5,300}\bhat\b.{0,200}\bgeschrieben\s*:",
    r".{0,200}\bschrieb am\b.{5,200}:",
    r"Le\b.{5,300}\ba écrit\s*:",
    r"El\b.{5,300}\bescribi[óo]\s*:",
    r"Il\b.{5,300}\bha scritto\s*:",
    r"Op\b.{5,300}\bschreef\b.{0,200}:",
    r"Op\b.{5,300}\bgeschreven\s*:",
    r"(?:W dniu|Dnia|(?:pon|wt|śr|sr|czw|pt|sob|niedz)\.?,?)\s.{5,300}\b(?:napisał\(a\)|napisała?|pisze).{0,200}:",
    r"Em\b.{5,300}\bescreveu\s*:",
    r"(?:在|于|於)?.{0,200}\d.{0,200}(?:写道|寫道)\s*[::]",
    r"\d{4}年\d{1,2}月\d{1,2}日.{0,300}(?:[::]|のメール[::]|wrote[::])",
    r"\d{4}/\d{1,2}/\d{1,2}.{0,300}(?:が書きました|さんは書きました)\s*[::]?",
    r"(?=.*\d).{0,250}<[^<>\s]+@[^<>\s]+>.{0,100}[::]",  # a date, an address and a colon, in whatever language
]
_ATTRIBUTION = re.compile("(?:" + "|".join(_WROTE) + r")\s*", re.IGNORECASE)
_ATTRIBUTION_START = re.compile(r"(?:On|Am|Le|El|Il|Op|W dniu|Dnia|Em|在|于|於|\d{4}[年/-])", re.IGNORECASE)

_ORIGINAL = (
    "original message|original mail|forwarded message|ursprüngliche nachricht|originalnachricht|weitergeleitete nachricht|urspr\\. nachricht|"
    "message d['\u2019]origine|message original|message transféré|mensaje original|mensaje reenviado|messaggio originale|messaggio inoltrato|"
    "oorspronkelijk bericht|doorgestuurd bericht|wiadomość oryginalna|oryginalna wiadomość|wiadomość przekazana dalej|mensagem original|"
    "原始邮件|原始郵件|原邮件|转发的邮件|转发邮件信息|元のメッセージ|転送されたメッセージ"
)
_SEPARATOR = re.compile(rf"\s*[-_=—–*]{{2,}}\s*(?:{_ORIGINAL})\s*:?\s*[-_=—–*]{{2,}}\s*", re.IGNORECASE)
_BEGIN = re.compile(
    r"(?:Begin forwarded message|Anfang der weitergeleiteten (?:Nachricht|E-Mail)|Début du message (?:réexpédié|transféré)|Inicio del mensaje reenviado|"
    r"Inizio messaggio inoltrato|Begin doorgestuurd bericht|Początek przekazanej wiadomości|开始转发的邮件|下面是被转发的邮件|転送されたメッセージ)\s*[::]\s*",
    re.IGNORECASE,
)
_SENDER = re.compile(r"[\s*]*(?:From|Von|De|Da|Van|Od|Absender|差出人|发件人|發件人|寄件者|送信者)\s*\*?\s*[::]\s*\*?\s*\S.*", re.IGNORECASE)
_FIELD = re.compile(
    r"[\s*]*(?:Sent|Gesendet|Envoyé|Enviado(?: el)?|Inviato|Verzonden|Wysłano|Date|Datum|Data|Fecha|To|An|À|Para|A|Aan|Do|Subject|Betreff|Objet|Asunto|Oggetto|"
    r"Onderwerp|Temat|送信日時|日付|宛先|件名|发送时间|发送日期|發送時間|日期|收件人|主题|主題)\s*\*?\s*[::].*",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"\s{0,3}[>>]")
_SIGNATURE = re.compile(r"--\s?|—\s?|_{2}\s?")
_MOBILE = re.compile(
    r"[\s*_(\[]*(?:Sent from (?:my|Yahoo|Outlook|Mail|Samsung|Proton)|Get Outlook for|Outlook for|Von meinem .{2,40} gesendet|"
    r"Gesendet (?:mit|von) (?:der|meinem|meiner|Outlook)|Diese Nachricht wurde von meinem|Holen Sie sich Outlook|Outlook für|"
    r"Envoyé (?:de|depuis) (?:mon|ma|Outlook)|Télécharger Outlook|Obtenez Outlook|Enviado (?:desde|do) (?:mi|meu|Outlook)|Obtener Outlook|"
    r"Inviato da(?:l mio)? |Scarica Outlook|Verzonden (?:vanaf|met|via) |Outlook voor|Wysłane? z |Pobierz (?:aplikację )?Outlook|"
    r"发自我的|來自我的|从我的.{1,20}发送|從我的.{1,20}傳送|获取 ?Outlook|iPhoneから送信|.{2,20}から送信).{0,120}",
    re.IGNORECASE,
)


def split_reply(text: str) -> tuple[str, str]:
    """(what is written now, the rest: quotes and signature), both without empty lines at their ends."""
    lines = text.split("\n")
    reply: list[str] = []
    rest: list[str] = []
    place = 0
    while place < len(lines):
        length = _attribution(lines, place)
        if length:
            following = next((line for line in lines[place + length :] if line.strip()), "")
            rest += lines[place : place + length]
            place += length
            if following and not _QUOTED.match(following):  # an unmarked quote runs to the end
                rest += lines[place:]
                break
            continue
        if _begins_history(lines, place):
            rest += lines[place:]
            break
        (rest if _QUOTED.match(lines[place]) else reply).append(lines[place])
        place += 1
    body, signature = _cut_signature(reply)
    return _joined(body), _joined([*signature, *rest] if signature else rest)


def _attribution(lines: list[str], place: int) -> int:
    """How many lines from here are an attribution such as `On Monday, Ann <a@b> wrote:` (mail programs wrap it), 0 for none."""
    first = lines[place].strip()
    if not first or len(first) > LONGEST_ATTRIBUTION or _QUOTED.match(first):
        return 0
    if first[-1] in "::" and re.search(r"\d", first) and _ATTRIBUTION.fullmatch(first):  # no attribution is without a date
        return 1
    if not (_ATTRIBUTION_START.match(first) or "@" in first):
        return 0
    joined = first
    for length, line in enumerate(lines[place + 1 : place + 4], start=2):
        part = line.strip()
        joined = f"{joined} {part}"
        if not part or len(joined) > LONGEST_ATTRIBUTION or _QUOTED.match(part):
            return 0
        if part[-1] in "::":
            return length if re.search(r"\d", joined) and _ATTRIBUTION.fullmatch(joined) else 0
    return 0


def _begins_history(lines: list[str], place: int) -> bool:
    """Whether everything from this line on is an older mail: a separator, or a block of its header fields."""
    line = lines[place]
    if len(line) > LONGEST_ATTRIBUTION:
        return False
    if _SEPARATOR.fullmatch(line) or _BEGIN.fullmatch(line.strip()):
        return True
    if re.fullmatch(r"\s*_{8,}\s*", line):
        following = [other for other in lines[place + 1 : place + 4] if other.strip()]
        return bool(following) and _SENDER.fullmatch(following[0][:LONGEST_ATTRIBUTION]) is not None
    if _SENDER.fullmatch(line):
        following = [other[:LONGEST_ATTRIBUTION] for other in lines[place + 1 : place + 9] if other.strip()][:5]
        return sum(bool(_FIELD.fullmatch(other)) for other in following) >= 2
    return False


def _cut_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """The lines before the signature, and the signature: from `-- ` on, or the mobile's advertisement at the end."""
    for place, line in enumerate(lines):
        if place and re.fullmatch(r"--\s?", line) and any(other.strip() for other in lines[:place]) and len(lines) - place <= 25:
            return lines[:place], lines[place:]
    end = len(lines)
    while end and (not lines[end - 1].strip() or (len(lines[end - 1]) < 200 and _MOBILE.fullmatch(lines[end - 1].strip()))):
        end -= 1
    kept = lines[:end]
    tail = lines[end:]
    if not any(line.strip() for line in tail):
        return lines, []
    while kept and (not kept[-1].strip() or _SIGNATURE.fullmatch(kept[-1].strip())):
        kept = kept[:-1]
    return kept, lines[len(kept) :]


def _joined(lines: list[str]) -> str:
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip("\n")
