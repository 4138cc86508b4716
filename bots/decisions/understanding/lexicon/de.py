"""German evidence. See `bots.decisions.understanding.lexicon` for the notation."""

from __future__ import annotations

PATTERNS: dict[str, str] = {
    "return_request": r"""
        +zurück ?(?:zu ?)?(?:schick|send|geb|geh|bring|nehm)\w*|zurück\b|(?:schick|send|geb)\w*\W+(?:\w+\W+){0,6}(?:zurück|retour)\b
        +(?:möchte|will|würde|kann|wollen|möchten)\W+(?:\w+\W+){0,8}(?:zurückgeben|zurückschicken|zurücksenden|retournieren|umtausch gegen geld)
        +widerruf\w*|geld (?:\w+ ){0,2}zurück|geld (?:wieder|erstatt)\w*|mein geld\b
        rücksendeetikett|retourenlabel|rücksende(?:schein|label|adresse)|retourenschein|wie (?:läuft|funktioniert|geht) die (?:rückgabe|retoure|rücksendung)|abholen lassen
        erstatt\w*|rückerstatt\w*|kaufpreis|rückabwick\w*|gutschrift|rücktritt|trete (?:ich )?vom
        +rückgabe (?:gegen|und|bitte)
        rückgabe\b
        ~retour\w*|rücksend\w*
        preisnachlass|teilerstattung|nachlass
    """,
    "exchange_request": r"""
        +umtausch\w*|umzutausch\w*|tausch\w*|ersatz(?!teil)\w*|austausch\w*|neulieferung|nachliefer\w*|nachsend\w*|nachschick\w*|schick\w*\W+(?:\w+\W+){0,4}nach\b|sende\w*\W+(?:\w+\W+){0,6}nach\b
        +(?:andere|größere|kleinere|nächste)[nrs]? (?:größe|nummer|farbe)|richtige[nrs]? (?:größe|nummer|farbe|artikel|ware|modell|teil)|(?:eine|ne) nummer (?:größer|kleiner)|stattdessen|(?:ein|n) neue[srn]?\b.{0,30}(?:schick|send|haben|bekomm|krieg)|fehlende\w* (?:teil|zubehör)\w*
        ~ersatzteil\w*
    """,
    "repair_request": r"""
        +reparier\w*|reparatur\w*|instand ?setz\w*|richten lassen|werkstatt|nachbesser\w*|wieder ganz machen
    """,
    "return_status": r"""
        +wo (?:ist|bleibt|steckt|befindet sich|hängt)\W+(?:\w+\W+){0,5}(?:retour\w*|rücksend\w*|rückpaket|zurück\w*)
        +(?:rücksend|retour|rücklief)\w*\W+(?:\w+\W+){0,12}(?:angekommen|eingetroffen|erhalten|eingegangen|da\b|stand|status|bearbeitet|geprüft|schon da)
        +(?:stand|status|neues|bearbeitung)\W+(?:\w+\W+){0,4}(?:retour\w*|rücksend\w*|rückgabe)
        +(?:bei (?:ihnen|euch)|schon)\W+(?:\w+\W+){0,3}(?:angekommen|eingetroffen|eingegangen|da\b)|haben sie (?:\w+ ){0,4}(?:erhalten|bekommen)|habt ihr (?:\w+ ){0,4}(?:erhalten|bekommen)
    """,
    "refund_status": r"""
        +wo (?:bleibt|ist|steckt)\W+(?:\w+\W+){0,3}(?:geld|erstattung|rückzahlung|rückerstattung|gutschrift|kohle|betrag)
        +wann\W+(?:\w+\W+){0,8}(?:geld|erstatt\w*|rückzahl\w*|rückerstatt\w*|gutschrift|gutgeschrieben|überwiesen)
        +(?:noch (?:immer |nicht|kein\w*|nichts)|immer noch|bisher|nichts?)\W+(?:\w+\W+){0,8}(?:geld|erstatt\w*|rückerstatt\w*|rückzahl\w*|gutgeschrieben|gutschrift|konto|überwiesen)
        +(?:geld|erstattung|rückzahlung|rückerstattung|gutschrift)\W+(?:\w+\W+){0,8}(?:noch nicht|nicht (?:da|eingegangen|erhalten|angekommen)|fehlt|ausstehend|offen|warte)|auf dem konto|warte (?:\w+ ){0,4}(?:auf )?(?:mein |das |die )?(?:geld|erstattung)
    """,
    "cancel_return": r"""
        +(?:stornier\w*|vergess\w*|abbrech\w*|zurückzieh\w*|lösch\w*|stopp\w*|hinfällig|erledigt|gegenstandslos)\W+(?:\w+\W+){0,5}(?:retour\w*|rücksend\w*|rückgabe|umtausch|widerruf|rma|abholung)
        +(?:retour\w*|rücksend\w*|rückgabe|umtausch|widerruf)\W+(?:\S+\W+){0,7}(?:stornier\w*|abbrech\w*|zurückzieh\w*|ziehe|hinfällig|erledigt|gegenstandslos|nicht mehr nötig|aufheben|canceln|löschen)
        +(?:behalte|behalten)\b(?!\W+(?:\w+\W+){0,3}nachlass)|bleibt (?:doch )?(?:hier|bei mir|da)|möchte (?:\w+ ){0,4}doch (?:behalten|nicht zurück)|(?:doch )?nicht (?:mehr )?zurück(?:schicken|geben|senden)|passt (?:nun |jetzt )?doch|geht (?:nun |jetzt )?(?:doch|wieder)
    """,
    "provides_information": r"""
        +(?:anbei|hier (?:ist|sind|kommt|kommen|die|das|der|noch|meine)|im anhang|beigefügt|wie (?:gewünscht|besprochen|angefordert|verlangt|erbeten)|nachgereicht)\W+(?:\w+\W+){0,8}(?:foto\w*|bild\w*|nummer|sendungs\w*|iban|bank\w*|konto\w*|daten|rechnung|beleg|quittung|adresse|seriennummer|nachweis|video)
        +sendungsnummer|paketnummer|trackingnummer|kontodaten|bankverbindung|meine iban|abgeschickt (?:am|habe|hab)|(?:am|gestern|heute|letzte woche)\W+(?:\w+\W+){0,6}(?:abgeschickt|aufgegeben|eingeworfen|verschickt|versendet|abgegeben)
        ~fotos? (?:anbei|im anhang)|zu ihrer frage|auf ihre frage
    """,
    "complaint": r"""
        +anwalt|anwältin|rechtsanw\w*|gericht\w*|klage\b|verklag\w*|mahnbescheid|verbraucher(?:zentrale|schutz)|käuferschutz|rückbuch\w*|anzeige\b|rechtliche schritte|chargeback|strafanzeige|letzte (?:frist|warnung|mahnung)|frist setz\w*
        +beschwer\w*|unverschämt\w*|frechheit|skandal\w*|unfassbar|betrug|betrüg\w*|abzock\w*|schäm\w*|inakzeptabel|unzumutbar|saftladen|dreist\w*|unfreundlich|katastroph\w*|vorgesetzt\w*|geschäftsleitung|unter aller
        ~zum (?:dritten|vierten|wiederholten) mal|nie wieder|enttäuscht|warteschleife|bewertung
    """,
    "order_question": r"""
        +(?:wo (?:ist|bleibt)|wann (?:kommt|kommen|wird|werden|trifft|erhalte|bekomme))\W+(?:\w+\W+){0,6}(?:bestellung|lieferung|paket|ware|geliefert|päckchen|zugestellt)
        +(?:lieferadresse|adresse|anschrift)\W+(?:\w+\W+){0,8}(?:änder\w*|falsch|korrigier\w*)|(?:änder\w*)\W+(?:\w+\W+){0,4}(?:adresse|anschrift)|rechnung\b(?!\W+anbei)|rechnungskopie|mwst|liefert ihr|liefern sie|versand nach|auf lager|lieferbar|vorrätig|kompatibel mit|passt (?:das|der|die) \w+ (?:auf|zu|für)|vor dem versand
        +bestellung\W+(?:\w+\W+){0,4}(?:stornier\w*|noch nicht)|noch nicht (?:geliefert|eingetroffen|angekommen|verschickt|versandt|versendet|raus)|storno\b|lieferstatus|lieferzeit|gutscheincode|rabattcode|als geschenk verpack\w*
    """,
    "other": r"""
        +abwesenheit\w*|nicht im (?:büro|haus|hause)|automatische (?:antwort|nachricht)|im urlaub|autoreply|unzustellbar|zustellung fehlgeschlagen|elternzeit|meine vertretung
        +newsletter|abmelden|abbestellen|katalog an|unverbindliches angebot|großhandel\w*|sonderangebot|kooperation\w*|partnerschaft|seo\b|bewerb\w*|lebenslauf|stellenanzeige|praktikum|wir bieten|hersteller\b.{0,60}angebot|gewinnspiel|gewonnen|investition|treuhand\w*|vollstreckung\w*|kontopfändung
    """,
    "not_delivered": r"""
        +(?:nie|niemals|nicht|nichts|kein paket)\W+(?:\w+\W+){0,4}(?:angekommen|eingetroffen|erhalten|bekommen|geliefert|zugestellt)|verloren ?gegangen|verschollen|(?:angeblich|als)\W+(?:\w+\W+){0,3}(?:zugestellt|geliefert|ausgeliefert)|paket (?:ist )?weg|gestohlen|nachforschung\w*
    """,
    "arrived_late": r"""
        +zu spät|(?:tage|wochen|monate) (?:zu )?(?:spät|verspätet)|verspät\w*|verzöger\w*|(?:kam|gekommen|geliefert|angekommen|eingetroffen)\W+(?:\w+\W+){0,8}(?:nach (?:dem|der)|erst)|erst nach|erst (?:gestern|heute|am)\b.{0,40}(?:gekommen|angekommen|geliefert|da)|geburtstag\W+(?:\w+\W+){0,3}(?:vorbei|verpasst|war)|lieferverzug
    """,
    "wrong_item": r"""
        +falsch\w* (?:artikel|ware|produkt|farbe|modell|größe (?:geliefert|geschickt|bekommen|erhalten)|sache|ding|teil|variante|lieferung)|falsch (?:geliefert|geschickt|verschickt)|was falsches|falschliefer\w*|(?:etwas|was|ganz|völlig|komplett) (?:ganz )?andere[sr]?\b|ander\w* (?:artikel|produkt|modell|farbe) (?:erhalten|bekommen|geliefert|geschickt|im|war)|statt(?:dessen)? (?:\w+ ){1,6}(?:bekommen|erhalten|geliefert|gekommen|geschickt|drin|kam|lag)|bestellt\W+(?:\w+\W+){1,8}(?:bekommen|geliefert|gekommen|erhalten|geschickt)\W+(?:\w+\W+){0,3}|verwechsel\w*|vertauscht
    """,
    "missing_parts": r"""
        +fehlt\b|fehlen\b|fehlte\w*|fehlend\w*|unvollständig\w*|nicht (?:dabei|beigelegt|enthalten|mitgeliefert|im (?:karton|paket))|ohne (?:ladegerät|netzteil|kabel|schrauben|deckel|zubehör|anleitung|fernbedienung|akku)|vergessen (?:beizulegen|einzupacken)|nur (?:\w+ )?(?:\d|zwei|drei|vier|fünf|ein\w*) (?:von|statt|stück|geliefert|drin)
    """,
    "damaged_in_transit": r"""
        +(?:beschädigt|kaputt|zerbrochen|zerkratzt|defekt|gebrochen|zersplittert|verbeult|nass)\W+(?:\w+\W+){0,3}(?:an(?:gekommen|\b)|geliefert|eingetroffen|kam)|(?:kam|angekommen|ankam|geliefert)\W+(?:\w+\W+){0,8}(?:beschädigt|kaputt|zerbrochen|gebrochen|zersplittert|verbeult|in scherben)
        +transportschad\w*|(?:beim|auf dem|durch den|während des) (?:transport|versand)\w*|(?:karton|paket|verpackung|schachtel)\W+(?:\w+\W+){0,5}(?:eingedrückt|beschädigt|zerdrückt|aufgerissen|durchnässt|zerfetzt|nass|offen|eingedellt)|zerbrochen|scherben|zersplittert|eingedrückt|(?:bote|fahrer|dhl|hermes|dpd|gls|ups)\W+(?:\w+\W+){0,5}(?:geworfen|fallen)|schlecht verpackt|fußball gespielt
        ~beschädigt|verbeult|riss\b|delle\w*
    """,
    "defective": r"""
        +defekt\w*|kaputt\w*|funktionier\w* (?:\w+ ){0,3}nicht|ohne funktion|geht (?:\w+ ){0,3}nicht|nicht mehr\b.{0,12}(?:geht|läuft|lädt)|(?:läuft|lädt|startet|springt|heizt|kühlt|dreht|schaltet|verbindet|reagiert|leuchtet|schließt|hält|tut|rührt|saugt|druckt)\W+(?:\w+\W+){0,4}(?:nicht|nichts|kaum|nur noch)|schaltet sich (?:\w+ ){0,3}(?:aus|ab)|(?:nicht|nichts)\W+(?:\w+\W+){0,2}(?:einschalten|laden|aufladen|starten|tut sich)|geht (?:aus|nicht an)|fehler(?:meldung|code)|flacker\w*|rausch\w*|wackelkontakt|undicht|tropft|ausgefallen|den geist aufgegeben|gewährleistung|streifen im bild|mangelhaft|macht komische geräusche
    """,
    "not_as_described": r"""
        +(?:nicht|anders|entspr\w*|stimmt|weicht|abweich\w*|als)\W+(?:\w+\W+){0,8}(?:beschr\w*|abgebildet|abbildung\w*|bilder\w*|bild\b|foto\w*|anzeige|angegeben|beworben|produktseite|angaben|angepriesen|versprochen|website|internetseite|artikelbeschreibung)|beschreibung\W+(?:\w+\W+){0,5}(?:nicht|anders|falsch|stimmt)|laut (?:beschreibung|anzeige|website|produktseite|artikel\w*)|größentabelle|maßtabelle|nicht kompatibel|inkompatibel|irreführend|auf (?:ihrer|eurer|der) (?:seite|website|homepage) (?:steht|stand|war)
    """,
    "size_or_fit": r"""
        +(?:zu|viel zu|etwas zu|bisschen zu|deutlich zu) (?:klein|groß|gross|eng|weit|lang|kurz|schmal|breit|knapp|riesig)|passt (?:\w+ ){0,5}nicht|passen (?:\w+ ){0,4}nicht|fällt (?:\w+ ){0,3}(?:klein|groß|gross|weit|eng)|(?:eine|ne) nummer (?:größer|kleiner)|(?:größere|kleinere|andere|passende) größe|drückt|zwickt|schlabber\w*|passt mir nicht|krieg\w* (?:\w+ ){0,3}nicht zu|sitzt nicht
    """,
    "changed_mind": r"""
        +anders überlegt|(?:gefällt|gefallen)\W+(?:\w+\W+){0,4}nicht|nicht (?:mehr )?(?:gebraucht|benötigt|brauch\w*|benötig\w*)|(?:brauche?|benötige?)\W+(?:\w+\W+){0,5}(?:nicht|doch nicht)|will (?:\w+ ){0,2}nicht mehr|nicht (?:mein|unser) (?:geschmack|stil|fall|ding)|sagt mir nicht zu|doch nicht\b|passt nicht (?:zu[mr]?|in)\b|nicht das,? was ich (?:wollte|erwartet|mir vorgestellt)|vorgestellt|schon (?:eine?n?s?|so) (?:\w+ )?(?:hat|habe|haben|besitzt)|doppelt geschenkt|kein bedarf|überflüssig|steht mir nicht|widerruf\w*|nicht mehr (?:haben|behalten)|zu viele?s? (?:bestellt|gekauft)|mehr (?:\w+ ){0,3}als nötig
    """,
    "ordered_by_mistake": r"""
        +versehentlich|aus versehen|irrtümlich\w*|verklickt|falsch (?:bestellt|geklickt|ausgewählt)|(?:falschen?s?|falsche größe) (?:\w+ ){0,2}bestellt|doppelt (?:bestellt|abgeschickt|geklickt)|zweimal bestellt|2x bestellt|vertippt|mein (?:sohn|kind|kater)\W+(?:\w+\W+){0,6}bestellt|ohne mein wissen|wollte (?:eigentlich|nur) (?:\w+ ){0,6}bestellen|verwählt|fehlbestellung|bestellfehler
    """,
    "better_price": r"""
        +günstiger|billiger|(?:besser|niedriger|kleiner)\w* (?:preis|angebot)|preis\w* (?:gefallen|gesenkt|gesunken|reduziert)|für weniger\b|im angebot (?:für|gesehen|um)|(?:nur|statt) (?:\w+ )?euro\b.{0,30}(?:woanders|amazon)|preisunterschied|preisgarantie|euro weniger|€ weniger
    """,
    "quality_unsatisfactory": r"""
        +(?:schlecht|mies|minderwertig|billig|mangelhaft|mäßig|furchtbar|enttäuschend)\w* (?:qualität|verarbeit\w*|material|stoff|gemacht)|qualität\W+(?:\w+\W+){0,6}(?:schlecht|mies|enttäusch\w*|nicht|mangelhaft|lässt|unter)|minderwertig\w*|schlecht verarbeitet|billig\w* (?:plastik|verarbeitet)|naht\W+(?:\w+\W+){0,4}(?:auf|gerissen|löst)|nähte|löst sich|fusselt|abgefärbt|färbt ab|stinkt|riecht (?:\w+ ){0,3}(?:nach|chemisch|stark|streng)|dünn wie|eingelaufen|verwaschen|abgelaufen|haltbarkeit|mindesthaltbarkeit\w*|mhd\b|rostet|rost\b|schimmel\w*|wackelig|ramsch|schrott|auseinander(?:gefallen|fällt)|ausgefranst
    """,
    "counterfeit": r"""
        +fälschung\w*|gefälscht|plagiat\w*|fake\b|nicht (?:echt|original|das original)|kein original|keine originalware|nachgemacht|nachahmung|raubkopie|echtheit|imitat\w*
    """,
    "safety_concern": r"""
        +gefähr\w*|lebensgefahr|brandgefahr|feuer (?:gefangen|gefährlich)|in brand|gebrannt|rauch(?:t|te|entwicklung)\b|qualm\w*|funken|stromschlag|überhitz\w*|(?:extrem|sehr|glühend) heiß|geschmolzen|schmilzt|schmort|verschmort|explodiert|aufgebläht|verletz\w*|geschnitten|allergisch\w*|ausschlag|rückruf\w*|verbrannt|verbrennung|angesengt|eine gewischt
    """,
    "size_too_small": r"zu (?:klein|eng|kurz|schmal|knapp)|(?:fällt|fallen) (?:\w+ ){0,3}(?:klein|eng)|nummer größer|größere größe|drückt|zwickt",
    "size_too_large": r"zu (?:groß|gross|weit|lang|breit|riesig)|(?:fällt|fallen) (?:\w+ ){0,3}(?:groß|gross|weit)|nummer kleiner|kleinere größe|schlabber\w*",
    "not_compatible": r"nicht kompatibel|inkompatibel|passt nicht (?:auf|an|für) (?:mein|unser)",
    "gift_unwanted": r"geschenk\w*.{0,60}(?:schon|nicht|doppelt)|doppelt geschenkt",
    "style_colour": r"(?:farbe|stil|muster|stoff) (?:gefällt|passt|steht|sagt)",
    "withdrawal": r"widerrufe\b|(?:hiermit|von meinem|mein) widerruf\w*|widerrufsrecht|trete (?:ich )?(?:hiermit )?vom (?:kauf\w*|vertrag) zurück|widerruf (?:der|meiner|des|zu[rm]?) (?:bestellung|kauf\w*|vertrag\w*)",
    "unauthorised": r"mein (?:sohn|kind)\W+(?:\w+\W+){0,6}bestellt|ohne mein wissen",
    "badly_packed": r"schlecht verpackt|ohne (?:polster\w*|füllmaterial|luftpolster)|lose im (?:karton|paket)|nicht gepolstert|verpackung war (?:ein witz|unzureichend|mangelhaft)|kein\w* polster\w*",
    "own_fault": r"(?:meine|eigene) schuld|selbst (?:schuld|kaputt|verursacht)|(?:mir|uns) (?:ist )?(?:runter|herunter|hin)gefallen|fallen (?:ge)?lassen|selbstverschuldet|draufgetreten|reingelaufen",
    "chart_wrong": r"größentabelle|maßtabelle|laut (?:ihrer|eurer) (?:tabelle|größenangabe)",
    "expired": r"abgelaufen|haltbarkeit|mhd\b",
    "too_few": r"nur (?:\w+ )?(?:\d|zwei|drei|vier|fünf|ein\w*) (?:von|statt|stück)|statt (?:\d|zwei|drei|vier|fünf|sechs)",
    "refund": r"erstatt\w*|rückerstatt\w*|geld\b|kaufpreis|rückzahlung|gutschrift|überweis\w*",
    "keep_discount": r"nachlass|preisminderung|teilerstattung|(?:behalte|behalten)\W+(?:\w+\W+){0,8}(?:rabatt|nachlass|prozent|%|euro)|rabatt\b",
    "store_credit": r"gutschein\b|einkaufsgutschein|guthaben",
    "already_sent": r"(?:zurückgeschickt|zurückgesendet|zurückgesandt|abgeschickt|aufgegeben|eingeworfen|abgegeben|retourniert|zurückgegeben)",
}
NEGATION = r"(?:nicht|kein\w*|nie|ohne|weder|statt)\W+(?:\w+\W+){0,2}$"
NEGATION_FOLLOWS = r"\W+(?:zurück )?(?:brauche?|will|möchte) ich (?:\w+ )?nicht"
