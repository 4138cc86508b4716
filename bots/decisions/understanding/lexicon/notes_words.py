"""What inspectors write, in every language of the warehouses at once: a note is too short to tell its language."""

from __future__ import annotations

GRADES: dict[str, str] = {
    "wrong_goods": r"""
        +wrong (?:item|goods|product|article|unit)|not (?:ours|our (?:item|product|goods)|what was sold)|but not ours|swapped|switched|different (?:\w+ )?(?:unit|item|product|model)\b|serial (?:no |number |nr )?(?:does not|doesn't|no|not)|s\/?n (?:mismatch|differs|not|no)|serial mismatch|empty (?:box|carton|parcel)|box is empty|no (?:goods|product|item) in|someone else's|brick\b|stone\b|counterfeit|fake\b|replica
        +falsche (?:ware|artikel)|falscher (?:artikel|inhalt)|falsches (?:produkt|gerät)|anderer artikel|anderes (?:gerät|produkt)|vertauscht|seriennummer stimmt n\w*|sn stimmt n\w*|sn passt n\w*|nicht unser\w*|n\. unser\w*|leerer karton|karton leer|keine ware|fälschung|plagiat|fremdware
        +货不对版|序列号不符|sn不符|串号不符|调包|掉包|退错货|错货|不是(?:本店|我们|所售|我司)|非本店|空箱|空包|空盒|无货|没有商品|假货|仿品|条码(?:查无|不符)
        +inny (?:towar|produkt|model|artykuł)|podmien\w*|nie nasz\w*|numer seryjny\W+(?:\w+\W+){0,2}nie (?:zgadza|pasuje)|sn nie|puste (?:pudełko|opakowanie)|pusty karton|brak (?:towaru|produktu)|nic nie ma|podróbka|zły towar|nie ten towar
        +mauvais (?:article|produit|modèle)|pas (?:notre|nos) |n'est pas (?:à nous|notre)|numéro de série (?:différent|non|ne)|n° (?:de )?série (?:différent|≠|non)|carton vide|boîte vide|colis vide|aucun produit|article absent|contrefaçon|produit échangé|ne correspond pas à la vente|substitué|autre article
        +seriale non|articolo (?:sbagliato|diverso)|merce (?:errata|sbagliata|non nostra)|non (?:è )?nostr\w*|scatola vuota|contraffatt\w*|scambiat\w*|sostituito con
        +número de serie (?:no|distinto|diferente)|artículo (?:equivocado|distinto|erróneo)|no es nuestro|caja vacía|falsificad\w*|producto cambiado|otro (?:producto|artículo)
        +verkeerd (?:artikel|product)|verkeerde (?:goederen|artikel)|ander (?:artikel|product)|niet (?:van ons|ons artikel)|serienummer (?:klopt|komt) niet|lege doos|doos leeg|vervalsing|omgewisseld|verwisseld
        +別(?:の)?(?:商品|製品|物)|違う商品|商品違い|シリアル(?:番号)?(?:不一致|違い|相違)|すり替え|空箱|中身なし|偽物|模造品|当店の(?:商品)?では(?:ない|ありません)|他社(?:製)?品
    """,
    "incomplete": r"""
        +missing\b|(?:w\/o|without) (?:\w+ )?(?:charger|cable|remote|manual|lid|adapter|battery|strap)|incomplete|no (?:charger|cable|remote|manual|lid|adapter|power ?cord|battery|box contents)|not complete|parts? short|lacks\b|\d of \d
        +fehlt\b|fehlen\b|fehlend\w*|unvollständig|nicht komplett|n\. komplett|ohne (?:\w+kabel|ladegerät|netzteil|fernbedienung|zubehör|anleitung|akku)
        +缺(?:少|件|失|配件|了)?|少了?(?:一|1|个|配件|充电|说明)|不全|不齐|没有(?:充电|配件|遥控|说明)|无(?:充电器|配件|遥控器|说明书|电源)
        +brak (?!śladów|uwag|wad|towaru|produktu|uszkodzeń|rys|zastrzeżeń)\w+|brakuje|niekomplet\w*|bez (?:ładowarki|kabla|pilota|instrukcji|zasilacza)
        +manqu\w+|incomplet\w*|sans (?:chargeur|câble|télécommande|notice|accessoire\w*|batterie)|absente?s?\b
        +manca\w*|mancant\w*|incomplet\w*|senza (?:caricatore|cavo|telecomando|manuale|accessori)|faltan?\b|incomplet\w*|sin (?:cargador|cable|mando|manual|accesorios)
        +ontbre\w*|ontbrekend\w*|onvolledig|incompleet|zonder (?:lader|kabel|afstandsbediening|handleiding)|mist \w+
        +欠品|不足|欠け(?:て)?(?!.*(?:割|傷))|付属品(?:なし|無し)|(?:が|は)?(?:ない|無い|入っていない|なし)(?:。|$|、)
    """,
    "D_scrap": r"""
        +scrap\w*|beyond (?:economic(?:al)? )?repair|\bber\b|total loss|write.?off|destroy\w*|shatter\w*|shards|burn(?:t|ed) out|not salvageable|unsalvageable|dispose|unsell?able|not (?:re)?saleable|no resale|unusable|\bbin\b|hygiene|mou?ld\w*|urine|bed ?bugs|contaminat\w*|stain\w*|filthy|expired|bbe|past (?:best|bb)|smell\w*|soiled|worn (?:out|heavily)|heavily (?:worn|used)|water (?:ingress|damage)|corros\w*|swollen batter\w*|bio ?hazard|large hole|torn\b|not sellable
        +schrott|verschrott\w*|totalschaden|nicht reparabel|irreparabel|verschmort|völlig zerstört|zerstört|entsorg\w*|vernicht\w*|nicht (?:mehr )?verk\w+|n\. verkäufl\w*|unverkäuflich|kein wiederverkauf|fleck\w*|rauchgeruch|geruch|stinkt|schimmel\w*|verschmutzt|deutl\w* getragen|stark getragen|abgelaufen|mhd\b|hygiene\w*|wasserschaden|korro\w*|aufgebläht|großes loch|aufgerissen|zerbrochen|gebrochen
        +报废|无法修复|不可维修|无维修价值|烧毁|销毁|污渍|异味|臭|霉|不可再售|无法销售|不能二次销售|不可销售|不可二次销售|磨损严重|严重磨损|过期|腐蚀|进水|碎裂|粉碎|鼓包|完全损坏|破大?洞|开裂|虫
        +złom|utyliz\w*|nie do naprawy|spalon\w*|całkowicie zniszcz\w*|zniszczon\w*|nie nadaje się|niesprzedawaln\w*|nie do sprzedaży|plam\w*|zapach\w*|śmierdz\w*|pleśń|brudn\w*|znoszon\w*|przeterminowan\w*|zalan\w*|korozj\w*|spuchnięt\w*|rozdart\w*|duża dziura|rozbit\w*|zasierściony
        +rebut|irréparable|irrécupérable|brûlé|détruit|invendable|tach[eé]\w*|odeur|moisi\w*|souill\w*|périm\w*|gonfl\w*|oxydé|corro\w*|dégât des eaux|jeter|destruction|hygiène|déchir\w*|gros trou|pas de remise en vente|usé(?:e|s)? jusqu|très usé\w*
        +da buttare|rottam\w*|irreparabil\w*|irrecuperabil\w*|distrutt\w*|invendibil\w*|macchi\w*|odore|muffa|scadut\w*|bruciat\w*|desecho|chatarra|irreparable|destruid\w*|quemad\w*|manchad\w*|olor|moho|caducad\w*|invendible|no vendible|smaltire|logor\w*
        +afval|schroot|onherstelbaar|niet te (?:repareren|herstellen|verkopen)|vernietig\w*|vlek\w*|stank|geur|schimmel|afgetrapt|verbrand|onverkoopbaar|verlopen|over (?:de )?datum|weggooien|total loss
        +廃棄|修理不能|修理不可|全損|焼損|汚れ|シミ|異臭|臭い|カビ|再販(?:不可|できない|できません)|販売不可|期限切れ|水没|腐食|粉々|膨張|履き潰|破れ
    """,
    "C_repairable": r"""
        +repair\w*|fixable|workshop|needs service|to service|refurb\w*|rework|replac(?:e|ing|ement) (?:part|\w+) (?:avail|possible)|spare (?:\w+ )?avail\w*|regrade|can be fixed|does not (?:power|turn|charge|start|work)|doesn't|won't|not working|no power|dead\b|defective|faulty|functional fault|fails\b|malfunction\w*|inoperative|error\b|stops after|touch.?up
        +reparabel|reparier\w*|reparatur|werkstatt|instandsetz\w*|nacharbeit|defekt|ohne funktion|startet nicht|geht nicht|lädt nicht|tauschbar|ersatzteil|funktion\w* nicht|nachbesser\w*|aufarbeit\w*
        +可维修|可修|送修|返修|维修|故障|无法开机|不开机|不工作|无反应|不充电|更换(?:后|即可)|可更换|换(?:个|一个)?\S{1,4}即可
        +do naprawy|naprawi\w*|serwis\w*|nie działa|nie włącza|nie ładuje|usterk\w*|wada funkcjonalna|da się (?:wymienić|naprawić)|do wymiany|wymienić|uszkodzenie elektroniki
        +réparable|réparation|à réparer|atelier|retouche|remplaçable|ne fonctionne pas|ne s'allume|ne charge pas|panne|hors service|défaut (?:électronique|fonctionnel)|sav\b|changer (?:la|le)
        +riparabil\w*|riparar\w*|riparazione|assistenza|non funziona|non si accende|guast\w*|sostituibil\w*|reparable|reparar|taller|no (?:funciona|enciende|carga)|averiad\w*|sustituible
        +repareerbaar|repar\w*|herstel\w*|werkplaats|werkt niet|doet (?:het )?niet|defect|start niet|laadt niet|vervangbaar
        +修理(?:可|要|へ|行|に|すれば|必要)|要修理|動作(?:せず|しない|不良|不可)|電源(?:が)?(?:入らない|入らず|不可)|故障|不具合|交換(?:可|すれば|で)|充電(?:不可|できない|せず)
    """,
    "B_open_box": r"""
        +open.?box|opened|light (?:scratch\w*|wear|marks?|use)|minor\b|small (?:scratch|scuff|mark|dent)|tried on|worn once|b.?(?:grade|stock|ware)\b|grade b\b|box open\w*|unboxed|scuff\w*|outlet|repack|seal broken|second(?:s)? (?:quality|choice)|slight\w*|hairline|used once|used briefly|tested (?:ok|fine)
        +geöffnet|leichte\w* (?:gebrauchs\w*|kratzer|spuren)|kratzer|anprobiert|einmal getragen|b-?ware|ovp (?:offen|beschädigt)|ausgepackt|gebrauchsspur\w*|2\. wahl|minimale\w*
        +开过|已拆|拆封|拆过|开封|轻微|小划痕|划痕|试穿|试戴|成色新|九成新|95新|99新|包装(?:破损|打开)|使用(?:一次|痕迹轻)|二手可售
        +otwart\w*|rysa|rysk\w*|drobn\w*|lekk\w*|przymierz\w*|outlet|ślad\w* użyt\w*|rozpakowan\w*|drugi gatunek|raz założon\w*
        +ouvert\w*|micro.?ray\w*|ray\w*|légèr\w*|essayé|porté (?:1|une|un)|2nd choix|second choix|déclass\w*|déballé|petite? (?:marque|trace|éclat)|traces? (?:légère|d'usage)
        +apert\w*|graffi\w*|lieve|leggero|provat\w*|seconda scelta|abiert\w*|arañazo|rasguño|leve|probad\w*|segunda (?:mano|calidad)|reacondicion\w*
        +geopend|krasje?s?|licht\w* (?:gebruiks\w*|slijtage)|gepast|tweede keus|uitgepakt
        +開封(?:済|品|のみ|あり)?|軽微|小傷|擦り?傷|キズ(?:小|少)|試着|アウトレット|箱(?:なし|潰れ|開封|傷み)|中古|使用感(?:少|わずか)
    """,
    "A_new": r"""
        +sealed|unopened|not opened|unused|never (?:used|worn|opened)|brand.?new|new (?:condition|with tags|in box)|\bnwt\b|\bnib\b|pristine|tags? (?:on|attached|intact|still)|tags \/ seals intact|factory sealed|mint\b|a.?(?:stock|grade|ware)\b|grade a\b|back to stock|straight to stock|no marks|not (?:tried|worn)
        +ungeöffnet|originalverpackt|unbenutzt|neuwertig|ungetragen|siegel (?:unversehrt|intakt|i\.?\s?o|ok|vorhanden)|tadellos|einwandfrei|a-?ware|(?:->|→|zurück (?:ins|in den)) ?(?:lager|verkauf|bestand)|nagelneu|mit etikett|neu\b
        +全新|未拆|未使用|未穿|封条(?:完好|未动|完整)|可直接上架|直接入库|入库|可二次销售|完好无|吊牌(?:在|完整|齐)|无瑕疵|配件齐全
        +now[eya]\b|nieużywan\w*|fabrycznie|plomb\w* (?:cał\w*|nienaruszon\w*|ok)|metki|bez śladów|brak śladów|nieotwieran\w*|stan idealny|można sprzedać|nienoszon\w*|komplet\b
        +neu(?:f|ve)s?\b|jamais (?:ouvert|porté|utilisé|servi)\w*|non (?:porté|ouvert|utilisé|déballé)\w*|scellé\w*|étiq\w*\.? (?:présent\w*|en place|ok)|remise en stock|état neuf|rien à signaler|sous blister|ok a\b
        +nuov[oa]|mai (?:aperto|usato|indossato)|sigillat\w*|con etichett\w*|nuev[oa]|sin (?:abrir|usar|estrenar)|precintad\w*|etiquetas? (?:puesta|intacta)\w*|impecable
        +nieuw\w*|ongeopend|ongebruikt|ongedragen|verzegeld|zegel (?:intact|ok)|labels? (?:nog )?(?:eraan|aanwezig)
        +新品|未開封|未着用|タグ(?:付き|あり|有)|封(?:緘|印)(?:あり|無傷)|シール(?:未開封|無傷)|良品|そのまま(?:再販|在庫)|再販可
    """,
}

DEFECTS: dict[str, str] = {
    "expired": r"""
        +expired|bbe\b|best before|past (?:date|bb\w*)|(?<!sohle )abgelaufen(?!e sohle)|mhd\b|过期|保质期|przeterminowan\w*|périmé\w*|ddm|dlc\b|scadut\w*|caducad\w*|verlopen|over (?:de )?datum|thtd?\b|期限切れ|賞味期限|消費期限
    """,
    "counterfeit_or_swapped": r"""
        +counterfeit|fake\b|replica|swapped|switched|serial (?:no |number |nr )?(?:does not|doesn't|no|not)|serial mismatch|s\/?n (?:mismatch|differs|not)|different old|old (?:unit|used) \w+ inside|brick\b|empty (?:box|carton|parcel)|box is empty|stone\b
        +fälschung|plagiat|vertauscht|seriennummer stimmt n\w*|sn stimmt n\w*|sn passt n\w*|alter? \w+ statt
        +假货|仿品|调包|掉包|序列号不符|sn不符|串号不符|货不对版|podróbka|podmien\w*|numer seryjny\W+(?:\w+\W+){0,2}nie|sn nie
        +contrefaçon|numéro de série (?:différent|non|ne)|n° (?:de )?série (?:différent|≠|non)|substitué|produit échangé|seriale non|contraffatt\w*|scambiat\w*|falsificad\w*|número de serie (?:no|distinto)|vervals\w*|serienummer (?:klopt|komt) niet|omgewisseld|verwisseld|偽物|模造品|すり替え|シリアル(?:番号)?(?:不一致|違い|相違)
    """,
    "contaminated": r"""
        +urine|pet hair|mou?ld\w*|bed ?bugs|contaminat\w*|stain\w*|filthy|smell\w*|stink\w*|soiled|hygiene|swatched|smoke\w* (?:smell|odou?r)|dirt\w*|fleck\w*|\w*geruch|stinkt|schimmel\w*|verschmutzt|hygiene\w*|污渍|异味|霉|脏|已洗过|plam\w*|zapach\w*|śmierdz\w*|pleśń|brudn\w*|sierś\w*|zasierś\w*|moczu?|tach[eé]\w*|odeur|moisi\w*|souill\w*|hygiène|macchi\w*|odore|muffa|manchad\w*|olor|moho|vlek\w*|stank|汚れ|シミ|異臭|臭い|カビ|ペットの毛
    """,
    "transit_damage": r"""
        +(?:in|during) (?:transit|transport|shipping)|transit damage|carton crushed|box (?:crushed|dented)|shards|shattered in|crushed\b|broken in transport|transportschad\w*|(?:durch|beim) (?:den )?transport|karton eingedrückt|zerbrochen|glas gebrochen|dhl-protokoll|运输|外箱压|压扁|摔坏|箱体变形|w trans\w*|transportow\w*|karton zgnieciony|rozbit\w*|(?:pdt|pendant le|de) transport|avarie|carton écrasé|nel trasporto|da trasporto|durante il trasporto|en (?:el )?transporte|tijdens (?:het )?transport|transportschade|配送(?:中|時)|輸送(?:中|時)|箱(?:が)?(?:潰れ|つぶれ).*(?:割|破)|割れ
    """,
    "functional": r"""
        +does not (?:power|turn|charge|start|work)|doesn't (?:work|power|turn|charge)|won't|not working|no power|dead\b|defective|faulty|functional|fails\b|malfunction\w*|inoperative|error\b|stops after|needs service|water ingress|corros\w*|burn(?:t|ed) out|swollen|mainboard|\bber\b|short circuit
        +defekt|ohne funktion|startet nicht|geht nicht|lädt nicht|funktion\w* nicht|verschmort|wasserschaden|korro\w*|aufgebläht|fehler\b|故障|无法开机|不开机|不工作|无反应|不充电|烧毁|进水|腐蚀|鼓包|主板
        +nie działa|nie włącza|nie ładuje|usterk\w*|wada funkcjonalna|uszkodzenie elektroniki|spalon\w*|zalan\w*|korozj\w*|spuchnięt\w*|ne fonctionne pas|ne s'allume|ne charge pas|panne|hors service|électronique|brûlé à|gonfl\w*|oxydé|non funziona|non si accende|guast\w*|bruciat\w*|no (?:funciona|enciende|carga)|averiad\w*|quemad\w*|werkt niet|doet (?:het )?niet|defect|start niet|laadt niet|動作(?:せず|しない|不良|不可)|電源(?:が)?(?:入らない|入らず|不可)|故障|不具合|水没|膨張|充電(?:不可|できない|せず)
    """,
    "missing_accessory": r"""
        +missing\b|without (?:\w+ )?(?:charger|cable|remote|manual|lid|adapter|battery|strap)|incomplete|no (?:charger|cable|remote|manual|lid|adapter)|fehlt\b|fehlen\b|fehlend\w*|unvollständig|缺|少了?(?:一|1|个|配件|充电|说明)|不全|不齐|brak (?!śladów|uwag|wad|towaru|produktu|uszkodzeń|rys|zastrzeżeń)\w+|brakuje|niekomplet\w*|manqu\w+|incomplet\w*|manca\w*|mancant\w*|faltan?\b|ontbre\w*|onvolledig|incompleet|欠品|不足|付属品(?:なし|無し)
    """,
    "used_worn": r"""
        +worn\b(?! (?:once )?(?:not|never))|heavily used|used (?:heavily|condition)|wear (?:on|marks|visible)|sole (?:worn|loose)|getragen|abgelaufene? sohle|sohle abgelaufen|gebraucht|磨损|穿过|脚臭|鞋底|znoszon\w*|noszon\w*|używan\w*|porté(?:e|s)? (?:1|une|un|plusieurs)|usé\w*|indossat\w*|usato|logor\w*|usad\w*|gastad\w*|afgetrapt|gedragen|gebruikt|着用感|使用感|履き潰|着用(?:跡|済)
    """,
    "cosmetic": r"""
        +scratch\w*|scuff\w*|dent\w*|mark on|chip\w*|torn\b|hole in|seam|kratzer|delle|abplatz\w*|naht|loch im|划痕|划伤|磕碰|掉漆|凹痕|衣缝|破大?洞|rysa|rysk\w*|wgnieceni\w*|odprysk\w*|szew|dziur\w*|ray\w*|micro.?ray\w*|éclat\w*|couture|trou\b|graffi\w*|ammaccat\w*|arañazo|rasguño|abolladura|krasje?s?|deuk\w*|傷|キズ|へこみ|凹み|破れ
    """,
}

UNRESALEABLE = r"not (?:re)?saleable|not sellable|unsell?able|no resale|nicht (?:mehr )?verk\w+|kein wiederverkauf|不可再售|不可销售|无法销售|不能二次销售|nie do sprzedaży|niesprzedawaln\w*|invendable|pas de remise en vente|invendibil\w*|no vendible|invendible|onverkoopbaar|再販不可|販売不可"
NEGATIONS = r"(?:\b(?:no|not|never|without|jamais|mai|nunca|nooit|nigdy|ohne|keine?r?|nicht|bez|nie|sans|pas de|aucune?|senza|nessun\w*|sin|ningun\w*|geen|zonder|brak)\s(?:\w+\s)?|无|没有|没|未)$"
