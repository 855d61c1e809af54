"""Plain reasons why a quote cannot carry a sentence: the sentence goes further ("all", "never", "most")."""

import re
from collections.abc import Iterator, Sequence

from rag.claim_numbers import derived
from rag.claim_words import NUMBER_WORDS
from rag.clauses import negations
from rag.quantities import quantities
from rag.sayers import Cited
from rag.word_forms import fold, words_of

_TOTAL = frozenset(
    "all every each always everyone everybody everything everywhere entire entirely completely "
    "totally fully whole whatever forever absolutely permanently wholly constantly universally "
    "invariably perfect perfectly any anyone anybody anything anywhere".split()
)
_DENIED = frozenset("no none never nobody nothing nowhere zero".split())
_EXCLUSIVE = frozenset("only solely sole exclusively alone".split())
_NEED = frozenset(
    "must guarantee guarantees guaranteed impossible inevitable inevitably proven proved "
    "proof definitely undoubtedly".split()
)
_ANYONE = frozenset("any anyone anybody everyone everybody".split())
_SIGNS: dict[str, frozenset[str]] = {
    "total": _TOTAL | frozenset(
        "no none nobody nothing both nightly daily weekly monthly yearly annually across "
        "throughout regardless everyday rest remaining full wherever whichever whoever whenever".split()
    ),
    "anyone": (_TOTAL | _DENIED | frozenset("wherever whichever whoever whenever".split())) - frozenset("everything anything nothing whole entire whatever never".split()),
    "ever": frozenset("ever never".split()),
    "none": _TOTAL | _DENIED | frozenset("only hardly rarely barely neither nor lack lacks ever before cannot free without".split()),
    "only": _EXCLUSIVE | _TOTAL | _DENIED | frozenset(
        "just unless except until single one but other others first after not".split()
    ),
    "need": _NEED | frozenset(
        "have has need needs needed required require requires mandatory must gotta certainly sure "
        "cannot".split()
    ),
    "top": frozenset("only first unique favourite favorite number top most best worst leading unlike".split()),
}  # fmt: skip
"""For each kind of sweeping word in a claim, the words in a quote that can bear it out."""

_NO_SUPERLATIVE = frozenset(
    "interest test request rest west latest honest forest invest suggest contest guest quest "
    "harvest protest digest manifest modest earnest nearest arrest chest nest vest pytest ingest "
    "attest backtest oldest youngest dishonest crest bequest request unrest armrest tempest conquest inquest behest "
    "zest pest jest lest wrest infest midwest northwest southwest slightest".split()
)
_PARTS = "third|quarter|fifth|sixth|eighth|tenth|hundredth|thousandth"
_HARMLESS = re.compile(
    r"\b(?:at all|after all|above all|first of all|not all|not every\w*|all right|all-\w+|as a whole|ever since|any ?more|"
    r"any longer|if any\w*|without any|not any|all the more|once and for all|each other|all about|almost (?:all|every\w*|"
    r"always|never|no\w*)|nearly (?:all|every\w*|always)|not always|not only|almost any|if ever|all but|"
    r"hardly (?:any|ever)|all the time|at best|at worst|a certain|for certain|"
    r"all (?:the way|along)|"
    rf"(?:half|%|per ?cent|most|many|some|few|one|(?:{_PARTS})s?) of all)\b"
)
"""What only looks sweeping: "a third of all" tells a share."""
_COUNTS = "|".join(sorted(NUMBER_WORDS))
_HARMLESS_IN_A_CLAIM = re.compile(
    r"\b(?:all of (?:this|that|it|these|those|which)|prove[ds]? (?!(?:that|the|it|this|these|how|why)\b)|"
    r"(?:every|all)\b[^,.;]{0,40} (?:except|but|apart from|save)\b|only (?:after|once|when)\b|"
    rf"(?:all|both) (?:of )?(?:the )?(?:{_COUNTS}|\d+)\b|"
    rf"only (?:[\w-]+ ){{0,5}}?(?:a few|a couple|once|twice|{_COUNTS}|\d[\d.,]*)\b)"
)
"""What bears a sweeping word out in a quote, and needs no such quote itself: "all of it", "only six", "proved wrong"."""
_PERIOD = (
    r"(?:milli|micro)?second|minute|hour|day|week|month|year|night|morning|spring|summer|autumn|fall|winter|"
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)day"
)
_RECURRING = re.compile(rf"\b(?:every|each) (?:\w+ )?(?:time|{_PERIOD})s?\b")
_PERIODS = re.compile(rf"\b(?:every|each) (?:\w+ )?(?:{_PERIOD})s?\b")
_LISTED = re.compile(r"(, [^,;.]{1,40},? (?:and|or) (?:\w+ ){1,3})all\b")
""" "Mac, Windows and Linux apps all": all of those listed."""
_LIMITED = re.compile(
    r"\b(?:at the moment|current\w*|for now|right now|yet|usually|mostly|sometimes|often|at present|presently|"
    r"not (?:just )?(?:a lot|much|many))\b"
)
_I_DO_NOT = re.compile(r"\bi (?!think|guess|mean|know)(?:\w+ ){0,2}?(?:\w+n't|not|never)\b")
_NO_EXCEPTION = re.compile(
    r"\b(?:not|never|isn't|wasn't) (?:a single|one|a) [^.!?]{0,80}?(?:n't|\bnot|\bwithout|\bnever)\b"
)
"""Not one that was not: all were."""
_NOT_ONE = re.compile(r"(?:n't|\bnot|\bnever) (?:\w+ ){0,4}?(?:a|an|one|any) \w+")


def overreach(claim: str, quotes: Sequence[Cited]) -> str | None:
    """A word in the claim that goes further than anything in the quotes ("all", "never", "most", "best")."""
    text = fold(" ".join(quote.text for quote in quotes))
    have, strict = set(words_of(text)), set(words_of(_PERIODS.sub(" ", _HARMLESS.sub(" ", text))))
    plain = _HARMLESS_IN_A_CLAIM.sub(" ", _LISTED.sub(r"\1", _HARMLESS.sub(" ", fold(claim))))
    if _RECURRING.search(text) or re.search(
        r"\b(?:a|per|nightly|daily) (?:day|night|week|month|year)\b", text
    ):
        plain = _RECURRING.sub(" ", plain)
    for word, kind in _sweeping(plain):
        if strict & _SIGNS[kind] or (kind in ("top", "only", "none") and any(map(_superlative, have))):
            continue
        own = word == "nobody" and _I_DO_NOT.search(text)
        if word in ("never", "nobody") and "not" in have and not _LIMITED.search(text) and not own:
            continue
        if word in ("nothing", "none", "nobody") and _NOT_ONE.search(text):
            continue
        if kind == "total" and _NO_EXCEPTION.search(text):
            continue
        if any(number.unit == "%" and number.high >= 100 for number in quantities(text)):
            continue
        return f"goes further than the quote ('{word}')"
    return _too_many(fold(claim), have, text)


_DENYING, _NEAR = frozenset("not no never without".split()), 4
_NOBODY = frozenset("neither none nobody hardly".split())
"""What denies all that comes after it in its sentence."""


def _sweeping(plain: str) -> Iterator[tuple[str, str]]:
    """The claim's sweeping words, each with its kind."""
    words = words_of(plain)
    denied = negations(plain) > 0
    for at, word in enumerate(words):
        if _DENYING & set(words[max(0, at - _NEAR) : at]) or _NOBODY & set(words[:at]):
            continue  # "isn't entirely", "not every client", "neither read all": less is said than without the word
        if word in _TOTAL:
            if not (word.startswith("any") and (denied or at > 0)):
                yield word, "anyone" if word in _ANYONE else "total"
        elif word == "ever" and {"has", "have"} & set(words[at - 2 : at]):
            yield word, "ever"
        elif word in ("none", "never", "nobody", "nothing", "nowhere"):
            yield word, "none"
        elif word in _EXCLUSIVE:
            yield word, "only"
        elif word in _NEED:
            yield word, "need"
        elif _superlative(word):
            yield word, "top"


def _superlative(word: str) -> bool:
    return word in ("best", "worst") or (
        len(word) > 4 and word.endswith("est") and word not in _NO_SUPERLATIVE
    )


_MOST = re.compile(
    r"\b(most (?:of|people|\w+(?<!ou)(?<!s)s)\b|mostly|(?:the|a) majority|nearly (?:all|every\w*)|almost (?:all|every\w*)|"
    r"in general|usually|generally|typically|always|widely|commonly|routinely|"
    r"as a rule|for the most part|by and large|on the whole)"
)
_MOST_SIGNS = frozenset(
    "most mostly majority nearly almost rest others all every always everyone everybody everything generally "
    "usually typically largely mainly any each never no nobody bulk primarily predominantly".split()
)
_FEW_SIGNS = frozenset(
    "some sometimes several few occasionally rarely couple once one two three certain partly "
    "slightly bit somewhat might may".split()
)


def _too_many(claim: str, have: set[str], text: str) -> str | None:
    """ "Most" or "usually" where the quote speaks of some, of half, or of one."""
    found = _MOST.search(claim)
    said = quantities(text)
    if not found or have & _MOST_SIGNS or any(n.unit == "%" and n.high > 50 for n in (*said, *derived(said))):
        return None
    strong = found[0].startswith(("most ", "nearly", "almost", "the maj", "a maj"))
    if have & _MANY_SIGNS or not (strong or have & _FEW_SIGNS):
        return None
    return f"goes further than the quote ('{found[0]}')"


_MANY_SIGNS = frozenset("lot lots many often tons much tend common popular".split())
