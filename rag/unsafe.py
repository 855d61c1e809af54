"""What no sentence of an answer may hold, though a transcript may: markup, addresses, orders, our own prompt.

An answer states what was said. Whatever else a model writes, because a transcript told it to or for reasons
of its own, is left out as a whole: a mended attack may still be one.
"""

import re
import unicodedata

_MARKUP = re.compile(r"!?\[[^\]]*\]\s*[(\[:]|<\s*[/!?a-z]|&#?\w{1,8};|```|\{\{|\$\$|\\\(|\\\[", re.IGNORECASE)
_ADDRESS = re.compile(
    r"[a-z][a-z0-9+.-]{1,20}:/|(?<![\w:])//\w|\bwww\.|\b(?:data|javascript|vbscript|mailto|tel):\S"
    r"|[\w.+-]+@[\w-]+\.\w|\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}/\S",
    re.IGNORECASE,
)
_DOMAIN = re.compile(r"\b[\w-]+(?:\.[\w-]+)*\.[a-z]{2,24}\b", re.IGNORECASE)
_COURTESY = r"^\W*(?:(?:please|now|also|then|and|first|finally|kindly)\W+)*"
_ORDER = re.compile(
    rf"{_COURTESY}(?:(?:ignore|disregard|forget|override|bypass)\b.{{0,60}}"
    r"\b(?:instruct|prompt|rule|above|previous|prior|earlier|context|guideline)"
    r"|(?:click|visit|download|install|subscribe)\b|(?:go|navigate|log in|sign up) (?:to|here|at|on)\b"
    r"|(?:explain|describe|write|compose|draft|translate|summari[sz]e|generate|provide|develop|list|print|output|respond|"
    r"reply|repeat|reveal|pretend|answer|recommend|suggest|create|design|classify|identify|break down|say|tell|admit|"
    r"praise|introduce|include|add|use|replace|convert|remove|combine|group|scramble|jumble|misspell|render|substitute|"
    r"integrate|augment|modify|enhance|rearrange|end|start|begin|act|play|send|call|enter|share|copy|run|open|give|show|"
    r"make|let|do|don't|never|always|discuss|compare|imagine|rewrite|finish|continue)\s+(?:[\"'“‘(\d]|(?:an?|the|this|"
    r"that|these|those|all|any|every|each|some|one|only|your|my|our|his|her|their|its?|me|us|him|them|everybody|everyone|"
    r"how|why|what|when|where|whether|to|in|on|with|as|about|random|letters|words|vowels|numbers|spaces)\b))",
    re.IGNORECASE,
)
_TO_A_MODEL = re.compile(
    r"\b(?:system prompt|developer message|my instructions|your instructions|previous instructions|hidden instructions|"
    r"jailbreak|as an? (?:ai|large language model|language model|assistant)|you are (?:now )?(?:an?|the) (?:ai|assistant|"
    r"chatbot|language model|helpful)|your (?:answer|response|reply|message|output)s?|i (?:cannot|can't|am unable to) (?:help|assist|comply))\b",
    re.IGNORECASE,
)
_AUXILIARY = r"(?:is|are|was|were|do|does|did|can|could|would|should|will|have|has|had)"
_QUESTION = re.compile(
    rf"^\W*(?:(?:who|whom|whose)\b|(?:what|when|where|why|how|which)(?: \w+)? (?:do|does|did|can|could)\b"
    rf"|(?:what|when|where|why|how|which)(?:'s|(?: \w+)? {_AUXILIARY}) (?:[\"'“‘]|(?:the|an?|you|i|we|they|he|she|it|"
    rf"people|my|your|this|that)\b)|{_AUXILIARY} (?:you|i|we|they|he|she|it|there|this|that|these|those|the|an?)\b)",
    re.IGNORECASE,
)
_RUN = 6
"""Words in a row that a sentence may not share with our own instructions."""


def unsafe_in(text: str) -> str | None:
    """What in a sentence makes it no statement of what was said, or None."""
    plain = unicodedata.normalize("NFKC", text).replace("’", "'")
    if _MARKUP.search(plain):
        return "it holds markup"
    if _ADDRESS.search(plain):
        return "it holds an address"
    if _ORDER.search(plain) or _TO_A_MODEL.search(plain):
        return "it gives orders"
    if plain.rstrip("\"'”’) ").endswith("?") or _QUESTION.match(plain):
        return "it asks instead of telling"
    return None


def addresses_in(text: str) -> set[str]:
    """The bare names of sites in a sentence, in lower case: "node.js" and "example.com" alike."""
    return {found[0].lower() for found in _DOMAIN.finditer(unicodedata.normalize("NFKC", text))}


def shouted_in(text: str) -> set[str]:
    """Words in capitals, in lower case: the names that they mostly are stand in a quote too."""
    return {word.lower() for word in re.findall(r"\b[A-Z][A-Z0-9]{3,}\b", text)}


def repeats(text: str, instructions: str) -> bool:
    """Whether a sentence repeats a run of words of our own instructions."""
    words, own = (re.findall(r"\w+", each.casefold()) for each in (text, instructions))
    runs = {tuple(own[at : at + _RUN]) for at in range(len(own) - _RUN + 1)}
    return any(tuple(words[at : at + _RUN]) in runs for at in range(len(words) - _RUN + 1))
