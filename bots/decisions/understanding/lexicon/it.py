"""Italian evidence. See `bots.decisions.understanding.lexicon` for the notation."""

from __future__ import annotations

PATTERNS: dict[str, str] = {
    "return_request": r"""
        +(?:restitui\w*|rend(?:ere|o|erlo|erla|ervelo)\b|rimand\w*|rispedi\w*|reced\w*|recesso|resto indietro|mandar\w* indietro|spedir\w* indietro|dar\w* indietro)|(?:reso|resa) (?:e|con) rimborso|(?:fare|chiedo|effettuare|aprire) (?:un |il )?reso
        +rimbors\w*|(?:i|miei) soldi|soldi indietro|riavere (?:i |quanto)|denaro
        etichetta (?:di |per il )?reso|come (?:faccio|posso|procedo)|ritiro a domicilio|venire a ritirarl\w*
        ~reso\b
        sconto|rimborso parziale
    """,
    "exchange_request": r"""
        +(?:cambi(?:o|are|arlo|arla|arli|armelo)\b)(?! idea)|sostitu\w*|(?:inviar|mandar|spedir|manda|invia|spedi|avere|ricevere)\w*\W+(?:\w+\W+){0,5}(?:nuov[oa]|altr[oa]|giust[oa]|corrett[oa]|mancant\w*|pezzo|ricambio)
        +(?:una|la) taglia (?:in )?(?:più|meno)|altra taglia|taglia (?:più|superiore|inferiore)|al posto
    """,
    "repair_request": r"""
        +ripar\w*|aggiust\w*|sistemar\w*|centro assistenza|assistenza tecnica
    """,
    "return_status": r"""
        +dov'?\s?è\W+(?:\w+\W+){0,3}(?:reso|pacco di reso|pacco del reso)|(?:stato|notizie|novità|aggiornament\w*|a che punto)\W+(?:\w+\W+){0,4}res[oi]
        +(?:avete|vi è|è)\W+(?:\w+\W+){0,2}(?:ricevuto|arrivato)|(?:pacco|reso)\W+(?:\S+\W+){0,9}(?:arrivato|ricevuto|da voi|consegnato a voi|lavorazione|elaborat\w*)|reso (?:risulta|ancora)
    """,
    "refund_status": r"""
        +dov'?\s?è\W+(?:\w+\W+){0,3}(?:rimborso|denaro)|dove sono\W+(?:\w+\W+){0,2}soldi|quando\W+(?:\w+\W+){0,6}(?:rimbors\w*|soldi|accredit\w*)
        +(?:ancora|non|mai|nessun\w*|niente)\W+(?:\w+\W+){0,6}(?:rimbors\w*|soldi|accredit\w*|conto|bonifico)|rimbors\w*\W+(?:\w+\W+){0,6}(?:non|ancora|mai|attesa|aspett\w*|ritardo)|sul conto\W+(?:\w+\W+){0,2}(?:niente|nulla)|in attesa (?:del|di) rimborso
    """,
    "cancel_return": r"""
        +(?:annull\w*|lascia\w*|ferm\w*|scord\w*|dimentic\w*|blocc\w*)\W+(?:\w+\W+){0,4}(?:reso|richiesta|rimborso|cambio|recesso|ritiro)|reso\W+(?:\S+\W+){0,6}(?:annull\w*|non serve più)
        +(?:lo|la|li|le) (?:tengo|teniamo|terrò)\b|(?:deciso|preferisco|voglio|vorrei) (?:di )?tener\w*|tengo\b(?! il resto)|me (?:lo|la) tengo|non (?:voglio|intendo|devo|serve) più (?:restituir\w*|render\w*|il reso)|alla fine (?:\w+ ){0,4}(?:va bene|mi piace|funziona)
    """,
    "provides_information": r"""
        +(?:ecco|allego|in allegato|vi (?:mando|invio|allego|comunico)|come (?:richiesto|da richiesta|chiesto|d'accordo))\W+(?:\S+\W+){0,7}(?:foto\w*|numero|tracking|iban|dati|fattura|ricevuta|prova|indirizzo|video|coordinate|codice)
        +(?:numero|codice) (?:di )?(?:spedizione|tracking|tracciamento)|coordinate bancarie|il mio iban|(?:l'ho|pacco)\W+(?:\w+\W+){0,3}(?:spedit\w*|consegnat\w*|portat\w*) (?:il|ieri|oggi|in|al)|numero di serie è
    """,
    "complaint": r"""
        +avvocat\w*|tribunale|causa\b(?! di)|denunci\w*|querela|adiconsum|codacons|altroconsumo|associazione consumatori|diffid\w*|contestazione|chargeback|vie legali|giudice di pace|agcm
        +inaccettabile|vergogn\w*|truff\w*|ladri|scandal\w*|indecente|pessim\w*|reclamo\b|presa in giro|prendendo in giro|maleducat\w*|responsabile|schifo|mi ignorate
        ~terza (?:mail|volta|email)|mai più|delus\w*|recensione
    """,
    "order_question": r"""
        +(?:dov'?\s?è|quando)\W+(?:\w+\W+){0,6}(?:ordine|consegn\w*|sped\w*|pacco|arriv\w*)|(?:cambiare|modificare|correggere)\W+(?:\w+\W+){0,4}(?:indirizzo|consegna)|fattura\b(?! in allegato)|iva\b|spedite|in magazzino|disponibil\w*|compatibile con|tempi di consegna
        +annull\w*\W+(?:\w+\W+){0,4}ordine|prima (?:che|della) (?:parta|spedi\w*|venga)|non (?:è )?ancora (?:arrivat\w*|partit\w*|spedit\w*|consegnat\w*)|ordine\W+(?:\S+\W+){0,4}non|codice sconto|confezione regalo
    """,
    "other": r"""
        +risposta automatica|fuori (?:sede|ufficio)|sono in ferie|mancato recapito|impossibile recapitare|casella (?:di posta )?(?:è )?piena|assente
        +newsletter|disiscri\w*|cancellar\w* l'iscrizione|posizionamento|seo\b|grossist\w*|collaborazione|candidatura|curriculum|mio cv\b|offerta (?:speciale|imperdibile|commerciale)|fornitor\w*|investiment\w*|vincitore|hai vinto|preventivo|partnership|abbonati
    """,
    "not_delivered": r"""
        +(?:mai|non|niente)\W+(?:\w+\W+){0,3}(?:arrivat\w*|ricevut\w*|consegnat\w*|recapitat\w*)|(?:smarrit\w*|perso|sparito|rubato)|risulta (?:\w+ )?consegnat\w*|dato per consegnato
    """,
    "arrived_late": r"""
        +(?:troppo|molto|così) tardi|in ritardo|ritardo\b|(?:arrivat\w*|consegnat\w*|ricevut\w*)\W+(?:\w+\W+){0,6}(?:dopo|tardi|ritardo)|dopo (?:il compleanno|natale|la festa|il matrimonio|le vacanze)|(?:settimane|giorni|mesi) (?:dopo|di ritardo)|oramai|ormai è tardi
    """,
    "wrong_item": r"""
        +(?:sbagliat[oa]|errat[oa])\b(?! (?:taglia|misura) (?:ordinata))|(?:altro|diverso) (?:articolo|prodotto|modello|colore)|altra cosa|(?:arrivat\w*|ricevut\w*|mandat\w*|spedit\w*|inviat\w*)\W+(?:\w+\W+){0,5}(?:altr[oa]|invece|al posto|divers\w*|sbagliat\w*)|(?:avevo )?ordinato\W+(?:\S+\W+){1,8}(?:arrivat\w*|ricevut\w*|mandat\w*)|non è quello che (?:ho|avevo) ordinato|scambiat\w*|vi siete sbagliati
    """,
    "missing_parts": r"""
        +manca\w*|mancano|mancante|incomplet[oa]|senza (?:il |la |le |i )?(?:caricatore|cavo|viti|coperchio|istruzioni|telecomando|batteria|accessori)|non (?:c'era|c'è|c'erano|era incluso|era compres\w*)|solo (?:\w+ )?(?:\d|due|tre|quattro|un\w?) (?:su|di|dei|delle|invece)|dimenticat\w*
    """,
    "damaged_in_transit": r"""
        +(?:arrivat\w*|consegnat\w*|ricevut\w*)\W+(?:\w+\W+){0,6}(?:danneggiat\w*|rott\w*|ammaccat\w*|schiacciat\w*|in (?:mille )?pezzi|graffiat\w*|crepat\w*|bagnat\w*|frantumat\w*)|(?:scatola|pacco|imballo|cartone|confezione)\W+(?:\w+\W+){0,5}(?:schiacciat\w*|rott\w*|danneggiat\w*|apert\w*|bagnat\w*|ammaccat\w*|sfondat\w*|strappat\w*)
        +(?:nel|durante il|dal|per il) (?:trasporto|viaggio|tragitto)|corriere\W+(?:\w+\W+){0,6}(?:cader\w*|lanci\w*|butt\w*)|imballat\w* male|in frantumi|in mille pezzi
        ~danneggiat\w*|crepa\b|ammaccatur\w*
    """,
    "defective": r"""
        +difett\w*|guast\w*|(?:non|né|nè)\W+(?:\w+\W+){0,3}(?:funzion\w*|accend\w*|caric\w*|parte\b|va\b|va più|scald\w*|raffredd\w*|gira\w*|collega\w*|chiud\w*|risponde\w*|si sente|stampa|aspira)|smesso di funzionare|si spegne|si è rott\w*|rotto\b|rotta\b|è morto|lampeggia|perde acqua|messaggio di errore|rumore (?:strano|forte)|malfunzionament\w*
    """,
    "not_as_described": r"""
        +(?:non|divers\w*|nulla|niente)\W+(?:\w+\W+){0,7}(?:descri\w*|foto\w*|annunci\w*|sito|scheda|promess\w*|immagin\w*|pubblicizzat\w*)|non (?:corrisponde|conforme)|difform\w*|ingannevol\w*|guida (?:alle )?taglie|tabella (?:delle )?taglie|non (?:è )?compatibile|incompatibile|secondo la (?:descrizione|scheda)|diverso dalle
    """,
    "size_or_fit": r"""
        +(?:troppo|un po'|molto|decisamente|veramente) (?:\w+ )?(?:piccol\w*|grand\w*|strett\w*|larg\w*|lung\w*|cort\w*|corti)|(?:sta|stanno|va|vanno)\W+(?:\w+\W+){0,2}(?:strett\w*|larg\w*|piccol\w*|grand\w*|lung\w*|cort\w*|gigante|male\b|enorm\w*)|non mi (?:sta|va|stanno|vanno|entra)\b|vest(?:e|ibilità)\w*|taglia\b|stringe\w*|non ci entro|misura sbagliata
    """,
    "changed_mind": r"""
        +cambiato idea|ripens\w*|non (?:lo|la|li|le|ne) (?:voglio|ho) più|non (?:mi )?(?:serv\w*|piac\w*|convinc\w*|occorr\w*)|non ne ho (?:più )?bisogno|(?:ho|ha|aveva|ce n'è) già (?:un|uno|una)?|non è (?:come|quello che) (?:mi aspettavo|pensavo|immaginavo|volevo)|reced\w*|recesso|doppione|non si abbina|non fa per me|pentit\w*|immaginav\w*|ne ho pres[io] tropp[io]|non (?:ci )?sta bene (?:con|in)
    """,
    "ordered_by_mistake": r"""
        +per (?:errore|sbaglio)|sbagliato (?:a |ad )?(?:ordin\w*|clicc\w*|selezion\w*|io\b)|(?:ho )?(?:cliccato|ordinato|comprato|preso)\W+(?:\w+\W+){0,4}(?:sbagliat\w*|due volte|doppio|sbaglio)|ordine doppio|doppio ordine|mi[oa] figli[oa]\W+(?:\w+\W+){0,4}(?:ordin\w*|compr\w*|clicc\w*)|mi sono (?:confus\w*|sbagliat\w*)|volevo (?:ordinare|prendere|comprare)|senza accorgermene|svist[ae]|a mia insaputa
    """,
    "better_price": r"""
        +(?:più|meno) (?:economic\w*|conveniente|caro)|costa (?:di )?meno|(?:prezzo|costo)\W+(?:\w+\W+){0,2}(?:più basso|inferiore|migliore|minore|sceso|calato)|a meno (?:in|su|altrove|da)|miglior prezzo|in offerta|scontat\w*|euro in meno|€ in meno|differenza di prezzo|ribass\w*
    """,
    "quality_unsatisfactory": r"""
        +(?:scarsa|pessima|bassa|cattiva|dubbia|infima) qualità|qualità\W+(?:\w+\W+){0,5}(?:scarsa|pessima|delude\w*|bassa|non|lascia|scadente)|scadente|mal(?:e)? (?:rifinit\w*|cucit\w*|fatt\w*)|cucitur\w*|scucit\w*|scolor\w*|stinto|stinge|ristrett\w*|si (?:scolla|sfalda|sfilaccia)|puzza|odore|scadut\w*|arrugginit\w*|muffa|ammuffit\w*|trasparente|plasticaccia|robaccia|cinesata|paccottiglia|fragile|pallini
    """,
    "counterfeit": r"""
        +contraffatt\w*|contraffazione|fals[oi]\b|tarocc\w*|imitazione|non (?:è )?(?:originale|autentic\w*)|copia\b|fake\b|replica|autenticità
    """,
    "safety_concern": r"""
        +pericol\w*|fuoco|incendi\w*|prend\w* fuoco|fumo|scintill\w*|bruci\w*|scossa|folgorat\w*|surriscald\w*|sciolt\w*|esplo\w*|gonfi(?:a|ata)\b|ferit\w*|tagliat\w* (?:un|il|la)|allerg\w*|sfogo|irritazion\w*|richiamo|soffoc\w*|scotta\w*|ustion\w*
    """,
    "size_too_small": r"(?:troppo|un po'|molto|sta|stanno|va) (?:\w+ )?(?:piccol|strett|cort)|taglia (?:in )?più|più grande|stringe",
    "size_too_large": r"(?:troppo|un po'|molto|sta|stanno|va) (?:\w+ )?(?:grand|larg|lung|gigante|enorm)|taglia (?:in )?meno|più piccol",
    "not_compatible": r"non (?:è )?compatibile|incompatibile",
    "gift_unwanted": r"regalo.{0,60}(?:già|non|doppione)|doppione",
    "style_colour": r"(?:colore|stile|tessuto) non",
    "withdrawal": r"recedo|recedere|diritto di recesso|recesso|con la presente",
    "unauthorised": r"mi[oa] figli[oa]\W+(?:\w+\W+){0,4}(?:ordin|compr|clicc)|a mia insaputa",
    "badly_packed": r"imballat\w* male|imballaggio (?:insufficiente|ridicolo|inesistente|pessimo)|senza (?:protezion|imbottitura|pluriball)|nessuna protezione|sfuso nella scatola",
    "own_fault": r"colpa mia|mi è cadut|l'ho rotto io|l'ho fatto cadere|per colpa mia",
    "chart_wrong": r"guida (?:alle )?taglie|tabella (?:delle )?taglie",
    "expired": r"scadut",
    "too_few": r"solo (?:\w+ )?(?:\d|due|tre|quattro|un\w?) (?:su|di|dei|delle|invece)|invece di (?:\d|due|tre|quattro|cinque|sei)",
    "refund": r"rimbors\w*|soldi|denaro|riaccredit\w*|accredito|riavere",
    "keep_discount": r"rimborso parziale|(?:tengo|tenere|tenerl\w)\W+(?:\w+\W+){0,10}(?:sconto|riduzione|parte|%)|(?:uno|qualche) sconto",
    "store_credit": r"buono (?:acquisto|regalo|sconto|spesa)|voucher|gift card",
    "already_sent": r"(?:ho |l'ho |già )(?:rimandat|restituit|spedit|consegnat|inviat|reso)|spedito il|rimandato",
}
NEGATION = r"(?:non|senza|mai|né|invece di|nessun\w?|niente)\W+(?:\w+\W+){0,2}$"
