"""Dutch evidence. See `bots.decisions.understanding.lexicon` for the notation."""

from __future__ import annotations

PATTERNS: dict[str, str] = {
    "return_request": r"""
        +terug ?(?:te )?(?:stur|zend|gev|breng|doe)\w*|retourner\w*|retour (?:stur|zend|gev|doe|breng)\w*|(?:stuur|zend|geef|breng|gaat|gaan|mag|kan|moet)\W+(?:\w+\W+){0,7}(?:terug|retour)\b
        +geld terug|terugbetal\w*|(?:mijn|het) geld|herroep\w*|terugstort\w*|restitutie|zie af van
        retourlabel|retourformulier|retour aanmelden|hoe (?:stuur|werkt|kan)|ophalen
        ~retour\b
        korting|gedeeltelijke terugbetaling
    """,
    "exchange_request": r"""
        +omruil\w*|ruil\w*|om te ruilen|vervang\w*|nasturen|nagestuurd|nalever\w*|(?:stuur|sturen|krijgen|ontvangen|hebben|opsturen)\W+(?:\w+\W+){0,5}(?:nieuw\w*|ander\w*|juiste|goede|ontbrekend\w*)|(?:nieuwe?|andere?|juiste|goede|ontbrekende)\W+(?:\w+\W+){0,3}(?:sturen|opsturen|krijgen|toesturen|ontvangen)
        +(?:een|1|n) maat(?:je)? (?:groter|kleiner)|andere maat|grotere maat|kleinere maat|in plaats daarvan
    """,
    "repair_request": r"""
        +repar\w*|herstel(?:len|d|ling)\b|gerepareerd|laten maken|gemaakt worden
    """,
    "return_status": r"""
        +waar (?:is|blijft|blijf|zit)\W+(?:\w+\W+){0,3}(?:retour\w*|teruggestuur\w*)|(?:status|stand van zaken|nieuws|update)\W+(?:\w+\W+){0,4}retour\w*
        +(?:heeft u|hebben jullie|heb je|hebt u|is)\W+(?:\w+\W+){0,6}(?:ontvangen|aangekomen|binnen(?:gekomen)?)|retour\w*\W+(?:\S+\W+){0,9}(?:aangekomen|ontvangen|binnen|verwerkt|bij (?:u|jullie)|status)
    """,
    "refund_status": r"""
        +waar (?:is|blijft|blijf)\W+(?:\w+\W+){0,3}(?:geld|terugbetaling|restitutie|centen)|wanneer\W+(?:\w+\W+){0,6}(?:geld|terugbetal\w*|teruggestort|restitutie|terug ?krijg)
        +(?:nog (?:steeds|altijd)?\W*(?:niet|geen|niks|niets)|nog steeds|niets|niks|geen)\W+(?:\w+\W+){0,6}(?:geld|terugbetal\w*|teruggestort|rekening|ontvangen|gestort|restitutie)|terugbetaling\W+(?:\w+\W+){0,6}(?:niet|nog|wacht\w*|uitblijft)|wacht\W+(?:\w+\W+){0,5}(?:geld|terugbetaling)|op mijn rekening\b(?!:)
    """,
    "cancel_return": r"""
        +(?:annuleer\w*|annuler\w*|stop\w*|vergeet|trek\w*|intrek\w*)\W+(?:\w+\W+){0,4}(?:retour\w*|aanvraag|ruil\w*|herroeping)|retour\w*\W+(?:\S+\W+){0,7}(?:annuler\w*|annuleer|zitten|intrekken|niet (?:meer )?nodig|vervallen)|laat\W+(?:\w+\W+){0,5}zitten
        +(?:ik|we|wij)\W?\s?(?:hou|houd|houden|hou'm)\b|(?:toch|liever) (?:maar )?(?:houden|behouden)|houd\W+(?:\w+\W+){0,3}toch|(?:hem|het|ze|m) (?:toch )?houden|hoef\w* (?:\w+ ){0,3}niet (?:meer )?(?:terug|te retourneren|retour)|bij nader inzien (?:\w+ ){0,4}(?:goed|tevreden)
    """,
    "provides_information": r"""
        +(?:hierbij|bijgevoegd|in de bijlage|zoals (?:gevraagd|afgesproken|verzocht)|hier (?:is|zijn|de|het|komt))\W+(?:\S+\W+){0,7}(?:foto\w*|nummer|track\w*|iban|gegevens|factuur|bewijs|adres|video|bon\b|serienummer)
        +(?:track ?(?:&|and|en) ?trace|tracking|zendingsnummer|verzendcode|trackingcode)|rekeningnummer is|bankgegevens|mijn iban|(?:heb|is)\W+(?:\w+\W+){0,6}(?:verstuurd|opgestuurd|ingeleverd|gepost|afgegeven) (?:op|bij|gisteren|vandaag)
    """,
    "complaint": r"""
        +advoca\w*|rechtbank|juridische|kort geding|consumentenbond|acm\b|geschillencommissie|aangifte|ingebrekestelling|chargeback|dispuut|paypal.?geschil|incasso|deurwaarder|rechtsbijstand|consuwijzer
        +klacht\w*|schandalig|schande|belachelijk|onacceptabel|oplicht\w*|onbeschoft|waardeloos|te gek voor woorden|leugen\w*|genegeerd|directie|beneden (?:alle|elk) peil|bespottelijk|manager
        ~derde (?:mail|keer|bericht)|nooit meer|teleurgesteld|slechte review
    """,
    "order_question": r"""
        +(?:waar (?:is|blijft)|wanneer)\W+(?:\w+\W+){0,6}(?:bestelling|bezorg\w*|lever\w*|pakket|komt|verzonden|pakje)|(?:adres|bezorgadres)\W+(?:\w+\W+){0,5}(?:wijzig\w*|verander\w*|aanpas\w*|fout|verkeerd)|(?:wijzig\w*|verander\w*)\W+(?:\w+\W+){0,4}adres|factuur\b|btw\b|leveren jullie|op voorraad|leverbaar|geschikt voor|levertijd|verzenden jullie
        +(?:annul\w*)\W+(?:\w+\W+){0,4}bestelling|bestelling\W+(?:\w+\W+){0,5}(?:annul\w*|niet|nog)|voor(?:dat)? (?:het |hij |ze )?(?:verzonden|verstuurd)|nog niet (?:aangekomen|geleverd|bezorgd|verzonden|binnen)|kortingscode|cadeau inpakken
    """,
    "other": r"""
        +automatisch (?:antwoord|bericht)|afwezig\w*|niet op kantoor|met vakantie|onbestelbaar|kon niet worden (?:bezorgd|afgeleverd)
        +nieuwsbrief|afmelden|uitschrijven|groothandel|samenwerk\w*|sollicit\w*|mijn cv\b|aanbieding (?:voor|van)|vacature|stage\b|wij bieden|leverancier|gewonnen|investering|offerte|seo\b|influencer
    """,
    "not_delivered": r"""
        +(?:nooit|niet|niks|niets)\W+(?:\w+\W+){0,3}(?:aangekomen|ontvangen|bezorgd|geleverd|gekregen)|kwijt\w*|zoek\b(?! naar)|vermist|gestolen|(?:staat|zou|volgens)\W+(?:\w+\W+){0,5}(?:bezorgd|afgeleverd|geleverd)
    """,
    "arrived_late": r"""
        +te laat|(?:dagen|weken|maanden) (?:te )?(?:laat|later|na)|vertrag\w*|verlaat|(?:kwam|gekomen|geleverd|bezorgd|aangekomen|binnen)\W+(?:\w+\W+){0,6}(?:na (?:de|het|mijn|zijn|haar)|pas|laat)|pas (?:na|gisteren|vandaag|op)|al voorbij|feest (?:is|was) (?:al )?(?:geweest|voorbij)
    """,
    "wrong_item": r"""
        +verkeerd\w* (?:artikel|product|kleur|model|gestuurd|geleverd|ontvangen|maat (?:gestuurd|geleverd|ontvangen)|bezorgd|pakket|ding|spul\w*)|het verkeerde|iets (?:heel |totaal )?anders|(?:heel|totaal) ander\w*|ander\w* (?:artikel|product|model|kleur) (?:ontvangen|gekregen|geleverd)|(?:gekregen|ontvangen|geleverd|gestuurd)\W+(?:\w+\W+){0,5}(?:in plaats van|ander\w*|verkeerd\w*)|besteld\w*\W+(?:\S+\W+){1,8}(?:gekregen|kreeg|ontvangen|ontving|geleverd)|niet wat ik (?:had |heb )?besteld|verwissel\w*|omgewisseld
    """,
    "missing_parts": r"""
        +ontbre\w*|ontbrekend\w*|mis(?:t|sen)\b|incompleet|onvolledig|niet (?:bij|meegeleverd|inbegrepen|in de doos)|zat\w* (?:\w+ ){0,4}(?:geen|niet)|zonder (?:lader|kabel|schroeven|deksel|handleiding|afstandsbediening|batterij|accessoires)|vergeten (?:erbij|mee)|maar (?:\d|twee|drie|vier|een) van|geen (?:lader|kabel|schroe\w*|handleiding|deksel)
    """,
    "damaged_in_transit": r"""
        +(?:kapot|beschadigd|gebroken|gebarsten|gedeukt|geplet|verbogen|bekrast|nat)\W+(?:\w+\W+){0,3}(?:aangekomen|geleverd|ontvangen|aan\b|bezorgd|binnen)|(?:kwam\w*|aangekomen|geleverd|ontvangen|bezorgd)\W+(?:\w+\W+){0,6}(?:kapot|beschadigd|gebroken|in stukken|gebarsten|aan diggelen|gedeukt)|(?:doos|pakket|verpakking)\W+(?:\w+\W+){0,5}(?:ingedeukt|beschadigd|geplet|gescheurd|nat|open|kapot|gehavend)
        +(?:tijdens|door|in|bij) (?:het |de )?(?:transport|verzending|bezorging|vervoer)|transportschade|bezorger\W+(?:\w+\W+){0,7}(?:vallen|gooi\w*|gegooid)|slecht verpakt|aan diggelen|in (?:duizend )?stuk(?:jes|ken)|scherven
        ~beschadigd|deuk\w*|barst\w*
    """,
    "defective": r"""
        +defect\b|kapot\b|stuk\b(?! voor)|(?:werkt|werken|doet|laadt|start|gaat|brandt|draait|reageert|sluit|verwarmt|koelt|verbindt|zuigt|print)\W+(?:\w+\W+){0,4}(?:niet|niks|niets|nauwelijks)|niet meer\W+(?:\w+\W+){0,2}(?:aan|werk\w*|opladen|lad\w*)|begeeft|begeven|storing|foutmelding|flikker\w*|knipper\w*|lekt|lekken|valt (?:steeds )?uit|slaat (?:steeds )?af|ermee (?:op|opgehouden|gestopt)|geen (?:beeld|geluid|stroom)|mankeert|gekraak|kraakt|rammelt
    """,
    "not_as_described": r"""
        +(?:niet|anders|klopt|wijk\w*|dan|geen)\W+(?:\w+\W+){0,7}(?:omschr\w*|beschr\w*|foto\w*|advertentie|site|website|beloofd|plaatje\w*|aangegeven|productpagina|vermeld)|komt niet overeen|misleidend\w*|maattabel|niet compatibel|volgens (?:de|jullie|uw) (?:beschrijving|omschrijving|site|website)|lijkt niet op|terwijl (?:er|de site)
    """,
    "size_or_fit": r"""
        +(?:te|veel te|iets te|beetje te|net te) (?:klein|groot|strak|wijd|lang|kort|krap|smal|breed|nauw|ruim)|pas(?:t|sen) (?:\w+ ){0,4}niet|val(?:t|len) (?:\w+ ){0,3}(?:klein|groot|krap|ruim)|(?:andere|grotere|kleinere|verkeerde) maat|maatje (?:groter|kleiner)|knel\w*|slobber\w*|zit niet (?:goed|lekker)|zwem er ?in|past me niet|krijg\W+(?:\w+\W+){0,3}niet dicht
    """,
    "changed_mind": r"""
        +bedacht|van gedachten|(?:niet|geen) (?:meer )?(?:nodig|mooi|leuk|zin)|(?:hoef|wil)\W+(?:\w+\W+){0,4}niet (?:meer)?|hoef niet|bevalt\W+(?:\w+\W+){0,2}niet|niet (?:mijn|onze) (?:smaak|stijl|ding)|valt tegen|niet wat ik (?:verwacht\w*|zocht|wilde|dacht|me (?:er)?van)|spijt|heb(?:ben|t)? (?:er )?al (?:een|zo)|staat me niet|past niet bij|had er meer van verwacht|herroep\w*|dubbel cadeau|toch niet|te veel besteld|voorgesteld
    """,
    "ordered_by_mistake": r"""
        +per (?:ongeluk|vergissing|abuis)|vergis\w*|verkeerd (?:besteld|geklikt|gekozen|aangeklikt)|verkeerde (?:\w+ )?besteld|dubbel besteld|twee keer besteld|2x besteld|mijn (?:zoon\w*|dochter\w*|kind)\W+(?:\w+\W+){0,6}besteld|zonder (?:mijn )?(?:toestemming|medeweten)|wilde (?:eigenlijk|maar|alleen)|bestelfout|foutje\b|oeps
    """,
    "better_price": r"""
        +goedkoper|voordeliger|(?:betere|lagere) prijs|prijs\W+(?:\w+\W+){0,3}(?:gedaald|verlaagd|omlaag|gezakt)|in de (?:aanbieding|uitverkoop)|afgeprijsd|prijsverschil|euro minder|€ minder|voor minder
    """,
    "quality_unsatisfactory": r"""
        +(?:slechte|matige|belabberde|lage|waardeloze|beroerde) (?:kwaliteit|afwerking|materiaal)|kwaliteit\W+(?:\w+\W+){0,5}(?:slecht|tegen|matig|niet|teleur\w*|belabberd|bedroevend|beneden)|slecht (?:afgewerkt|gemaakt|genaaid)|naad|naden|los(?:laten|gelaten)|laat los|pluis\w*|verkleur\w*|geeft af|stinkt|ruikt|geur\b|gekrompen|flinterdun|dun stof|doorschijnend|over de datum|verlopen|houdbaarheid|roest\w*|schimmel\w*|goedkoop (?:plastic|spul)|rommel|prut|rafel\w*|wiebel\w*
    """,
    "counterfeit": r"""
        +nep\b|namaak\w*|vervals\w*|niet (?:echt|origineel|authentiek)|imitatie|kopie\b|fake\b|geen (?:echte|originele?)|echtheid
    """,
    "safety_concern": r"""
        +gevaar\w*|brand\b(?!t)|brandgevaar\w*|vlam\w*|in brand|rook\b|rookt|roken|vonk\w*|schok\b|geëlektrocuteerd|oververhit\w*|gloeiend|gesmolten|smelt|ontploft|explod\w*|opgezwollen|bolle batterij|gewond|gesneden|allergisch\w*|uitslag|terugroep\w*|verbrand\w*|brandwond\w*|kortsluiting|verstikking\w*|heet\b
    """,
    "size_too_small": r"te (?:klein|strak|kort|krap|smal|nauw)|val(?:t|len) (?:\w+ ){0,3}(?:klein|krap)|groter\w* maat|maatje groter|knelt",
    "size_too_large": r"te (?:groot|wijd|lang|breed|ruim)|val(?:t|len) (?:\w+ ){0,3}(?:groot|ruim)|kleinere maat|maatje kleiner|slobber",
    "not_compatible": r"niet compatibel|past niet op mijn",
    "gift_unwanted": r"cadeau.{0,60}(?:al|niet|dubbel)",
    "style_colour": r"(?:kleur|stijl|stof) (?:bevalt|is niet|past|vind)",
    "withdrawal": r"herroep|herroeping\w*|ontbind\w*|bedenktijd|zie af van de koop",
    "unauthorised": r"mijn (?:zoon|dochter|kind)\W+(?:\w+\W+){0,6}besteld|zonder (?:mijn )?(?:toestemming|medeweten)",
    "badly_packed": r"slecht verpakt|zonder (?:bescherming|vulling|bubbel\w*)|verpakking (?:was )?(?:ondermaats|lachwekkend|onvoldoende)|los in de doos|geen (?:vulling|bescherming|noppenfolie)",
    "own_fault": r"mijn (?:eigen )?schuld|zelf (?:laten vallen|kapot|stuk)|laten vallen|eigen fout",
    "chart_wrong": r"maattabel",
    "expired": r"over de datum|verlopen|houdbaarheid",
    "too_few": r"maar (?:\d|twee|drie|vier|een) van|in plaats van (?:\d|twee|drie|vier|vijf|zes)",
    "refund": r"geld\b|terugbetal\w*|restitutie|terugstort\w*|teruggestort|centen",
    "keep_discount": r"gedeeltelijke terugbetaling|(?:houd|hou|houden)\W+(?:\w+\W+){0,10}(?:korting|deel|%)|korting\b",
    "store_credit": r"tegoed\w*|cadeaubon|waardebon|winkeltegoed",
    "already_sent": r"(?:teruggestuurd|geretourneerd|opgestuurd|ingeleverd|verstuurd|teruggezonden|afgegeven|retour gestuurd)",
}
NEGATION = r"(?:niet|geen|nooit|zonder|in plaats van)\W+(?:\w+\W+){0,2}$"
NEGATION_FOLLOWS = r"\W+(?:terug )?(?:hoeft|hoef ik|wil ik|heb ik) (?:\w+ )?niet"
