"""Polish evidence. See `bots.decisions.understanding.lexicon` for the notation."""

from __future__ import annotations

PATTERNS: dict[str, str] = {
    "return_request": r"""
        +(?:zwróci\w*|odes[łl]a\w*|oddać|oddaję|oddaje|odsył\w*|zwraca[mć]\w*|odstąpi\w*|odstępuj\w*|odda[mć])|chc\w*\W+(?:\w+\W+){0,3}zwr\w*|rezygnuj\w*
        +zwrot\w* (?:pieni\w*|kasy|koszt\w*|środk\w*|gotówk\w*|należności|kwoty|towaru|\+|i )|pieniądz\w* (?:z powrotem|proszę)|odzyskać|oddajcie|kas[ęy] z powrotem|zwrotu pieni\w*
        etykiet\w* zwrotn\w*|formularz zwrotu|jak (?:mogę|to|go|ją|je) (?:zwrócić|odesłać|oddać)|gdzie (?:odesłać|wysłać)
        ~zwrot\b|zwrotu
        rabat\w*|częściow\w* zwrot|obniżk\w*
    """,
    "exchange_request": r"""
        +wymi(?:an|eni)\w*|zamien\w*|zamian\w* na|podmian\w*|(?:przysł\w*|wysł\w*|dosł\w*|przyśl\w*|wyśl\w*|dośl\w*|otrzymać|dostać)\W+(?:\w+\W+){0,5}(?:now\w*|inn\w*|właściw\w*|brakując\w*|dobr\w*|prawidłow\w*|część)|dosła\w*|dośl\w*|dosyła\w*
        +(?:rozmiar|numer) (?:większ\w*|mniejsz\w*)|(?:większ\w*|mniejsz\w*|inn\w*) (?:rozmiar|numer)\w*
    """,
    "repair_request": r"""
        +napraw\w*|serwis\w*|zreperow\w*|naprawić
    """,
    "return_status": r"""
        +gdzie (?:jest|są|się)\W+(?:\w+\W+){0,4}(?:zwrot\w*(?! pieni| kasy)|odesłan\w*)|(?:status|co z|stan|etap\w*)\W+(?:\w+\W+){0,4}(?:zwrot\w*(?! pieni)|paczk\w* zwrot\w*|reklamacj\w*)
        +czy\W+(?:\w+\W+){0,6}(?:dotar\w*|dosz\w*|otrzym\w*|odebra\w*|przysz\w*)|(?:zwrot\w*|paczk\w*)\W+(?:\S+\W+){0,9}(?:dotar\w*|dosz\w*|otrzym\w*|odebra\w*|doręczon\w*|u was|do (?:was|państwa))
    """,
    "refund_status": r"""
        +gdzie (?:są |jest )?(?:moje |mój |moja )?(?:pieni\w*|zwrot pieni\w*|kasa|przelew)|kiedy\W+(?:\w+\W+){0,6}(?:pieni\w*|zwrot\w* (?:pieni\w*|środk\w*|kasy)|przelew\w*|kasa|kasę|środki)
        +(?:nadal|wciąż|jeszcze|dalej|nie|nic|brak)\W+(?:\w+\W+){0,6}(?:pieni\w*|zwrot\w* (?:pieni\w*|środk\w*)|przelew\w*|konci?e\w*|kas[yęa]|środk\w*)|(?:pieni\w*|zwrot\w* pieni\w*|środki|przelew)\W+(?:\w+\W+){0,6}(?:nie|brak|nadal|wciąż|czekam)|czekam na (?:pieni\w*|zwrot pieni\w*|przelew|kasę)|na koncie\W+(?:\w+\W+){0,3}(?:nic|nie|brak|pusto)
    """,
    "cancel_return": r"""
        +(?:anulow\w*|anuluj\w*|wycof\w*|odwoł\w*|zapomni\w*|cofn\w*|wstrzym\w*|zamkn\w*)\W+(?:\w+\W+){0,5}(?:zwro\w*|wymian\w*|reklamacj\w*|zgłoszen\w*|odstąpien\w*)|zwro\w*\W+(?:\S+\W+){0,6}(?:anulow\w*|anuluj\w*|nieaktualn\w*|wycof\w*|odwoł\w*|rezygnuj\w*)|rezygnuj\w* ze? (?:zwrotu|wymiany)
        +(?<!resztę )zatrzym\w*(?! reszt)|zostaje (?:u mnie|ze mną|jednak)|jednak (?:\w+ ){0,3}(?:zostaw\w*|pasuje|działa|podoba|zatrzym\w*)|zostawi[ęeam]\w*|nie (?:będę|chcę|chce) (?:już )?(?:\w+ )?(?:zwracać|zwracac|odsyłać|oddawać|zwrotu)
    """,
    "provides_information": r"""
        +(?:oto|w załączniku|załączam|przesyłam|podaję|podaje|wysyłam|zgodnie z prośbą|w odpowiedzi)\W+(?:\S+\W+){0,7}(?:zdjęci\w*|foto\w*|numer\w*|iban|kont\w*|dan\w*|faktur\w*|dowód|adres\w*|film\w*|potwierdzeni\w*|paragon\w*|list\w*)
        +numer (?:przesyłki|paczki|nadania|listu|śledzenia)|nr (?:przesyłki|paczki|nadania|listu|konta)|mój (?:iban|numer konta)|(?:nadał\w*|wysłał\w*|nadan\w*|wysłan\w*) (?:w|wczoraj|dziś|dzisiaj|\d)|numer seryjny to
    """,
    "complaint": r"""
        +prawnik\w*|adwokat\w*|sąd\w*|sądow\w*|pozew|uokik|rzecznik\w*|policj\w*|prokuratur\w*|chargeback|spór|inspekcj\w*|kroki prawne|drogę? sądową|obciążenie zwrotne
        +skarg\w*|skandal\w*|oszu\w*|złodziej\w*|kpin\w*|niedopuszczaln\w*|bezczeln\w*|żenad\w*|żenując\w*|chamstw\w*|ignor\w*|kierownik\w*|hańba|wstyd|lekceważ\w*|granda
        ~trzeci(?:a|e|ej)? (?:mail|raz|wiadomość)|nigdy więcej|rozczarow\w*|negatywn\w* opini\w*
    """,
    "order_question": r"""
        +(?:gdzie jest|kiedy)\W+(?:\w+\W+){0,6}(?:zamówieni\w*|dostaw\w*|dostarcz\w*|przyjdzie|wysłan\w*|paczka|wyśl\w*|będzie)|(?:zmien\w*|zmian\w*|popraw\w*)\W+(?:\w+\W+){0,4}(?:adres\w*|dostaw\w*)|faktur\w*(?! w załączniku)|vat\b|czy (?:wysyłacie|wysyłają|macie|mają|jest dostępn\w*|pasuje)|dostępn\w*|kompatybiln\w* z|czas dostawy|koszt wysyłki
        +anul\w*\W+(?:\w+\W+){0,3}zamówieni\w*|zamówieni\w*\W+(?:\w+\W+){0,4}(?:anul\w*|nie dotar\w*|nie przysz\w*)|przed (?:wysyłką|wysłaniem)|jeszcze nie (?:dotar\w*|przysz\w*|wysłan\w*|dosz\w*)|kod rabatowy|pakowanie na prezent
    """,
    "other": r"""
        +automatyczna odpowiedź|poza biurem|na urlopie|nieobecn\w*|nie (?:można|udało się) (?:było )?dostarczyć|niedostarczon\w*|autoresponder
        +newsletter\w*|wypis\w*|zrezygnować, kliknij|pozycjonowani\w*|seo\b|hurt\w*|współprac\w*|aplikuj\w*|aplikacj\w* na stanowisko|moje cv\b|oferuj\w*|oferta (?:specjalna|handlowa|dla)|producent\w*|inwestycj\w*|wygra\w*|praktyk\w*|ofert[ęy] cenow\w*|szkoleni\w*
    """,
    "not_delivered": r"""
        +(?:nigdy|nie|nic)\W+(?:\w+\W+){0,3}(?:dotar\w*|dosz\w*|przysz\w*|otrzyma\w*|dosta\w*|dostarczon\w*)|zagin\w*|zgubi\w*|przepad\w*|skradzion\w*|(?:status|system|kurier)\W+(?:\w+\W+){0,5}(?:doręczon\w*|dostarczon\w*)
    """,
    "arrived_late": r"""
        +(?:za|zbyt|zdecydowanie za) późno|spóźni\w*|opóźni\w*|z opóźnieniem|po (?:czasie|terminie|urodzinach|świętach|imprezie|weselu|ślubie|komunii|wakacjach)|(?:tydzień|tygodni\w*|dni|miesiąc\w*) (?:za późno|później|po|spóźnieni\w*)|dopiero (?:po|wczoraj|dziś|dzisiaj|w)
    """,
    "wrong_item": r"""
        +(?:zł[yaeą]|niewłaściw\w*|błędn\w*|nieprawidłow\w*|nie ten|nie ta|nie to) (?:towar\w*|produkt\w*|kolor\w*|model\w*|rozmiar (?:przys\w*|dosta\w*)|rzecz|przedmiot\w*|wersj\w*|artykuł\w*|przysł\w*|co zamawia\w*)|(?:przysła\w*|dosta\w*|otrzyma\w*|przysz\w*|wysła\w*)\W+(?:\w+\W+){0,5}(?:zamiast|inn[yaeą]\w*|nie to|co innego|coś innego)|zamawia\w*\W+(?:\S+\W+){1,8}(?:dosta\w*|przysz\w*|otrzyma\w*)|zupełnie inn\w*|całkiem inn\w*|coś (?:\w+ )?innego|pomyli\w*|zamiast\b
    """,
    "missing_parts": r"""
        +brak(?:uje|owało|ło)\b|brak (?!słów|działania|reakcji|odpowiedzi|kontaktu)\w+|brakując\w*|niekompletn\w*|nie ma (?:\w+ )?(?:w (?:zestawie|pudełku|paczce|kartonie))|nie było (?:\w+ )?(?:w (?:zestawie|pudełku|paczce)|ładowark\w*|kabl\w*|śrub\w*|instrukcj\w*)|bez (?:ładowarki|kabla|śrubek|śrub|pokrywki|instrukcji|pilota|baterii|zasilacza)|tylko (?:\d|dwa|dwie|trzy|cztery|jed\w+) z|zapomnieli\w*
    """,
    "damaged_in_transit": r"""
        +(?:przysz\w*|dotar\w*|dostarcz\w*|dosta\w*|przyjecha\w*|otrzyma\w*)\W+(?:\w+\W+){0,6}(?:uszkodzon\w*|rozbit\w*|pęknięt\w*|połaman\w*|zgniecion\w*|potłucz\w*|zniszczon\w*|zbit\w*|stłucz\w*|porysowan\w*|mokr\w*|wgniecion\w*|w kawałkach)|(?:karton|paczka|pudełko|opakowanie|przesyłka)\W+(?:\w+\W+){0,5}(?:zgniecion\w*|uszkodzon\w*|rozerwan\w*|podart\w*|mokr\w*|zmiażdż\w*|rozdart\w*|otwart\w*)
        +(?:w|podczas|w czasie|przez) transpor\w*|transporcie|kurier\W+(?:\w+\W+){0,6}(?:rzuc\w*|upuści\w*)|źle zapakowan\w*|rozbit\w*|stłucz\w*|potłucz\w*|w drobny mak
        ~uszkodzon\w*(?! fabrycznie)|pęknięt\w*|wgniecen\w*
    """,
    "defective": r"""
        +wadliw\w*|wad[aęy]\b|zepsu\w*|uszkodzon\w* fabrycznie|nie (?:\w+ )?(?:działa\w*|włącza\w*|ładuj\w*|uruchami\w*|świeci\w*|grzeje|chłodzi|reaguj\w*|łączy|kręci\w*|odpala\w*|trzyma|domyka\w*|drukuje|odkurza)|przesta\w* (?:działać|grać|świecić|ładować|\w+ać)|padł\w*|usterk\w*|awari\w*|popsu\w*|wyłącza się|migocze|mruga|cieknie|przecieka|trzeszczy|szumi|błąd\b|rękojmi\w*|nie włączyło
    """,
    "not_as_described": r"""
        +(?:nie|inacz\w*|inn\w*|różni\w*|odbieg\w*)\W+(?:\w+\W+){0,7}(?:opis\w*|zdjęci\w*|ogłosz\w*|stron\w*|obiec\w*|aukcj\w*|oferc\w*|ofert\w*|specyfikacj\w*)|niezgodn\w*|wprowadza\w* w błąd|tabel\w* rozmiar\w*|nie(?:jest)? kompatybiln\w*|niekompatybiln\w*|według (?:opisu|strony)|w opisie (?:było|jest|stało)
    """,
    "size_or_fit": r"""
        +(?:za|zbyt|trochę za|dużo za|o wiele za|sporo za) (?:mał(?!o)\w*|duż(?!o)\w*|ciasn\w*|luźn\w*|dług\w*|krótk\w*|wąsk\w*|szerok\w*|obcisł\w*)|nie pasuj\w*|rozmiar\w*\W+(?:\w+\W+){0,3}(?:za|zbyt|nie|zły|inny)|(?:większ\w*|mniejsz\w*|inn\w*|zły) rozmiar|zaniżon\w*|zawyżon\w*|uwiera\w*|cisn\w*|obciera\w*|wisi na mnie|nie mieszcz\w*|nie dopina\w*|dopiąć|pije\b
    """,
    "changed_mind": r"""
        +(?:zmieni\w*|zmiana) zdani\w*|rozmyśli\w*|rezygnuj\w*|(?:już |mi )?(?:nie ?potrzebn\w*|nie potrzebuj\w*)|nie (?:są|jest)? ?(?:mi )?(?:już )?potrzebn\w*|nie (?:chc\w*|podoba\w*|przypad\w*)|odstępuj\w*|odstąpieni\w*|mam już|już (?:mam|ma|mamy|taki)|nie tego (?:się )?(?:oczekiw\w*|spodziewa\w*|chcia\w*)|nie w (?:moim|naszym) (?:guście|stylu)|nie pasuje do|żałuj\w*|wyobraża\w*|zamówi\w* za dużo|więcej niż|dubl\w*|nietrafion\w*
    """,
    "ordered_by_mistake": r"""
        +(?:przez|omyłk\w*) ?(?:pomyłk\w*|przypad\w*|nieuwag\w*)|pomyłkow\w*|omyłkow\w*|przypadk(?:iem|owo)|kliknę?[łl]\w*\W+(?:\w+\W+){0,4}(?:nie|dwa razy|źle)|źle (?:zamówi\w*|kliknę\w*|wybra\w*|zaznacz\w*)|(?:zamówi\w*|kupi\w*)\W+(?:\w+\W+){0,4}(?:dwa razy|podwójnie|dwukrotnie|nie to|zły|złą|niechcący)|niechcący|moje dziecko|(?:syn|córka)\W+(?:\w+\W+){0,4}(?:zamówi\w*|kupi\w*)|bez mojej (?:wiedzy|zgody)|pomyliłe?a?m|miał\w* być
    """,
    "better_price": r"""
        +ta(?:niej|ńsz\w*)|(?:lepsz|niższ)\w* (?:cen\w*|ofert\w*)|cena (?:spadła|jest niższa|niższa)|obniż\w* cen\w*|w promocji|przecen\w*|różnic\w* w cenie|za mniej|zł mniej
    """,
    "quality_unsatisfactory": r"""
        +(?:słab\w*|kiepsk\w*|marn\w*|zł\w*|fataln\w*|nisk\w*|beznadziejn\w*|tragiczn\w*) (?:\w+ )?(?:jakoś\w*|wykonan\w*|materiał\w*)|jakość\W+(?:\w+\W+){0,5}(?:słaba|kiepska|fatalna|tragiczna|nie|rozczar\w*|pozostawia|poniżej)|jakości\b|tandet\w*|badziew\w*|źle (?:wykonan\w*|uszyt\w*|wykończon\w*)|szw\w*|pruj\w*|odkleja\w*|odpad\w*|farbuj\w*|skurczy\w*|zbiegł\w*|mechaci\w*|śmierdz\w*|zapach\w*|cuchn\w*|przetermin\w*|termin\w* (?:ważności|przydatności)|rdz\w*|zardzewia\w*|pleśń|spleśnia\w*|prześwituj\w*|rozpad\w*|rozlat\w*|lichy|licha
    """,
    "counterfeit": r"""
        +podróbk\w*|podrób\w*|podrabian\w*|fałszyw\w*|nieoryginaln\w*|nie (?:jest |są )?(?:oryginaln\w*|orygin\w*|autentyczn\w*)|imitacj\w*|falsyfikat\w*|replika|fejk\w*|autentyczno\w*
    """,
    "safety_concern": r"""
        +niebezpieczn\w*|zagroż\w*|pożar\w*|zapali\w*|ogień|ogni\w*|dym\w*|iskr\w*|porazi\w*|porażeni\w*|prąd\w*|kopn\w*|przegrz\w*|parzy|oparz\w*|stopi\w*|topi się|wybuch\w*|spuchnię\w*|napuch\w*|zrani\w*|skaleczy\w*|alergi\w*|uczul\w*|wysypk\w*|wycofan\w* (?:z|produkt)|zwarci\w*|spali\w*|zadławi\w*|gorąc\w*
    """,
    "size_too_small": r"(?:za|zbyt|o wiele za|trochę za) (?:mał|ciasn|krótk|wąsk|obcisł)|większ\w* rozmiar|rozmiar większ|zaniżon",
    "size_too_large": r"(?:za|zbyt|o wiele za|trochę za) (?:duż(?!o)|luźn|dług|szerok)|mniejsz\w* rozmiar|rozmiar mniejsz|zawyżon|wisi na mnie",
    "not_compatible": r"niekompatybiln|nie (?:jest )?kompatybiln|nie pasuje do (?:mojego|mojej)",
    "gift_unwanted": r"prezent.{0,60}(?:już|nie|dubl)",
    "style_colour": r"(?:kolor|styl|materiał) (?:mi )?(?:nie|się nie)",
    "withdrawal": r"odstępuj|odstąpi\w* od umowy|odstąpienie|odstąpienia",
    "unauthorised": r"(?:syn|córka|dziecko)\W+(?:\w+\W+){0,4}(?:zamówi|kupi)|bez mojej (?:wiedzy|zgody)",
    "badly_packed": r"źle zapakowan|fatalnie zapakowan|bez (?:zabezpieczeni\w*|wypełnieni\w*|folii)|opakowanie (?:żadne|fatalne)|luzem w (?:kartonie|pudełku)|żadnego (?:zabezpieczenia|wypełnienia)",
    "own_fault": r"(?:moja|z mojej) win[ay]|upuści[łl]|sam\w? (?:zepsu|uszkodzi|rozbi)|spad[łl]\w* mi",
    "chart_wrong": r"tabel\w* rozmiar",
    "expired": r"przetermin|termin\w* (?:ważności|przydatności)",
    "too_few": r"tylko (?:\d|dwa|dwie|trzy|cztery|jed\w+) z|zamiast (?:\d|dwóch|trzech|czterech|pięciu|sześciu)",
    "refund": r"pieni\w*|zwrot\w* (?:kasy|środk\w*|kosztów|należności|kwoty)|kas[ęya]\b|przelew|oddajcie",
    "keep_discount": r"częściow\w* zwrot|(?:zatrzym\w*|zostawi\w*)\W+(?:\w+\W+){0,10}(?:rabat\w*|zniżk\w*|obniż\w*|części\w*|%)|zniżk\w*|rabat\w*|upust\w*",
    "store_credit": r"bon\b|voucher\w*|karta podarunkowa|kartę podarunkową|kredyt w sklepie",
    "already_sent": r"(?:odesła\w*|nadał\w*|nadan\w*|wysłał\w*|wysłan\w*|zwrócił\w*|odesłan\w*)",
}
NEGATION = r"(?:nie|bez|nigdy|ani|zamiast|żadn\w*)\W+(?:\w+\W+){0,2}$"
NEGATION_FOLLOWS = r"\W+nie (?:chcę|trzeba|potrzebuję|musicie)"
