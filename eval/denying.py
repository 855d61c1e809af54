"""A plain English sentence denied by rule: "The patch went in" is "The patch did not go in"."""

import re

_AUXILIARIES = frozenset(
    "is are was were has have had can could will would should must may might does did do".split()
)
_HAVE = {"has": "does not have", "have": "do not have", "had": "did not have"}
_LED = frozenset("after although as because before if once since unless until when while".split())
"""A sentence that one of these begins has its verb too late to be found safely."""
_BOUND = frozenset("who which that what whether if when because to".split())
"""A verb after one of these belongs to another clause."""
_NO_VERB_AFTER = frozenset("the a an of in her his their its more most with by be been being".split())
_PRONOUNS = frozenset("he she it they we i you".split())
"""Within a sentence, one of these begins a clause that says more of what came before."""
_REACH = 12
"""Words from the head of the sentence within which its verb is looked for."""

_SAYING = re.compile(
    r"(.*?\b(?:says|said|thinks|believes|reports|notes|recalls|explains|admits|finds|claims|mentions|remembers|insists|"
    r"argues|feels|states|according to [A-Z]\w+,?)\b(?: that)?\s)(.+)",
    re.DOTALL,
)
_PARTICIPLE = re.compile(r".*(?:ed|en|wn|ne|ung|unk|um)|been|had|become|begun|come|run")
_PAST = dict(
    pair.split("/")
    for pair in (
        "ate/eat beat/beat became/become began/begin bent/bend bore/bear bought/buy broke/break brought/bring built/build "
        "came/come caught/catch chose/choose cost/cost cut/cut dealt/deal drank/drink drew/draw drove/drive fell/fall felt/feel "
        "flew/fly forgot/forget fought/fight found/find froze/freeze gave/give got/get grew/grow heard/hear held/hold hid/hide "
        "hit/hit hung/hang hurt/hurt kept/keep knew/know led/lead left/leave lent/lend let/let lit/light lost/lose made/make "
        "meant/mean met/meet paid/pay put/put quit/quit ran/run rang/ring read/read rode/ride rose/rise sang/sing sat/sit "
        "saw/see sent/send set/set shot/shoot shut/shut slept/sleep sold/sell spent/spend spoke/speak spread/spread stole/steal "
        "stood/stand struck/strike stuck/stick swam/swim swept/sweep taught/teach threw/throw told/tell took/take tore/tear "
        "thought/think understood/understand went/go withdrew/withdraw woke/wake won/win wore/wear wrote/write"
    ).split()
)
_SILENT_E = re.compile(
    r".*(?:[cgsvzu]|[^aeiou]l|[aeiou]r|[aiu]n|at|it|ok|ak|ik|op|ap|am|im|om|id|ud|ad|ut|ib|yp)"
)
_NO_E = re.compile(
    r".*(?:[aeo][aio][^cgsvz]|ocus|ss|ong|ing|ear|our|er|[aeiou]n[dt]|en|on|rn|lk|lp|st|sh|it|el)"
)


def denied(sentence: str) -> str | None:
    """`sentence` with a "not" at its verb, or without the one that is there; None where no verb is found.

    What somebody says is denied inside: "Ada says that it leaks" is "Ada says that it does not leak".
    """
    saying = _SAYING.fullmatch(sentence)
    head, body = saying.groups() if saying else ("", sentence)
    words = body.split(" ")
    if words[0].casefold() in _LED:
        return None
    for place, word in enumerate(words[:_REACH]):
        before = words[place - 1].casefold() if place else ""
        if not place or before in _BOUND:
            continue
        verb = word.casefold().strip(",")
        if verb.endswith("n't") or (before in _PRONOUNS and place > 1):
            return None
        if verb == "cannot":
            return head + " ".join([*words[:place], "can", *words[place + 1 :]])
        if verb in _AUXILIARIES:
            return head + " ".join([*words[:place], *_auxiliary(verb, words[place:])])
        if word.islower() and before not in _NO_VERB_AFTER and (base := _base(verb)):
            return head + " ".join([*words[:place], "did not", base, *words[place + 1 :]])
    return None


def _auxiliary(verb: str, words: list[str]) -> list[str]:
    """The words from an auxiliary on, denied, or with the denial taken away."""
    after = words[1].casefold().strip(".,") if len(words) > 1 else ""
    if after in ("not", "never"):
        return [words[0], *words[2:]]
    if verb in _HAVE and after not in _PAST and not _PARTICIPLE.fullmatch(after):
        return [_HAVE[verb], *words[1:]]
    return [words[0], "not", *words[1:]]


def _base(verb: str) -> str | None:
    """The base of a verb in the past tense, or None."""
    if verb in _PAST:
        return _PAST[verb]
    if not verb.endswith("ed") or len(verb) < 5:
        return None
    if verb.endswith("eed"):
        return verb[:-1]
    if verb.endswith("ied"):
        return verb[:-3] + "y"
    stem = verb[:-2]
    if stem[-1] == stem[-2] and stem[-1] not in "lsz":
        return stem[:-1]
    return stem + "e" if _SILENT_E.fullmatch(stem) and not _NO_E.fullmatch(stem) else stem
