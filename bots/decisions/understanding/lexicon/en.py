"""English evidence. See `bots.decisions.understanding.lexicon` for the notation."""

from __future__ import annotations

PATTERNS: dict[str, str] = {
    "return_request": r"""
        +(?:want|like|wish|need|have|going|wanna|try\w*|decided|happy|prefer) (?:to |2 )?(?:return|send|give|hand|ship) (?:it|this|them|these|the|both|one|two|all|everything|back|mine|my|\d)
        +(?:send|sending|ship|give|giving|take|post|hand)\w*\W+(?:\w+\W+){0,6}?back\b
        +(?:how|where) (?:do|can|should|would) i (?:return|send)
        +can i (?:please )?(?:return|send)
        +(?:want|like|get|have|need)\W+(?:\w+\W+){0,4}(?:money|refund\w*)(?: back)?
        return label|returns? (?:form|address|procedure|process|number|slip)|rma\b
        refund (?:me|please|the|this|it|my)|please refund|be refunded|money back|full refund|for a refund|return \+ refund
        ~return\b|returning|refund
        start a return|take it back|collect it|pick it up
        +(?:hereby )?(?:withdraw|cancel) (?:from )?(?:the |my |this )?(?:purchase|contract)|i withdraw
        partial refund|knock\w* (?:some|something|a bit) off|keep it for
    """,
    "exchange_request": r"""
        +exchange|swap\b|swapp\w+|replace(?:ment|d)?\b|instead of a refund
        +(?:send|ship|post|get|have)\W+(?:\w+\W+){0,5}?(?:new one|another one|right one|correct (?:one|item)|right (?:item|size|colou?r|part)|missing (?:\w+ ){0,3}\w+|new (?:\w+ )?(?:part|lid|pair|unit))
        +(?:a|the|one) size (?:up|down|bigger|smaller|larger)|bigger size|smaller size|larger size|different size|other size|next size
        ~instead\b|spare part|send (?:me )?the (?:missing|right|correct)
    """,
    "repair_request": r"""
        +repair\w*|(?:get|have) it fixed|fix (?:it|this|the)|mend(?:ed)?\b|can (?:it|this) be fixed|serviced|under warranty repair
    """,
    "return_status": r"""
        +where(?:'?s| is| are)?\W+(?:\w+\W+){0,2}return\w*\b|(?:any (?:news|update)|status|what'?s happening|update)\W+(?:\w+\W+){0,5}returns?\b
        +(?:have|did|has)\W+(?:\w+\W+){0,6}(?:receive\w*|got|get|arrive\w*|reach\w*|turn\w* up)\W+(?:\w+\W+){0,6}(?:return\w*|parcel|package|back|it|you|warehouse)
        +return (?:parcel|package|shipment|case|request)\W+(?:\w+\W+){0,8}(?:arriv|reach|receiv|status|where|now|pending|processed|approved)
        (?:sent|posted|returned|dropped|handed)\W+(?:\w+\W+){0,12}(?:did you get|has it arrived|received it|any news|got it)
        still (?:says|shows|showing) \W?(?:awaiting|pending|in transit|processing)
    """,
    "refund_status": r"""
        +where(?:'?s| is)?\W+(?:\w+\W+){0,2}(?:money|refund|cash|reimbursement)
        +when\W+(?:\w+\W+){0,4}(?:refund\w*|money|reimburs\w*|credited)
        +(?:still|yet|not|never|no|hasn'?t|haven'?t|nothing)\W+(?:\w+\W+){0,8}(?:refund\w*|money|credited|reimburs\w*)
        +refund\w*\W+(?:\w+\W+){0,8}(?:not|yet|still|never|hasn'?t|missing|pending|overdue|outstanding|status)
        +(?:nothing|not)\W+(?:\w+\W+){0,4}(?:account|card|statement|bank)
        chase\w*\W+(?:\w+\W+){0,3}refund|waiting (?:for|on) (?:my|the) (?:money|refund)|owe me
    """,
    "cancel_return": r"""
        +(?:cancel|scrap|stop|forget|ignore|close|withdraw|disregard|drop)\W+(?:\w+\W+){0,4}(?:return|rma|refund request|request|case|exchange|collection)\b
        +(?:i'?m|i am|i'?ll|i will|we'?ll|we are|decided to|rather|going to|want to|gonna)\W+(?:\w+\W+){0,2}keep(?:ing)?\b(?! (?:it )?for)
        +(?:don'?t|no longer|not) (?:want|need|wish)\W+(?:to )?(?:return|send (?:it )?back)|never ?mind|no need (?:to|for a) return|changed my mind about (?:the )?return\w*
        works (?:now|after all|fine now)|fits (?:after all|now)|happy with it after all
    """,
    "provides_information": r"""
        +(?:here(?:'?s| is| are)|attached(?: is| are)?|attaching|as requested|as you asked|you asked)\W+(?:\w+\W+){0,8}(?:photo\w*|pic\w*|tracking|number|iban|bank|account|details|receipt|invoice|serial|proof|video|address|info\w*)
        +(?:tracking|consignment|shipment|waybill) (?:number|no|code|#)\W+(?:\w+\W+){0,2}is|tracking:
        +(?:my )?(?:bank|account) details|(?:i )?(?:posted|sent|dropped|handed|shipped) it (?:on|off|at|yesterday|today|this|last)
        ~photos? (?:attached|below)|see (?:photo|pic)\w*|serial number is|to answer your|in answer to
    """,
    "complaint": r"""
        +chargeback|dispute\b|lawyer|solicitor|attorney|legal action|small claims|sue\b|suing|court\b|trading standards|ombudsman|consumer (?:protection|rights|advice)|paypal case|section 75|report you
        +complain\w*|disgust\w*|appalling|unacceptable|disgrace\w*|outrag\w*|scam\w*|fraud\w*|rip.?off|shame on|worst\b|joke of|ridiculous|rude\b|ignored|manager
        ~third (?:time|mail|email)|fed up|never again|terrible|awful|trustpilot|bad review|one star
    """,
    "order_question": r"""
        +(?:where(?:'?s| is)?|when)\W+(?:\w+\W+){0,4}(?:order|delivery|parcel|package|delivered|shipped|dispatch\w*)\b
        +(?:change|update|correct|wrong)\W+(?:\w+\W+){0,5}(?:address|delivery date)|invoice|vat receipt|proforma|(?:do|does|is|are|can|will) (?:you|it|this|the)\W+(?:\w+\W+){0,6}(?:ship to|deliver to|in stock|available|compatible|back in stock|fit a|suitable|come with)
        +cancel\W+(?:\w+\W+){0,4}(?:order|it before|before it)|before (?:it|you) (?:ships?|dispatch\w*|leaves|sends?)|hasn'?t (?:shipped|been (?:sent|dispatched))
        +order\W+(?:\w+\W+){0,3}(?:not|hasn'?t|still|yet|arrive\w*)|not (?:yet )?(?:arrived|been delivered)|how long (?:does|will) (?:delivery|shipping)|discount code|voucher code|gift wrap|add to my order
    """,
    "other": r"""
        +out of (?:the )?office|automatic reply|auto.?reply|auto(?:matic)? response|undeliver\w*|delivery (?:has )?(?:failed|status notification)|mailer.daemon|mailbox (?:is )?full|on (?:annual )?leave|no access to e-?mail
        +unsubscribe|newsletter|seo\b|page one|backlinks?|special offer|business (?:owner|proposal|opportunity)|crypto|bitcoin|lottery|winner|investment|dear sir.{0,30}supplier|wholesale|partnership|collaborat\w+|influencer|apply\w* for|job (?:application|opening)|my cv\b|résumé|quotation|our (?:company|factory) (?:offers|produces|specialis)|webinar|free (?:call|trial|quote)|limited time
    """,
    "not_delivered": r"""
        +never (?:arrived|came|got|received|turned up|delivered|showed)|not (?:been )?(?:arrived|received)|nothing (?:has )?(?:arrived|came|come)|did(?:n'?t| not) (?:arrive|get it|receive)|lost in (?:the )?(?:post|transit|mail)|(?:marked|says|shows|shown)\W+(?:\w+\W+){0,3}delivered|(?:parcel|package|order) (?:is|has gone|went|got) (?:missing|lost)|stolen|empty (?:box|parcel|porch)
    """,
    "arrived_late": r"""
        +(?:too|so|very|far too|weeks?|days?|months?|way) late\b|late (?:delivery|arrival)|(?:arrived|came|come|delivered|turned up|got here)\W+(?:\w+\W+){0,8}(?:late|after|too late)|missed (?:the|his|her|my|our) (?:birthday|party|wedding|date)|after (?:christmas|the (?:birthday|party|wedding|holiday|trip))|delay\w*|took (?:\w+ ){0,2}(?:weeks|months)
    """,
    "wrong_item": r"""
        +wrong (?:item|product|article|thing|colou?r|one|model|size (?:sent|arrived|delivered|in)|order|goods|version|parcel|pair)|(?:sent|send|got|received|delivered|shipped|arrived|came|contain\w*)\W+(?:\w+\W+){0,6}(?:instead|different (?:item|article|product|colou?r|model|one)|wrong|something else|someone else)
        ordered (?:a |the )?(?:\w+ ){1,4}(?:but|and|,)\W*(?:\w+ ){0,3}(?:got|received|came|arrived|sent)|not (?:the one|what) (?:i|we) ordered|something else was|mixed up
    """,
    "missing_parts": r"""
        +missing\b|(?:without|no) (?:the |its |any )?(?:\w+ )?(?:screws?|cable|charger|lid|remote|manual|adapter|battery|parts?|accessor\w+|instructions|strap|plug|power)|incomplete|not (?:included|in the (?:box|package|parcel))|wasn'?t in the|weren'?t in the|only (?:got|received|contained|had|\w+ of)|left out|forgot to (?:include|pack)|one short|isn'?t there|there'?s no\b
    """,
    "damaged_in_transit": r"""
        +(?:arrived|came|delivered|turned up|received)\W+(?:\w+\W+){0,6}(?:damaged|broken|smashed|cracked|shattered|crushed|bent|dented|in pieces|scratched|wet|squashed|chipped)
        +(?:box|parcel|package|carton|packaging)\W+(?:\w+\W+){0,5}(?:crushed|damaged|dented|torn|ripped|soaked|wet|squashed|open|destroyed|battered)|(?:in|during) (?:transit|shipping|transport|the post|delivery)|courier\W+(?:\w+\W+){0,6}(?:dropp\w*|threw|thrown|damag\w*|broke)|transit damage|shattered|smashed|in (?:a thousand |many )?pieces|badly packed|no (?:padding|bubble)
        ~crack\w*|chipped|dent(?:ed)?|damag\w+
    """,
    "defective": r"""
        +defect\w*|faulty|fault\b|broken|broke\b|malfunction\w*|dead\b|died|not work\w*|(?:doesn'?t|does not|won'?t|will not|wont|doesnt|isn'?t|is not|stopped|stop|stops|quit|no longer|never|can'?t get it to|don'?t)\W+(?:\w+\W+){0,2}(?:work\w*|turn\w* on|charg\w*|power\w*|switch\w*|start\w*|function\w*|connect\w*|spin\w*|heat\w*|cool\w*|light\w*|pair\w*|respond\w*|close|open)|error (?:code|message)|leak\w*|flicker\w*|short circuit|keeps (?:cutting|turning|switching|shutting|crashing)|(?:makes?|making) (?:a |an )?(?:\w+ )?noise|out of order|kaput
    """,
    "not_as_described": r"""
        +(?:not|nothing|isn'?t|aren'?t|doesn'?t|does not|differs?|different|unlike|than|misleading|false)\W+(?:\w+\W+){0,6}(?:descri\w*|advert\w*|pictur\w*|photos?|listing|listed|website|promised|claimed|stated|shown|page|ad\b|spec\w*)|misleading|size chart|not compatible|incompatible|(?:your|the) (?:site|page|website|listing|description|ad) (?:said|says|promised|shows|states)|says (?:\w+ ){1,4}on (?:your|the) (?:site|page)|fake leather|not real (?:leather|wool|silk|wood)|advertised
    """,
    "size_or_fit": r"""
        +(?:too|bit|very|way|far|so|much|rather|slightly) (?:\w+ )?(?:small|big|large|tight|loose|long|short|narrow|wide|huge|tiny|baggy|snug)|(?:doesn'?t|does not|don'?t|do not|didn'?t|not|won'?t) (?:really |quite )?fit|(?:runs|comes up|cut|sits) (?:small|large|big|short)|size (?:up|down|bigger|smaller|larger|is wrong)|wrong size for|pinch\w*|swimming in|can'?t (?:get|button|zip|close)|(?:bigger|smaller|larger|different|other) size
    """,
    "changed_mind": r"""
        +chang\w* (?:my|our|his|her|the) mind|(?:don'?t|do not|no longer|didn'?t) (?:really )?(?:need|want|like|fancy)|not (?:my|our|his|her|for) (?:taste|style|thing|me)|(?:doesn'?t|does not|don'?t) (?:suit|match|go with|look (?:good|nice|right))|no longer (?:need\w*|want\w*|required|interested)|unwanted|second thoughts|regret|not what i (?:imagined|expected|had in mind|was hoping)|already (?:has|have|got|own)|duplicate gift|expected (?:it )?to be|just not|withdraw|isn'?t for me|don'?t like
    """,
    "ordered_by_mistake": r"""
        +(?:by|in|my) (?:mistake|accident|error)|accidental\w*|(?:order\w*|bought|clicked|pressed|selected|chose|purchas\w*|hit|picked)\W+(?:\w+\W+){0,6}(?:wrong|twice|mistake|accident\w*|error)|ordered (?:it |this |them )?twice|double (?:order|click)|two by mistake|duplicate order|oops|my (?:son|daughter|kid|child|toddler|cat) (?:ordered|bought|clicked|pressed)|mis.?click\w*|meant to (?:order|buy|get)|without my (?:knowledge|permission)
    """,
    "better_price": r"""
        +cheaper|(?:better|lower|best) (?:price|offer|deal)|(?:for|at|costs?) (?:much |a lot )?less\b|price (?:drop\w*|match|fell|has dropped|went down|reduc\w*)|less (?:money )?(?:elsewhere|in another|at another)|on (?:sale|offer) (?:now|for|elsewhere)|reduced (?:to|by)|half (?:the )?price
    """,
    "quality_unsatisfactory": r"""
        +(?:poor|bad|low|cheap|terrible|awful|disappointing|inferior|shoddy|rubbish) (?:\w+ )?(?:quality|material|fabric|finish|workmanship|made|plastic|stitching)|quality (?:is|was|of|isn'?t|not)|cheap(?:ly)? (?:made|feel\w*|look\w*)|flimsy|tatty|falls? apart|fell apart|falling apart|coming apart|came apart|(?:thread|seam|stitch\w*)s?\W+(?:\w+\W+){0,4}(?:loose|com\w+ (?:undone|apart)|unravel\w*|torn)|peel\w* off|pilling|bobbl\w+|see.?through|colou?r (?:runs|ran|fades|faded|bleeds|bled)|smells? (?:of|like|awful|terrible|horrible|chemical)|stinks?|wafer.?thin|expired|best before|past its (?:date|use)|mouldy|moldy|rusty|rusted|shrunk|shrank
    """,
    "counterfeit": r"""
        +fake(?! leather)|counterfeit|knock.?off|replica|not (?:genuine|authentic|original)|isn'?t (?:genuine|real|authentic)|imitation|not the real (?:thing|one)|authenticity|genuine\b.{0,30}\bnot|forgery|bootleg
    """,
    "safety_concern": r"""
        +danger\w*|unsafe|(?:safety|fire) (?:hazard|risk|concern|recall)|hazard\w*|caught fire|on fire|smok(?:e|ing|ed)\b(?! smell)|spark\w*|burn(?:t|ed|ing|s)?\b|electric shock|got a shock|shocks? me|overheat\w*|melt\w*|explod\w*|exploded|swollen|bulging|chok\w*|injur\w*|cut (?:my|his|her)|allergic|rash\b|recall(?:ed)?\b|scorch\w*
    """,
    "size_too_small": r"(?:too|bit|very|way|far|so|much|rather) (?:\w+ )?(?:small|tight|short|narrow|snug|tiny)|runs small|(?:bigger|larger) size|size (?:up|bigger|larger)|pinch\w*",
    "size_too_large": r"(?:too|bit|very|way|far|so|much|rather) (?:\w+ )?(?:big|large|loose|long|wide|huge|baggy)|runs large|smaller size|size (?:down|smaller)|swimming in",
    "not_compatible": r"not compatible|incompatible|doesn'?t fit (?:my|the|our) (?:phone|car|laptop|bike|machine|printer)|compatib\w+",
    "gift_unwanted": r"\bgift\b.{0,60}(?:already|doesn'?t|not|return)|as a (?:gift|present)|duplicate gift",
    "style_colour": r"(?:don'?t|not) like the (?:colou?r|style|fabric|look)|colou?r (?:doesn'?t|does not|isn'?t|is not) (?:suit|go|match|my)",
    "withdrawal": r"(?:i|we) (?:hereby |herewith |would like to )?withdraw|withdraw(?:al)? from (?:the |my |this )?(?:contract|purchase|order)|right of (?:withdrawal|cancellation)|hereby (?:give notice|cancel)|cooling.off",
    "unauthorised": r"(?:my )?(?:son|daughter|kid|child|toddler)\W+(?:\w+\W+){0,4}(?:ordered|bought|clicked)|without my (?:knowledge|permission)|didn'?t authori[sz]e",
    "badly_packed": r"badly packed|poorly packed|no (?:padding|bubble wrap|protection)|packag\w+ was (?:a joke|useless|inadequate)|loose in the box|you (?:didn'?t )?pack",
    "own_fault": r"my (?:own )?fault|i dropped|my (?:own )?mistake|i broke|i spilled|dropped it|sat on|stepped on|dog (?:chewed|ate)",
    "chart_wrong": r"(?:size (?:chart|guide|table)|according to your (?:chart|table|guide|sizes))",
    "expired": r"expired|best before|past its (?:date|use)|use.by date",
    "too_few": r"only (?:got|received|contained|had|sent)? ?(?:\w+ )?(?:\d|one|two|three|four|five) of|one short|instead of (?:\d|two|three|four|five|six)",
    "refund": r"refund\w*|money back|reimburs\w*|my money|the money|cash back|credit my (?:card|account)",
    "keep_discount": r"partial refund|knock\w* (?:\w+ ){0,4}off|(?:keep|kept)\W+(?:\w+\W+){0,8}(?:discount|reduction|part of|some money|off|percent|%)|discount (?:instead|and)|price reduction",
    "store_credit": r"store credit|gift card|voucher|credit note for (?:my )?next|shop credit",
    "already_sent": r"(?:i )?(?:sent|posted|shipped|returned|dropped|handed)\W+(?:\w+\W+){0,4}(?:back|in|off|it|parcel|package|on)|was (?:delivered|received) (?:to|by|at) (?:you|your)",
}
NEGATION = r"(?:not|no|don'?t|do not|doesn'?t|never|without|isn'?t|wasn'?t|rather than|instead of|no need for a?)\W+(?:\w+\W+){0,2}$"
