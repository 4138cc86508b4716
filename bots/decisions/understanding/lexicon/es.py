"""Spanish evidence. See `bots.decisions.understanding.lexicon` for the notation."""

from __future__ import annotations

PATTERNS: dict[str, str] = {
    "return_request": r"""
        +(?:devolver\w*|devuelv\w*|devolución (?:de|del|y)|retorn(?:ar|o)|mandar(?:lo|la|los|las)? de vuelta|enviar(?:lo|la|os)? de vuelta|desist\w*)
        +reembols\w*|(?:mi|el|recuperar) dinero|dinero de vuelta|devol\w* (?:\w+ ){0,3}dinero|reintegr\w*|la plata|la pasta
        etiqueta (?:de )?devolución|cómo (?:lo|la|los|puedo|hago|procedo)|recogida|pasen a recoger
        ~devolución
        descuento|reembolso parcial|rebaja
    """,
    "exchange_request": r"""
        +cambi(?:ar|o|en|áis|éis|arlo|arla|armelo|ármelo|armela)\w*(?! de (?:opinión|idea|parecer))|cambio (?:de talla|por)|canje\w*|sustitu\w*|reempla\w*|reposición|(?:enviar|mandar|envíen|manden|envíenme|mándenme|mandadme|enviadme|enviarme|mandarme|mandáis|enviáis|mandas|envías|envíe|mande)\W+(?:\w+\W+){0,5}(?:nuev[oa]|otr[oa]|correct[oa]|falta\w*|pieza\w*|repuesto)
        +(?:una|la) talla (?:más|menos)|otra talla|talla (?:más|superior|inferior)|en su lugar
    """,
    "repair_request": r"""
        +repar\w*|arregl\w*|servicio técnico|compostura
    """,
    "return_status": r"""
        +dónde (?:está|anda|se encuentra|quedó)\W+(?:\w+\W+){0,3}(?:devolución|paquete (?:de )?dev\w*|devuelto)|(?:estado|cómo va|noticias|novedad\w*|seguimiento)\W+(?:\w+\W+){0,4}devoluci\w*
        +(?:han|habéis|ha|les|os|os ha)\W+(?:\w+\W+){0,2}(?:recibido|llegado)|(?:paquete|devolución|devuelto)\W+(?:\S+\W+){0,9}(?:les (?:ha )?lleg\w*|os ha llegado|llegó (?:ya|a su)|ha llegado|recib\w*|entregado|almacén)|devolución (?:sigue|figura|aparece)
    """,
    "refund_status": r"""
        +dónde (?:está|anda)\W+(?:\w+\W+){0,2}(?:dinero|reembolso|plata)|cuándo\W+(?:\w+\W+){0,6}(?:reembols\w*|dinero|abon\w*|devuelv\w*|devol\w*|ingres\w*|reintegr\w*)
        +(?:sigo|todavía|aún|sin (?:mi|el|recibir)|no)\W+(?:\w+\W+){0,6}(?:reembols\w*|dinero|abon\w*|ingres\w*|cuenta|reintegr\w*)|reembols\w*\W+(?:\w+\W+){0,6}(?:no|pendiente|aún|todavía|sigue|tarda|esper\w*)|nada en la cuenta|me deben
    """,
    "cancel_return": r"""
        +(?:anul\w*|cancel\w*|olvid\w*|dej\w*|paren|suspend\w*)\W+(?:\w+\W+){0,4}(?:devoluci\w*|reembolso|solicitud|cambio|trámite|recogida)|devoluci\w*\W+(?:\S+\W+){0,6}(?:anul\w*|cancel\w*|sin efecto)
        +me (?:lo|la|los|las) (?:quedo|quedaré)|me quedo (?:con|finalmente)(?! (?:el|lo) rest)|nos (?:lo|la) quedamos|(?:voy a|prefiero|decidido) quedarme\w*|quedármel\w*|ya no (?:quiero|deseo|voy a|hace falta) (?:devolver\w*|la devolución)|al final (?:\w+ ){0,4}(?:me gusta|funciona|me vale|queda bien)
    """,
    "provides_information": r"""
        +(?:aquí (?:está|están|tienen|va|van|les|os|tenéis)|adjunto|les (?:adjunto|envío|mando|paso)|os (?:adjunto|envío|mando|paso)|como (?:me )?(?:pidieron|solicitaron|pidió|pedían)|tal como)\W+(?:\S+\W+){0,7}(?:foto\w*|número|seguimiento|iban|cuenta|datos|factura|comprobante|dirección|vídeo|recibo|justificante)
        +(?:número|código|n[º°]) de (?:seguimiento|envío)|datos bancarios|mi (?:iban|cuenta es)|(?:lo|la) (?:envié|mandé|entregué|dejé|deposité) (?:el|ayer|hoy|en)|número de serie es
    """,
    "complaint": r"""
        +abogad\w*|demand(?:a|ar|aré)|juzgado|denunci\w*|consumo\b|ocu\b|facua|hoja de reclamaci\w*|disputa|contracargo|retrocesi\w*|acciones legales|vía judicial|tribunal\w*
        +inaceptable|vergüenza|vergonzoso|estafa\w*|timo\b|ladrones|indignante|intolerable|pésim\w*|queja|reclamación|tomadura de pelo|tomando el pelo|lamentable|maleducad\w*|encargad[oa]|me ignoran
        ~tercer[ao]? (?:correo|vez|mail)|nunca más|decepcionad\w*|mala reseña|una estrella
    """,
    "order_question": r"""
        +(?:dónde está|cuándo)\W+(?:\w+\W+){0,6}(?:pedido|lleg\w*|entreg\w*|enví\w*|paquete)|(?:cambiar|modificar|corregir)\W+(?:\w+\W+){0,4}(?:dirección|entrega)|factura\b(?! adjunta)|iva\b|hacen envíos|envían a|enviáis a|en stock|disponib\w*|compatible con|plazo de entrega
        +(?:cancel\w*|anul\w*)\W+(?:\w+\W+){0,4}pedido|antes de (?:que|enviar|su envío)|(?:todavía|aún) no (?:ha llegado|llega|me ha llegado|lo han enviado|ha salido)|pedido\W+(?:\S+\W+){0,4}no (?:ha )?lleg\w*|código (?:de )?descuento|envolver para regalo
    """,
    "other": r"""
        +respuesta automática|fuera de (?:la )?oficina|estoy de vacaciones|no (?:se pudo|ha podido) (?:entregar|ser entregado)|mensaje no entregado|ausente
        +newsletter|boletín|darse de baja|suscr\w*|posicionamiento|seo\b|mayorista|colaboración|candidatura|currículum|mi cv\b|oferta (?:especial|exclusiva|laboral)|base de datos de|proveedor\w*|patrocin\w*|premio|ganador\w*|inversión|multiplique|trabajo (?:en|de) su empresa|presupuesto
    """,
    "not_delivered": r"""
        +(?:nunca|no|jamás|nada)\W+(?:\w+\W+){0,3}(?:llegó|llegado|recibí|recibido|entregado|llegue)|(?:perdido|extraviado|desaparecido|robado)|(?:consta|figura|aparece|pone|dice|marca\w*) (?:como )?(?:que )?(?:está )?entregado
    """,
    "arrived_late": r"""
        +(?:demasiado|muy|tan) tarde|con retraso|retras\w*|(?:llegó|llegado|entregado|recibí)\W+(?:\w+\W+){0,6}(?:tarde|después|retraso)|después de(?:l)? (?:cumpleaños|la boda|la fiesta|navidad|reyes|las vacaciones)|(?:semanas|días|meses) (?:tarde|de retraso|después)|fuera de plazo|ya pasó
    """,
    "wrong_item": r"""
        +(?:equivocad[oa]|incorrect[oa]|erróne[oa]|otra cosa|otro (?:artículo|producto|modelo|color)|artículo distinto|producto distinto|no es (?:lo|el|la) que (?:pedí|compré|encargué))|(?:llegó|llegado|recib\w*|enviado|enviaron|mandado|mandaron|ha venido)\W+(?:\w+\W+){0,5}(?:otr[oa]|en (?:vez|lugar)|distint\w*|diferente)|ped[íi]\W+(?:\S+\W+){1,8}(?:llegó|recibí|ha llegado|mandaron|enviaron|me ha)|os habéis (?:equivocado|confundido)|se (?:han )?equivoca\w*
    """,
    "missing_parts": r"""
        +falta\w*\b|incomplet[oa]|sin (?:el |la |los |las )?(?:cargador|cable|tornillos|tapa|instrucciones|mando|accesorios|batería)|no (?:venía|viene|estaba|incluye|incluía|trae|traía|vienen|venían)\w*|solo (?:\w+ )?(?:\d|dos|tres|cuatro|un[oa]) (?:de|en)|olvidaron
    """,
    "damaged_in_transit": r"""
        +(?:lleg\w*|recib\w*|entreg\w*|vino)\W+(?:\w+\W+){0,6}(?:dañad\w*|rot[oa]s?|golpead\w*|aplastad\w*|roto|abollad\w*|rajad\w*|hech[oa] (?:trizas|pedazos)|mojad\w*|rayad\w*|machacad\w*)|(?:caja|paquete|embalaje|cartón)\W+(?:\w+\W+){0,5}(?:aplastad\w*|rot[oa]|dañad\w*|abiert[oa]|mojad\w*|golpead\w*|reventad\w*|destrozad\w*)
        +(?:en|durante|por) el (?:transporte|envío|trayecto|reparto)|repartidor\W+(?:\w+\W+){0,6}(?:tir\w*|lanz\w*|golpe\w*|caer)|mal embalad\w*|hech[oa] añicos|en pedazos
        ~dañad\w*|golpe\b|abolladura|grieta\w*
    """,
    "defective": r"""
        +defect\w*|averi\w*|estropead\w*|fall[oa]s?\b|fallando|(?:no|ni)\W+(?:\w+\W+){0,3}(?:funciona\w*|enciende\w*|carga\w*|arranca\w*|va\b|calienta\w*|enfría\w*|conecta\w*|gira\w*|prende\w*|cierra\w*|responde\w*|se oye|imprime)|dej[óo] de funcionar|ya no (?:va|funciona|carga|enciende)|se apaga|se (?:ha )?rot[oa]|está rot[oa]|rota?\b|murió|parpadea|pierde agua|gotea|mensaje de error|ruido (?:raro|extraño)
    """,
    "not_as_described": r"""
        +(?:no|nada|distint\w*|diferente|contrari\w*)\W+(?:\w+\W+){0,7}(?:descri\w*|foto\w*|anunci\w*|web|página|ficha|promet\w*|imagen\w*)|no corresponde|no coincide|publicidad engañosa|engaños\w*|guía de tallas|tabla de tallas|no (?:es )?compatible|incompatible|según (?:la|su) (?:descripción|web|ficha|anuncio)|no se parece
    """,
    "size_or_fit": r"""
        +(?:demasiado|muy|un poco|bastante|algo) (?:pequeñ\w*|grande\w*|ajustad\w*|estrech\w*|anch\w*|larg\w*|cort\w*|apretad\w*|holgad\w*)|(?:queda\w*|está\w*|vienen?)\W+(?:\w+\W+){0,2}(?:pequeñ\w*|grande\w*|enorme|estrech\w*|anch\w*|larg\w*|cort\w*|just[oa]|apretad\w*|chic[oa]|mal\b)|no me (?:vale|queda|sirve|entra|cabe)|aprieta\w*|talla\b|no me van bien
    """,
    "changed_mind": r"""
        +cambi\w* de (?:opinión|idea|parecer)|(?:ya )?no (?:lo |la |los |las )?(?:quiero|necesit\w*|queremos|hace falta)|no me (?:gusta|convence|pega|gustó)|no (?:es|era) lo que (?:esperaba|imaginaba|quería|buscaba)|arrepent\w*|me lo he pensado|desist\w*|ya (?:tengo|tenía|tiene|tenemos)|repetido|no (?:combina|queda bien con|pega con)|no va con|no es mi estilo|imaginaba|pedí de más
    """,
    "ordered_by_mistake": r"""
        +por (?:error|equivocación|accidente)|(?:me )?equivoqu[ée]|sin querer|(?:pedí|compré|encargué)\W+(?:\w+\W+){0,4}(?:dos veces|equivocad\w*|duplicad\w*|mal\b)|pedido duplicado|le di (?:dos veces|sin)|mi hij[oa]\W+(?:\w+\W+){0,4}(?:pid\w*|compr\w*)|confundí|quería (?:pedir|comprar)|me confundí|sin mi permiso
    """,
    "better_price": r"""
        +más (?:barat\w*|económic\w*)|(?:mejor|menor) precio|precio (?:ha bajado|más bajo|bajó|inferior)|rebajad\w*|bajad[ao] de precio|diferencia de precio|euros menos|€ menos|en oferta
    """,
    "quality_unsatisfactory": r"""
        +(?:mala|pésima|poca|baja|malísima|dudosa|ínfima) calidad|calidad\W+(?:\w+\W+){0,5}(?:mala|pésima|deja|horrible|no|decepc\w*|bajísima)|mal (?:acabad\w*|cosid\w*|hech\w*|rematad\w*)|costura\w*|descosid\w*|destiñ\w*|encog\w*|se (?:despega|deshace|cae a)|huele\w*|apesta|olor\b|caducad\w*|oxidad\w*|moho|transparenta\w*|de plástico malo|cutre|chapuza|baratij\w*|pelusas?|endeble
    """,
    "counterfeit": r"""
        +fals[oa]s?\b|falsificad\w*|falsificación|imitación|copia\b|no (?:es|son) (?:original\w*|auténtic\w*)|réplica|pirata|autenticidad
    """,
    "safety_concern": r"""
        +peligr\w*|fuego|incendi\w*|humo|ech(?:a|ó) (?:humo|chispas)|chispa\w*|quem\w*|calambre|descarga|electrocut\w*|sobrecal\w*|derret\w*|explot\w*|explosión|hinchad\w* (?:la )?(?:batería)?|batería (?:se ha )?hinchad\w*|herid\w*|cort(?:é|ado|ó) (?:el|la|en)|alerg\w*|sarpullido|retirada del producto|asfixia|ardiendo
    """,
    "size_too_small": r"(?:demasiado|muy|un poco|bastante|queda\w*|está\w*) (?:\w+ )?(?:pequeñ|ajustad|estrech|cort|apretad|just|chic)|aprieta|talla más|más grande",
    "size_too_large": r"(?:demasiado|muy|un poco|bastante|queda\w*|está\w*) (?:\w+ )?(?:grande|anch|larg|holgad|enorme)|talla menos|más pequeñ",
    "not_compatible": r"no (?:es )?compatible|incompatible",
    "gift_unwanted": r"regalo.{0,60}(?:ya|no|repetido)",
    "style_colour": r"(?:color|estilo|tela) no",
    "withdrawal": r"desisto|desistimiento|por la presente|derecho de desist",
    "unauthorised": r"mi hij[oa]\W+(?:\w+\W+){0,4}(?:pid|compr)|sin mi permiso",
    "badly_packed": r"mal embalad|sin (?:protección|relleno|plástico de burbujas)|embalaje (?:insuficiente|pésimo|ridículo)|suelto en la caja|ninguna protección",
    "own_fault": r"(?:por )?(?:mi )?culpa (?:mía|nuestra)|culpa mía|es culpa mía|se me (?:cayó|ha caído|rompió)|yo (?:mismo|misma) (?:lo|la) rompí",
    "chart_wrong": r"guía de tallas|tabla de tallas",
    "expired": r"caducad",
    "too_few": r"solo (?:\w+ )?(?:\d|dos|tres|cuatro|un[oa]) (?:de|en)|en (?:vez|lugar) de (?:\d|dos|tres|cuatro|cinco|seis)",
    "refund": r"reembols\w*|dinero|reintegr\w*|abon\w*|plata\b",
    "keep_discount": r"reembolso parcial|(?:quedo|quedarme\w*)\W+(?:\w+\W+){0,10}(?:descuento|rebaja|parte|%)|(?:algún|un) descuento|compensación",
    "store_credit": r"vale\b (?:de|por|para)|tarjeta regalo|cupón|saldo en la tienda",
    "already_sent": r"(?:lo |la |los |ya |he )(?:devolví|envié|mandé|devuelto|enviado|mandado|entregué)|entregué|devuelto",
}
NEGATION = r"(?:no|sin|nunca|ni|en (?:vez|lugar) de)\W+(?:\w+\W+){0,2}$"
