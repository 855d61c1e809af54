"""The small words that decide what a sentence claims: negators, opposites, quantifiers, hedges, causes."""

STOP = frozenset(
    "a an the this that these those there here kinds sorts types it its he she they them him her "
    "his hers their theirs we us our ours you your yours i me my mine myself itself himself "
    "herself themselves yourself one ones who whom whose which what when where why how is are was "
    "were be been being am do does did done doing have has had having will would shall should can "
    "could may might must of to in on at by for from with about into onto out up down off over as "
    "than then so such and or but if because since while though although until unless not no nor "
    "too very just also even still already yet only own same some any all both each every other "
    "another more most much many few less least lot lots kind sort bit like well oh yeah yes okay "
    "ok right really actually basically literally obviously maybe perhaps quite rather pretty "
    "almost nearly roughly approximately around ever never always often sometimes usually again "
    "ago now today let us's am something anything everything nothing someone anyone everyone "
    "nobody somebody everybody anybody none whatever whoever whether either neither without "
    "within through during before after between among upon per via thing things stuff guys man "
    "hey gonna wanna got get gets getting going go goes went gone come comes came coming make "
    "makes made making take takes took taken taking put puts say says said saying tell tells told "
    "think thinks thought thinking know knows knew mean means meant feel feels felt guess "
    "according believe believes believed estimate estimates estimated reckon reckons hold holds "
    "consider considers call calls called see sees saw seen find finds found explain explains "
    "explained note notes noted describe describes described argue argues argued claim claims "
    "claimed report reports reported mention mentions mentioned add adds recall recalls recalled "
    "admit admits admitted concede concedes view want wants s t re ve ll d m don didn isn aren "
    "wasn weren hadn hasn haven doesn couldn wouldn shouldn way ways time times while once "
    "twice rather instead able else second seconds minute minutes hour hours day days week weeks "
    "month months year years decade decades percent cent dollars euros pounds yourself in-between "
    "someone somebody".split()
)
"""Words that carry no content of their own; whether a claim's words are in a quote is asked of the others."""

NUMBER_WORDS = frozenset(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred "
    "hundreds thousand thousands million millions billion billions dozen dozens half third "
    "quarter quarters tenth tenths".split()
)
"""Left to the number check."""

SAYS = frozenset(
    "says said thinks thought believes believed estimates estimated reckons reckoned argues "
    "argued claims claimed explains explained recalls recalled admits admitted concedes conceded "
    "notes noted holds feels felt finds found considers calls called describes described suggests "
    "suggested recommends recommended likes prefers preferred sees credits hopes expects wants "
    "mentions mentioned warns warned insists insisted predicts predicted remembers tells told "
    "points complains complained agrees agreed doubts doubted worries".split()
)
"""Verbs after a name that make the name the one who speaks."""

PLAIN_NEGATORS = frozenset(
    "not no never none nobody nothing neither nor nowhere cannot nothing_to_do_with without_any".split()
)
NEGATORS = PLAIN_NEGATORS | frozenset(
    "without hardly barely rarely "
    "seldom scarcely zero lack lacks lacked lacking fail fails failed failing refuse refuses "
    "refused refusing avoid avoids avoided avoiding unable impossible prevent prevents prevented "
    "preventing unless except unlike ain't cant dont doesnt didnt isnt wasnt wont decline "
    "declines declined stop stops stopped quit quits skip skips skipped skipping "
    "deny denies denied denying doubt doubts doubted exclude excludes excluded "
    "excluding fewer reject rejects rejected unrelated avoidance absence refusal forbid forbids "
    "forbidden ban bans banned prohibits prohibited abandon abandoned abandons oppose opposes "
    "opposed instead neglect neglected neglects ignore ignores ignored".split()
)
NEGATING = (
    "rather than|instead of|no longer|no one|not any|rule[sd]? out|ruling out|turn(?:s|ed)? down|gives? up|gave up|"
    "giving up|out of reach|free (?:of|from)|steers? clear of|steering clear of|"
    "stay(?:s|ed|ing)? (?:away from|off|out of)|away from|keeps? (?:\\w+ ){1,3}from|kept (?:\\w+ ){1,3}from|before (?:it|they|he|she|we|i|you) ever|too \\w+ to|never again|can ?not|got rid of|"
    "(?:am|is|are|was|were|be|being|'m|'re|advise[sd]?|voted?|decided?|argue[sd]?|warn(?:s|ed)?) against|gets? rid of|little (?:is|was|to)|nothing to do with|without any"
)
"""Phrases that deny as one word does."""
NO_NEGATION = (
    "not only|not just|not merely|not simply|no other|nobody but|nothing but|no one but|nobody else|no one else|"
    "nobody other than|no doubt|no matter|why not|not to mention|no wonder|nothing more than|not until|no later|"
    "no sooner|can't wait|never before|no less|stop by|no idea|not sure|not least|says? no|said no|a stop|non stop|"
    "by no means only|if not|isn't it|doesn't it|don't they|aren't they|don't you|isn't that|no worries|no problem|"
    "you know what|don't know if|not necessarily only"
)
"""Phrases with a negator in them that deny nothing."""
HALF_NEGATORS = frozenset(
    "little few short limit limits limited left alone rid gone former formerly ended end ends "
    "over hard difficult less rare only except other others instead resist resists problem fault "
    "regret regrets closed out beyond unless lost loses spared spare sparse weak poor leave "
    "leaves drop drops dropped ran however although though despite least than exception unlike against".split()
)
"""Words that may carry a denial, so that a clause with one is not taken to say the contrary of a denial."""

HEDGES = frozenset(
    "might may maybe perhaps possibly possible possibility potential potentially hopefully "
    "probably likely unlikely try tries trying tried attempt attempts attempted hope hopes hoping "
    "hoped wish wishes plan plans planned planning consider considers considering considered "
    "consideration intend intends aim aims aimed want wants wanted could would should seem seems "
    "seemed appear appears suppose supposed supposedly allegedly rumoured rumour suspect suspects "
    "suspected unsure uncertain doubt doubts wonder wonders wondering propose proposes proposed "
    "idea ideas thinking discussing discussed exploring talks eventually someday if unless about "
    "approximately roughly around best fail failed fails miss missed misses vain asked asks "
    "approached sought unproven tends tend expects expected guess guesses believes believed "
    "estimates can cannot prove speculates imagines worries fears opinion toying suggests "
    "suggested suggest recommends recommended advises advised proposes".split()
)
"""Words in a claim that keep it as unsure as its quote."""
UNSURE = frozenset(
    "might may possibly potentially hopefully hoping hope trying tried attempted planning plan "
    "considering supposedly allegedly rumoured wondering suspect exploring someday maybe perhaps "
    "wish".split()
)
"""Words in a quote after which nothing is certain, or done."""

IRREGULAR = {
    form: base
    for base, forms in {
        "run": "ran running", "build": "built building", "write": "wrote written writing", "break": "broke broken",
        "bring": "brought", "buy": "bought", "sell": "sold", "keep": "kept", "leave": "left leaving",
        "lose": "lost losing", "pay": "paid pays", "grow": "grew grown", "begin": "began begun beginning",
        "speak": "spoke spoken", "choose": "chose chosen choice", "drive": "drove driven", "eat": "ate eaten",
        "fall": "fell fallen", "fly": "flew flown flies", "forget": "forgot forgotten", "give": "gave given giving",
        "hear": "heard", "hide": "hid hidden", "lead": "led", "learn": "learnt", "meet": "met",
        "ride": "rode ridden", "rise": "rose risen", "send": "sent", "shoot": "shot", "sing": "sang sung",
        "sit": "sat", "sleep": "slept", "spend": "spent", "stand": "stood", "steal": "stole stolen",
        "swim": "swam swum", "teach": "taught", "throw": "threw thrown", "understand": "understood",
        "wake": "woke woken", "wear": "wore worn", "win": "won winning", "become": "became", "show": "shown",
        "draw": "drew drawn", "freeze": "froze frozen", "fight": "fought", "catch": "caught", "hold": "held",
        "stick": "stuck", "strike": "struck", "bite": "bit bitten", "blow": "blew blown", "feed": "fed",
        "lie": "lay lain lying", "person": "people folks", "child": "children kids", "good": "better best",
        "bad": "worse worst", "woman": "women", "man": "men", "foot": "feet", "life": "lives", "use": "used using",
    }.items()
    for form in forms.split()
}  # fmt: skip

ALIASES = {
    "us": "america", "usa": "america", "u.s": "america", "u.s.": "america", "american": "america",
    "americans": "america", "states": "america", "uk": "britain", "u.k": "britain", "british": "britain",
    "js": "javascript", "ts": "typescript", "k8s": "kubernetes", "postgres": "postgresql", "golang": "go",
    "aws": "amazon", "european": "europe", "german": "germany", "french": "france", "dutch": "netherlands",
    "indian": "india", "chinese": "china", "canadian": "canada", "spanish": "spain", "italian": "italy",
    "eu": "europe", "nyc": "york", "sf": "francisco", "ml": "machine", "vscode": "vs", "gh": "github",
    "fb": "facebook", "holland": "netherlands", "english": "england",
}  # fmt: skip
"""Other names of the same thing, in lower case."""
