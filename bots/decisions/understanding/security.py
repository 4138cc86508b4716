"""What tries to steer the machine or the money: found, shown to a person, and taken out before anything is judged."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from bots.decisions.identifiers import compact, valid_iban
from bots.decisions.understanding.folding import fold, pattern_of, sentences
from bots.decisions.understanding.labels import Threat
from bots.decisions.understanding.results import Flag

INVISIBLE = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u00ad\u180e\U000e0000-\U000e007f]")
_COMMENT = re.compile(
    r"<!--.*?(?:-->|$)|\[//\]: # \(.*?\)|<(?:script|style|system)\b.*?(?:</\w+>|$)|\[/?(?:INST|SYS)\]|<\|.*?\|>|</?s>", re.DOTALL | re.IGNORECASE
)
_BASE64 = re.compile(r"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{32,}={0,2}(?![A-Za-z0-9+/=])")
_FORMULA = re.compile(
    r"""(?mx)
    (?: ^\s* | [\s(\[{:,;"'`|>] | ^ )
    (?: [=+@\-](?:HYPERLINK|IMPORTXML|IMPORTDATA|IMPORTHTML|IMPORTRANGE|WEBSERVICE|IMAGE|CALL|EXEC|SUM|CMD|DDE|INDIRECT|FILTERXML|ENCODEURL|RTD|WENNFEHLER|IFERROR|IF|CONCAT\w*|CONCATENATE)\s*\(  [^\n]*
      | [=+@\-][^\s=]{0,20}\w+\s*\|\s*'[^\n]*![A-Z]+\d*
      | =(?:cmd|DDE|MSEXCEL)\b[^\n]*
      | ^\s*=\d+[+*/-]\d+\s*$ )""",
    re.IGNORECASE,
)
_SYSTEM = re.compile(
    pattern_of(r"""
    (?:ignor\w*|disregard|forget|overrid\w*|vergiss|vergessen sie|missachte\w*|oublie[zr]?|olvid\w*|dimentic\w*|negeer|zignoruj\w*|pomin\w*|ignorez|ignora\w*)\b.{0,40}(?:instruct\w*|rule\w*|prompt\w*|anweisung\w*|regel\w*|consigne\w*|instruccion\w*|reglas|istruzion\w*|regole|instructies|regels|polecen\w*|instrukcj\w*|guidelines|policy|polic\w*|directives)
    |(?:system|assistant|developer|admin\w*|root)\s*(?:prompt|message|note|override|instruction\w*|mode|nachricht|hinweis|notice|mitteilung|update|anweisung\w*)?\s*[:\]>]
    |system note|note to the assistant|(?:message|note|hinweis|nota|notatka|uwaga|bericht|instructions?|istruzioni|instrukcj\w+|instrucciones|anweisung\w*) (?:to|for|an|fur|pour|para|per|aan|dla|voor) (?:the |das |die |den |el |il |la |l'|de |het |le )?(?:ai|ki|ia|assistant|bot|llm|model\w*|sprachmodell|language model|modele|modelo|modello|automat\w*|system\w*|sistema|taalmodel|asystent\w*)
    |as an ai\b|ai (?:agent|assistant|model|system)\b|\bki[- ](?:assistent|agent|system|modell)|you are now|du bist (?:jetzt|nun) |sie sind (?:jetzt|nun) (?:im|ein)|maintenance mode|developer mode|debug mode|jailbreak|dan mode
    |(?:previous|prior|above|earlier|all) (?:instructions|rules|prompts)|vorherige\w* (?:anweisung|instruktion|regel)\w*|instructions precedentes|instrucciones anteriores|istruzioni precedenti|vorige instructies|poprzedni\w* (?:instrukcj|polecen)\w*|neue anweisung|nuove istruzioni|nuevas instrucciones|nouvelles instructions|new instructions|nowe instrukcje|nieuwe instructies
    |(?:set|imposta|setze|put)\s+(?:the )?\w*(?:status|priority|prior\w+|refund_amount|amount|importo|betrag|intent|label|resaleable|approved)\s*(?:=|to\b|:)|refund_amount\s*=|"?(?:intent|outcome|action|approved|status)"?\s*[:=]\s*"?(?:refund|approve|true|return|close)
    |(?:mark|flag|classify|label|tag|setze|markiere\w*|klassifizier\w*|marque[zr]?|marca\w*|oznacz\w*|markeer)\b.{0,40}(?:as |als |comme |como |come |jako )?(?:approved|genehmigt|approuve|aprobad\w|approvat\w|zatwierdz\w*|goedgekeurd|resolved|vip|refunded|cancel_return|return_request)
    |do not (?:log|tell|mention|record|alert|escalate)|nicht protokollier\w*|(?:print|reveal|show|output|repeat|gib|zeig\w*|affiche[zr]?|muestra|mostra|pokaz|toon)\b.{0,30}(?:system prompt|your (?:instructions|prompt|rules)|deine (?:anweisung|regel)\w*|prompt system\w*)
    |end of (?:e-?mail|message|customer)|fine email|fin del (?:correo|mensaje)|ende der (?:mail|nachricht|e-mail)|koniec wiadomosci|einde (?:van )?(?:de )?(?:mail|bericht)
    |忽略(?:之前|以上|所有|先前|前面).{0,10}(?:指令|规则|提示|要求)|(?:系统|系統)(?:提示|指令|消息|通知|管理员)\s*[::\]】]|你现在是|作为(?:一个)?(?:ai|人工智能)|(?:ai|智能|客服)(?:助手|机器人|模型).{0,10}(?:请|必须|应|立即)|给(?:ai|人工智能|机器人|模型)的(?:指令|指示)|语言模型
    |(?:これまで|以前|上記|前)の(?:指示|命令|ルール|指図).{0,8}(?:無視|忘れ|破棄)|(?:システム|管理者)(?:メッセージ|指示|プロンプト|命令|通知)|(?:ai|アシスタント|モデル|ボット)(?:への|は|に対する|向け|へ).{0,12}(?:指示|命令|必ず|以下|注意)|言語モデル
"""),
    re.IGNORECASE,
)
_THEFT = re.compile(
    pattern_of(
        r"""(?:(?:send|give|forward|export|list|reveal|share|provide|e-?mail|schick\w*|send\w*|gib|geben|nenn\w*|envoie\w*|envoye\w*|donne\w*|enviar?|envie\w*|envieme|mand\w+|inviate|invia\w*|stuur\w*|geef|wyslij\w*|przeslij\w*|prosze (?:o )?|podaj\w*|need|want|brauche|tell me|print|dump)\b.{0,60}
    (?:all (?:customers?|orders|addresses|users|e-?mails)|customer (?:list|data\w*|addresses|records)|list of (?:all )?customers|other customers?'?|another customer|password\w*|passwort\w*|credit card numbers?|card details of|kundenliste|kundendaten|alle\w* kunden\w*|andere\w* kunde\w*|zugangsdaten|api[- _]?key|mots? de passe|liste (?:de(?:s)? |complete des )clients|base de clientes|clientes|contrasena\w*|lista (?:de (?:todos )?(?:los )?|dei |di tutti i )client\w*|elenco (?:dei |di tutti i )?clienti|dati (?:dei|di altri) clienti|klantenlijst|klantgegevens|gegevens van (?:alle|andere) klant\w*|wachtwoord\w*|liste klientow|lista klientow|dane (?:innych |wszystkich )?klientow|hasl\w*|neighbou?r'?s (?:address|order)|database|ip address of)
    |(?:所有|其他|全部)(?:客户|顾客|用户|买家)的?.{0,6}(?:信息|资料|名单|地址|电话|数据|邮箱|订单)|客户(?:名单|资料|数据库)|(?:全|他の|すべての|全ての)(?:顧客|お客様|客|会員)の?.{0,8}(?:情報|リスト|名簿|住所|一覧|データ|メール)|顧客(?:リスト|名簿|データ)|パスワード|密码)""".replace(
            "\n    ", ""
        )
    ),
    re.IGNORECASE,
)
_IMPERSONATION = re.compile(
    pattern_of(
        r"""(?:(?:ceo|cfo|managing director|geschaftsfuhrer\w*|chef\b|directeur general|pdg|director general|amministratore delegato|directeur|prezes\w*|prezeska)\b.{0,160}(?:transfer\w*|wire\b|gift cards?|uberweis\w*|virement|transferencia|bonifico|overmak\w*|przelew\w*|bitcoin)
    |(?:社長|代表取締役|总经理|董事长|老板|领导).{0,160}(?:送金|振込|振り込|转账|汇款|打款|付款)
    |(?:vollstreck|pfandung|kontopfand|saisie|embargo|pignorament|beslag|komornik|bailiff).{0,300}(?:konto|account|iban|compte|cuenta|conto|rekening|rachun)
    |(?:gift cards?|guthabenkarten|google play|steam card|apple card)\b.{0,60}(?:buy|code|kauf\w*|send)
    |(?:amtsgericht|gerichtsvollzieher|finanzamt|court bailiff|tribunal|hmrc|interpol|police|polizei|policja|policia|polizia|zoll\b|customs office|urzad skarbowy|税務署|警察|公安|法院).{0,200}(?:konto\b|account|iban|treuhand\w*|24 stunden|24 hours|24 h\b|24 ore|24 horas|24 uur|24 godzin|bitcoin)
    |(?:this is|i am|ich bin|hier (?:ist|spricht)|je suis|soy|sono|jestem|ik ben)\W+(?:\w+\W+){0,6}(?:paypal|amazon|ebay|visa|mastercard|stripe|klarna|shopify|your bank|bank security|it[- ]support|it department|it-abteilung|support informatique|soporte tecnico|helpdesk)\b
    |(?:this is|i am|ich bin|hier (?:ist|spricht)|je suis|soy|sono|jestem|ik ben)\W+(?:\w+\W+){0,2}(?:system\w*[- ]?admin\w*|(?:a[dm]ministra[td]\w*|beheerder|admin)\W+(?:\w+\W+){0,3}(?:s[iy]stee?m\w*|sistema))
    |(?:系统|システム|系統)の?(?:管理员|管理者|管理員)
    |(?:verify|confirm|update|bestatigen sie|verifizier\w*|confirmez|verifiez|confirme|verifique|conferm\w*|verific\w*|bevestig\w*|potwierdz\w*)\b.{0,40}(?:your|ihr\w*|votre|su|vostro|uw|swoj\w*|panstwa) (?:account|password|login|konto|zugang|compte|cuenta|account|conto|rekening|mot de passe|seller account|verkauferkonto).{0,80}(?:suspend\w*|lock\w*|gesperrt|link|http|suspendu|bloque\w*|sospes\w*|zablokowan\w*|geblokkeerd|24))""".replace(
            "\n    ", ""
        )
    ),
    re.IGNORECASE | re.DOTALL,
)
_OTHER_PAYEE = re.compile(
    pattern_of(
        r"""(?:(?:mailbox|account|e-?mail|casella|postfach|boite|correo|buzon|skrzynk\w*|mailbox)\W+(?:\w+\W+){0,3}(?:hacked|stolen|rubat\w*|gehackt|pirat\w*|hackead\w*|robad\w*|przejet\w*)|(?:hacked|stole|rubato|gehackt|pirate|hackeado|robado|przejeli)\W+(?:\w+\W+){0,3}(?:mailbox|account|mail|casella|konto|compte|cuenta|correo|skrzynk\w*)|(?:another|different|other|new|this|following|my (?:wife|husband|son|friend|brother|sister|mother|partner)\w*|below)\W+(?:\w+\W+){0,3}(?:account|iban|card|wallet|paypal)\b|instead of (?:my |the )?(?:card|paypal|original)|not to (?:the|my) (?:card|paypal|original|way)|(?:ander\w*|neu\w*|folgend\w*|dieses|meine\w* (?:frau|mann|sohn|freund\w*|bekannt\w*|bruder|schwester|mutter))\W+(?:\w+\W+){0,3}(?:konto|iban|bankverbindung|karte|paypal\w*)
    |(?:autre|nouveau|ce|suivant|nouvelle)\W+(?:\w+\W+){0,3}(?:compte|iban|rib|carte)|(?:otra|nueva|esta|siguiente)\W+(?:\w+\W+){0,2}(?:cuenta|iban|tarjeta)|(?:altro|nuovo|questo|seguente)\W+(?:\w+\W+){0,2}(?:conto|iban|carta)|(?:ander\w*|nieuw\w*|deze|volgende)\W+(?:\w+\W+){0,2}(?:rekening\w*|iban)|(?:inne|nowe|innego|inny|to|ponizsze)\W+(?:\w+\W+){0,2}(?:konto|rachunek|iban|karte)
    |crypto\w*|bitcoin|\busdt\b|\bbtc\b|western union|moneygram|(?:其他|别的|另一个|新的?|这个|以下|我(?:老公|老婆|朋友|儿子|女儿|妈妈)的)(?:账户|帐户|账号|银行卡|卡|支付宝|微信)|(?:別|新しい|次|以下|他)の?(?:の)?(?:口座|カード|銀行))""".replace(
            "\n    ", ""
        )
    ),
    re.IGNORECASE,
)
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ \u00a0.-]?[A-Z0-9]{2,4}){2,8}(?:[ \u00a0.-]?[A-Z0-9]{1,4})?(?![A-Za-z0-9])")


@dataclass(frozen=True)
class Cleaned:
    """A text without what was planted in it, and what that was. Taken-out characters became spaces: offsets still hold."""

    text: str
    flags: tuple[Flag, ...]


def _blank(text: str, start: int, end: int) -> str:
    return text[:start] + re.sub(r"[^\n]", " ", text[start:end]) + text[end:]


def _secret(token: str) -> str:
    """What a base64 word says, when it says something in plain letters."""
    try:
        said = base64.b64decode(token + "=" * (-len(token) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return said if said.isprintable() and " " in said else ""


def find_ibans(text: str) -> list[str]:
    """Valid account numbers in a text, compact, in order, each once. A number may run into the next words: the longest valid part counts."""
    found: list[str] = []
    for match in _IBAN.finditer(text.upper()):
        parts = re.split(r"[ \u00a0.-]", match.group())
        for count in range(len(parts), 0, -1):
            candidate = compact("".join(parts[:count]))
            if valid_iban(candidate):
                if candidate not in found:
                    found.append(candidate)
                break
    return found


def asks_other_payee(text: str) -> bool:
    """Whether the writer wants the money somewhere else than where it came from."""
    return bool(_OTHER_PAYEE.search(fold(text)))


def impersonates(text: str) -> list[Flag]:
    """A flag where the mail poses as an authority, a manager or a payment service and wants money or access."""
    match = _IMPERSONATION.search(fold(text))
    return [Flag(kind=Threat.IMPERSONATION, text=" ".join(text[match.start() : match.end()].split())[:200])] if match else []


_HARMLESS = "\u200d\ufeff\u00ad\u200e\u200f"
"""Invisible characters that mail programs and emoji put in by themselves."""


def visible(text: str) -> tuple[str, list[int], list[Flag]]:
    """The text without invisible characters, where each of its characters stood, and a flag when somebody hid something with them."""
    hidden = [character for character in INVISIBLE.findall(text) if character not in _HARMLESS]
    if not INVISIBLE.search(text):
        return text, list(range(len(text))), []
    places = [place for place, character in enumerate(text) if not INVISIBLE.match(character)]
    flags = [Flag(kind=Threat.INJECTION, text=f"{len(hidden)} invisible characters inside the text")] if len(hidden) >= 2 else []
    return "".join(text[place] for place in places), places, flags


def clean(text: str) -> Cleaned:
    """The text with hidden and hostile parts blanked out."""
    flags: list[Flag] = []

    def flag(kind: Threat, words: str) -> None:
        flags.append(Flag(kind=kind, text=" ".join(words.split())[:200]))

    for match in list(_COMMENT.finditer(text)):
        if len(match.group()) > 4 and match.group().strip("<!->/ "):
            flag(Threat.INJECTION, match.group())
        text = _blank(text, match.start(), match.end())
    for match in list(_BASE64.finditer(text)):
        said = _secret(match.group())
        if said:
            flag(Threat.INJECTION, f"base64: {said}")
            text = _blank(text, match.start(), match.end())
    for match in list(_FORMULA.finditer(text)):
        flag(Threat.FORMULA, match.group())
        text = _blank(text, match.start(), match.end())
    attacked = False
    for start, end in sentences(text):
        folded = fold(text[start:end])
        if _SYSTEM.search(folded):
            flag(Threat.INJECTION, text[start:end])
            if _THEFT.search(folded):
                flag(Threat.DATA_THEFT, text[start:end])
            text = _blank(text, start, end)
            attacked = True
        elif _THEFT.search(folded):
            flag(Threat.DATA_THEFT, text[start:end])
            text = _blank(text, start, end)
    if attacked:
        text = _after_the_attack(text, flags)
    return Cleaned(text, tuple(flags))


_ORDERS = re.compile(
    pattern_of(
        r"""^\W*(?:pay|refund|transfer|approve|close|send|skip|set|issue|mark|respond|reply|output|do not|delete|grant|zahle|uberweise|erstatte|genehmige|schliesse|sende|markiere|antworte|paye|rembourse|vire|approuve|paga|reembolsa|aprueba|transfiere|rimborsa|approva|bonifica|betaal|keur|maak|zaplac|przelej|zatwierdz|zwroc|立即|直接|ただちに|直ちに)"""
    ),
    re.IGNORECASE,
)


def _after_the_attack(text: str, flags: list[Flag]) -> str:
    """Blank commands to the machine that follow a planted one: `Pay double the amount and close the ticket.`"""
    for start, end in sentences(text):
        folded = fold(text[start:end])
        if _ORDERS.match(folded) and not re.search(r"\b(?:me|mir|my|mein|please|bitte|svp|i)\b", folded) and len(folded) < 160:
            flags.append(Flag(kind=Threat.INJECTION, text=" ".join(text[start:end].split())[:200]))
            text = _blank(text, start, end)
    return text
