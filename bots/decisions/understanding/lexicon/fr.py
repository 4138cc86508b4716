"""French evidence. See `bots.decisions.understanding.lexicon` for the notation."""

from __future__ import annotations

PATTERNS: dict[str, str] = {
    "return_request": r"""
        +(?:(?:re)?tourner|renvoyer|rendre|retourne|renvoie|restituer)\b|je (?:vous )?(?:le |la |les |l')?(?:renvoie|retourne|rends)|(?:reprendre|reprenez|récupérer)\W+(?:\w+\W+){0,3}(?:article|produit|argent|le|la)
        +rembours\w*|récupérer (?:\w+ ){0,2}argent|mon argent|rétract\w*
        étiquette (?:de )?retour|bon de retour|bordereau|retour et remboursement|procédure de retour|comment (?:je )?(?:fais|faire|procéder)
        ~retour\b
        remise\b|geste commercial|remboursement partiel
    """,
    "exchange_request": r"""
        +échang\w*|remplac\w*|(?:envoyer|renvoyer|envoyez|recevoir|avoir|expédier)\W+(?:\w+\W+){0,5}(?:nouve\w+|neuf|neuve|autre|bon(?:ne)? (?:article|taille|couleur|modèle)|manquant\w*|pièce\w*)
        +taille (?:au.?dessus|au.?dessous|en dessous|supérieure|inférieure)|(?:une|la) taille (?:plus|de plus)|autre taille|plus (?:grande?|petite?) taille|à la place
        ~pièce (?:manquante|de rechange)
    """,
    "repair_request": r"""
        +répar\w*|remettre en état|sav\b|réparateur|dépann\w*
    """,
    "return_status": r"""
        +où (?:est|en est|se trouve|sont)\W+(?:\w+\W+){0,4}(?:retour\w*|colis (?:de )?retour)|(?:où en est|suivi|statut|état|nouvelles?)\W+(?:\w+\W+){0,4}retour
        +(?:avez[- ]vous|vous avez)\W+(?:\w+\W+){0,2}(?:reçu|réceptionné|récupéré)|(?:colis|retour)\W+(?:\S+\W+){0,8}(?:bien arrivé|arrivé chez vous|réceptionné|est[- ]il arrivé|traité)|bien (?:reçu|arrivé) (?:chez vous|mon|le colis)
    """,
    "refund_status": r"""
        +où (?:est|en est|sont)\W+(?:\w+\W+){0,2}(?:argent|remboursement|sous)|quand\W+(?:\w+\W+){0,6}(?:rembours\w*|argent|crédité)
        +(?:toujours|encore|jamais|pas|rien|aucun\w*)\W+(?:\w+\W+){0,5}(?:rembours\w*|argent|crédité|compte|virement|avoir)|rembours\w*\W+(?:\w+\W+){0,6}(?:pas|toujours|attente|attends|non reçu|retard|tarde)|rien (?:reçu )?sur mon compte|attends\W+(?:\w+\W+){0,3}remboursement
    """,
    "cancel_return": r"""
        +annul\w*\W+(?:\w+\W+){0,4}(?:retour|demande|échange|rétractation|remboursement)|retour\W+(?:\S+\W+){0,6}annul\w*|(?:oublie[rz]|laisse[rz])\W+(?:\w+\W+){0,3}(?:retour|tomber|demande)
        +je (?:le |la |les |l')?(?:garde|conserve)\b(?! (?:le|la) reste)|(?:décidé|préfère|vais|souhaite|veux|voudrais) (?:de )?(?:le |la |les |l')?(?:garder|conserver)|(?:ne|plus) (?:\w+ ){0,4}(?:le |la )?(?:retourner|renvoyer|rendre) (?:finalement|plus)|finalement (?:\w+ ){0,5}(?:convient|va bien|marche|fonctionne|garde\w*|plaît)
    """,
    "provides_information": r"""
        +(?:voici|voilà|ci-joint\w*|en pièce jointe|comme (?:demandé|convenu)|suite à votre demande)\W+(?:\S+\W+){0,7}(?:photo\w*|numéro|suivi|iban|rib|coordonnées|facture|preuve|justificatif|adresse|vidéo|reçu)
        +(?:numéro|n°) (?:de )?(?:suivi|colis)|coordonnées bancaires|mon (?:rib|iban)|(?:je l'ai|colis)\W+(?:\w+\W+){0,3}(?:posté|envoyé|expédié|déposé)|numéro de série est|déposé (?:le|hier|lundi|ce matin)
    """,
    "complaint": r"""
        +avocat\w*|justice|tribunal|huissier|mise en demeure|dgccrf|ufc|que choisir|litige|médiat\w*|porter plainte|plainte|rétrofacturation|chargeback|opposition bancaire|60 millions|signal conso|signalconso|association de consommateurs
        +inadmissible|inacceptable|scandal\w*|honteux|honte|arnaqu\w*|escroc\w*|voleurs?|réclamation|se moque\w*|foute\w* de|lamentable|déplorable|injoignable|responsable
        ~(?:troisième|quatrième) (?:mail|message|fois)|plus jamais|avis négatif|déçue?
    """,
    "order_question": r"""
        +(?:où est|où en est|quand)\W+(?:\w+\W+){0,6}(?:commande|livr\w*|colis|expédi\w*|arrive)|(?:changer|modifier|corriger)\W+(?:\w+\W+){0,4}(?:adresse|livraison)|facture\b(?! jointe)|tva\b|livrez[- ]vous|vous livrez|en stock|disponible|compatible avec|délai (?:de )?livraison
        +annul\w*\W+(?:\w+\W+){0,4}commande|avant (?:l'|son |qu'elle |l')?(?:expédition|envoi|parte)|pas encore (?:arrivée?|reçue?|livrée?|expédiée?)|toujours pas (?:reçu ma commande|arrivée?)|commande\W+(?:\S+\W+){0,4}(?:arrive|pas)|code promo|bon de réduction|papier cadeau|elle arrive quand
    """,
    "other": r"""
        +réponse automatique|absent\w* (?:du bureau|jusqu)|absence du bureau|en congés?|non remis|échec de (?:la )?(?:remise|distribution)|message automatique|je suis absente?
        +newsletter|désabonner|désinscri\w*|référencement|grossiste|partenariat|candidature|mon cv\b|offre (?:spéciale|exceptionnelle|commerciale)|promotion\b|prospection|stage\b|notre société|cher(?:s)? partenaire|gagn(?:é|ant)|investissement|devis\b|fournisseur
    """,
    "not_delivered": r"""
        +jamais (?:reçu|arrivé|livré|vu)\w*|(?:pas|rien|toujours pas) (?:encore )?(?:reçu|arrivé|livré)\w*|colis (?:perdu|introuvable|égaré|volé|disparu)|(?:noté|indiqué|marqué|déclaré|affiché) (?:comme )?livré|n'est jamais (?:arrivé|venu)
    """,
    "arrived_late": r"""
        +(?:trop|très|bien) tard|en retard|retard\b|(?:arrivée?|livrée?|reçue?)\W+(?:\w+\W+){0,6}(?:après|tard|retard)|après (?:noël|l'anniversaire|le mariage|la fête|les vacances)|(?:semaines|jours|mois) de retard|deux semaines après|délais? (?:non|pas) respect\w*
    """,
    "wrong_item": r"""
        +(?:mauvais\w*|pas le bon|pas la bonne) (?:article|produit|couleur|modèle|taille (?:reçue|envoyée|livrée)|référence|colis|coloris)|(?:reçu|envoyé|livré|arrivé)\W+(?:\w+\W+){0,5}(?:autre (?:chose|article|produit|modèle|couleur)|au lieu|à la place|différent\w*)|tout autre|erreur (?:de|d') ?(?:article|produit|préparation|votre part|envoi)|trompés?\b.{0,15}(?:d'article|de produit|de modèle)|j'(?:ai|avais) commandé\W+(?:\S+\W+){1,8}(?:reçu|reçois)|au lieu d
    """,
    "missing_parts": r"""
        +il manque|manqu\w*|incompl\w*|(?:pas|absent\w*|sans)\W+(?:\w+\W+){0,3}(?:dans (?:le|la) (?:carton|colis|boîte)|fourni\w*|inclus\w*|vis\b|câble|notice|chargeur|couvercle|télécommande)|n'y (?:a|avait) (?:pas|que)|seulement (?:\d|deux|trois|quatre|un)|oublié de mettre
    """,
    "damaged_in_transit": r"""
        +(?:arrivée?s?|livrée?s?|reçue?s?)\W+(?:\w+\W+){0,6}(?:abîm\w*|cass\w*|endommag\w*|bris\w*|fissur\w*|écras\w*|miettes|morceaux|rayée?s?|mouill\w*|fendue?)|(?:carton|colis|emballage|boîte)\W+(?:\w+\W+){0,5}(?:écras\w*|abîm\w*|déchir\w*|endommag\w*|ouvert|éventré|trempé|défoncé|cabossé)
        +(?:pendant|durant|dans|lors d\w+|par) (?:le |la |l')?(?:transport|livraison|trajet|transporteur)|livreur\W+(?:\w+\W+){0,6}(?:tomb\w*|jet\w*|lanc\w*)|mal emballé|en (?:mille )?(?:morceaux|miettes)|brisé\w*
        ~fissur\w*|fêlé\w*|cabossé\w*|abîmé\w*
    """,
    "defective": r"""
        +défectu\w*|défaillan\w*|défaut (?!de conformité)|en panne|panne\b|(?:ne|n')\W?(?:\w+ ){0,3}(?:fonctionne|marche|s'allume|charge|démarre|tient|chauffe|répond|tourne|s'ouvre|ferme|imprime|aspire|se connecte)\w*|fonctionne (?:pas|plus)|marche (?:pas|plus)|s'allume (?:pas|plus)|charge (?:pas|plus)|cassée?\b|hors service|hs\b|bug\w*|plante\b|s'éteint|grésill\w*|clignot\w*|fuit\b|fuite|message d'erreur|rend l'âme|lâché|mort\b|dysfonction\w*|bruit (?:bizarre|étrange|anormal)
    """,
    "not_as_described": r"""
        +(?:pas|non|diffèr\w*|différent\w*|rien|contrairement|autre)\W+(?:\w+\W+){0,6}(?:conforme|descript\w*|décri\w*|photo\w*|annonc\w*|site|fiche|promis|image\w*)|correspond (?:pas|plus)|ressemble pas|publicité mensongère|trompeu\w*|guide des tailles|tableau des tailles|pas compatible|incompatible|d'après (?:la|votre) (?:description|fiche|annonce)|non conforme
    """,
    "size_or_fit": r"""
        +(?:trop|un peu|bien trop|beaucoup trop|vraiment) (?:petite?s?|grande?s?|serrée?s?|large?s?|longue?s?|long|courte?s?|étroite?s?|juste|ample)|taille (?:\w+ ){0,2}(?:petit|grand|trop|mal)|ne (?:me|lui|nous) va (?:pas|plus)|me va pas|(?:mauvaise|pas la bonne|autre) taille|pointure|flott\w*|nage dedans|rentre pas|ça (?:me )?serre
    """,
    "changed_mind": r"""
        +changé d'avis|(?:me|nous|lui) (?:plaît|plait|convient|plaisent) (?:pas|plus)|(?:plus|pas) besoin|(?:n'en|en) (?:veux|voulons|ai) (?:plus|pas|finalement pas)|(?:ne|n') (?:en )?(?:veux|veut) plus|pas à mon goût|regrett\w*|pas (?:mon|notre) style|ne correspond pas à mes attentes|pas ce que (?:j'imaginais|je voulais|j'attendais)|me rétracte|rétractation|(?:a|ai|avait) déjà (?:un|une|le|la)\b|en double|ne va pas avec|imaginais|finalement (?:pas|non|je n')|plus l'utilité
    """,
    "ordered_by_mistake": r"""
        +par erreur|par mégarde|trompée?s?\b(?!.{0,12}(?:d'article|de produit))|erreur de (?:ma part|commande|clic|référence)|commandé (?:deux fois|en double|la mauvaise|le mauvais|2 fois)|mal cliqué|cliqué (?:deux|trop|sur le mauvais)|double commande|mon (?:fils|enfant)|ma fille a command\w*|à mon insu|voulais (?:en )?commander|sans faire exprès|confondu
    """,
    "better_price": r"""
        +moins cher\w*|(?:meilleur|plus bas) prix|prix (?:plus bas|a baissé|inférieur|baiss\w*)|en (?:solde|promo)\w*|baisse de prix|différence de prix|euros de moins|€ de moins
    """,
    "quality_unsatisfactory": r"""
        +(?:mauvaise|piètre|médiocre|pauvre|faible|basse) qualité|qualité\W+(?:\w+\W+){0,6}(?:mauvaise|médiocre|décev\w*|nulle|pas|laisse|moyenne|catastrophique)|camelote|bas de gamme|mal (?:cousu|fini|fait|fabriqué)\w*|coutures?\b|décolle\w*|déteint|délav\w*|rétréci\w*|bouloche\w*|s'effiloche|sent (?:mauvais|fort|le)|odeur|pue\b|périm\w*|date (?:de péremption|dépassée)|rouill\w*|moisi\w*|tout fin|transparent\w*|pacotille|fragile|toc\b
    """,
    "counterfeit": r"""
        +contrefa\w*|faux\b|fausse\b|pas (?:un |du )?(?:authentique|vrai|original)|authentic\w*|imitation|copie\b|fake\b|réplique
    """,
    "safety_concern": r"""
        +danger\w*|(?:prend|pris|mis|mettre)\W+(?:\w+\W+){0,2}feu|feu\b|fum(?:e|ée|er|ait)\b|étincelle\w*|brûl\w*|décharge|électrocut\w*|surchauff\w*|fond(?:u|re)\b|explos\w*|gonfl\w* (?:batterie|comme)|batterie (?:a )?gonfl\w*|bless\w*|coup(?:é|ure) (?:le|la|mon|ma|au)|allerg\w*|irritation|plaques rouges|rappel (?:de )?(?:produit|sécurité)|prise de courant|chauffe (?:énormément|anormalement|beaucoup|tellement)
    """,
    "size_too_small": r"(?:trop|un peu|bien trop|beaucoup trop|vraiment) (?:petit|serré|court|étroit|juste)|taille (?:\w+ ){0,2}petit|taille au.?dessus|plus grande|serre",
    "size_too_large": r"(?:trop|un peu|bien trop|beaucoup trop|vraiment) (?:grand|large|long|ample)|taille (?:\w+ ){0,3}grand|taille en dessous|plus petite|nage dedans|flott",
    "not_compatible": r"pas compatible|incompatible",
    "gift_unwanted": r"cadeau.{0,60}(?:déjà|pas|double)|en double",
    "style_colour": r"(?:couleur|style|tissu) (?:ne|n'|me)",
    "withdrawal": r"(?:je |nous )(?:me |nous )rétract|droit de rétractation|rétractation|par la présente",
    "unauthorised": r"mon (?:fils|enfant)|ma fille a command|à mon insu",
    "badly_packed": r"mal emballé|emballage (?:insuffisant|ridicule|inexistant)|sans (?:protection|calage|papier bulle|rembourrage)|aucune protection|aucun (?:calage|rembourrage)",
    "own_fault": r"(?:de )?ma (?:propre )?faute|je l'ai (?:fait tomber|cassé)|fait tomber|maladresse|renversé",
    "chart_wrong": r"guide des tailles|tableau des tailles",
    "expired": r"périm|date (?:de péremption|dépassée)",
    "too_few": r"(?:seulement|que) (?:\d|deux|trois|quatre|un)\b|au lieu de (?:\d|deux|trois|quatre|cinq|six)",
    "refund": r"rembours\w*|argent|avoir\b sur|recrédit\w*|virement",
    "keep_discount": r"remboursement partiel|geste commercial|remise|(?:garde|garder)\W+(?:\w+\W+){0,8}(?:réduction|rabais|remise|partie|%)|rabais|ristourne",
    "store_credit": r"bon d'achat|carte cadeau|avoir (?:sur|pour|valable)|en avoir\b",
    "already_sent": r"(?:j'ai |ai )(?:tout |déjà |bien )?(?:renvoyé|retourné|posté|envoyé|déposé|expédié)|colis (?:renvoyé|retourné|posté|déposé)",
}
NEGATION = r"(?:pas|ne|sans|jamais|aucune?|plutôt que|ni|au lieu de?)\W+(?:\w+\W+){0,2}$"
