"""What a label looks like: the words before a colon or beside a time, going by their letters alone.

`Jane Roe`, `Q`, `The Chair (Hon. A. Roe)` may name somebody; `The point is`, `Note`, `Theme music` do not.
"""

import re
from enum import Enum, auto

from index.text import clean

LONGEST_NAME = 120

_BREAKS = frozenset(
    "break jingle music intro outro theme song interlude ad ads advert advertisement sponsor sponsors commercial "
    "promo sfx sound applause laughter silence clip clips trailer teaser preview excerpt montage recap video audio "
    "recording".split()
)
_NOISES = frozenset(
    "laughs laughing laugh chuckle chuckles chuckling giggles crosstalk inaudible unintelligible indistinct pause pauses "
    "sigh sighs sighing cough coughs coughing overlapping noise noises background beep gasps cheering cheers clapping "
    "whispers whispering shouting singing sings clears ringing foreign redacted".split()
)
_OTHER_THINGS = (
    _BREAKS
    | _NOISES
    | frozenset(
        "transcript transcription transcriber ep note notes link links chapter chapters topic topics title episode date "
        "duration published description summary overview tag tags category categories season subscribe copyright source "
        "sources url website twitter email e-mail phone address contact credits updated posted location recorded "
        "disclaimer correction corrections update warning subject tldr resources references takeaway takeaways tip tips "
        "fact facts timestamp timestamps outline agenda section step rule lesson example examples exhibit figure table "
        "appendix spoiler alert caveat bonus conclusion introduction background abstract keywords isbn doi version "
        "mentioned advisory trigger hint reminder hypothesis definition theorem todo fixme faq added fixed changed removed deprecated security usage "
        "installation features requirements license licence".split()
    )
)
_LISTS_OF_PEOPLE = frozenset(
    "hosts guests speakers participants present attendees panelists contributors cast people names name author "
    "authors by with featuring hosted produced edited transcribed written".split()
)
_SENTENCE_WORDS = frozenset(
    "remember so but and or first second third fourth finally again look listen yes no not well okay ok now here "
    "today a an this that these those it he she they we you i my our your his their its what why how when where who "
    "which whose if then there also plus see think imagine consider take notice basically namely anyway besides "
    "otherwise meanwhile however therefore thus hence because since although though while until after before one "
    "two three four five six seven eight nine ten is are was were be has have had do does did can could would "
    "should might must let make just even still yet like as at in on to from for about into through over under "
    "result problem solution option reason point part bottom moral verdict translation meaning answer question "
    "next last previous new old good bad more most less least other another same such every each all any some many "
    "few both neither either pros cons goal mission fun pro key side quick final short long true false "
    "share download listen watch read follow join visit get click follow-up ps p.s re fyi breaking thesis claim "
    "headline quote unquote subtitle show".split()
)
_ROLES = frozenset(
    "q a question answer host cohost co-host guest interviewer interviewee moderator narrator announcer reporter "
    "presenter panelist audience speaker caller host1 host2 operator chair chairman chairwoman chairperson speaker "
    "president minister secretary judge witness counsel clerk member unidentified unknown male female man woman "
    "child boy girl voice voiceover translator interpreter student teacher professor doctor patient producer editor "
    "everyone everybody both together group crowd all int int. sprecher moderatorin gast frage antwort invité "
    "animateur entrevistador entrevistadora presentador presentadora".split()
)
_ROLE_OF_SEVERAL = frozenset("both all everyone everybody together group crowd".split())
_PARTICLES = frozenset(
    "de del della der den di da do dos das du des van von la le el al bin ibn ben of the and y e zu zum zur ten ter "
    "st und et af av with for in on".split()
)
_FIRST_PARTICLES = frozenset("the de del della da dos du des van von la le el al bin ibn ben".split())
_TITLE_WITH_DOT = re.compile(
    r"\b(?:[^\W\d_]|[A-Z]{1,2}[a-z]?\.[A-Z]|(?i:Mr|Mrs|Ms|Mx|Messrs|Dr|Prof|Hon|Rev|Fr|Sr|St|Jr|Gen|Col|Maj|Capt|Cpt|Lt|Sgt|Cpl|"
    r"Pvt|Adm|Cmdr|Sen|Rep|Gov|Pres|Amb|Supt|Esq|Int|Ph|Phil|Inc|Co|Corp|Ltd|Lib|Cons))\.(?=[\s,]|[A-Z]|$)"
)
_SHORT_WITH_DOT = re.compile(r"\b([^\W\d_a-z]\w{1,3})\.(?=\s\S|,|$)")
_DOT_IN_DEGREE = re.compile(r"(?<=[^\W\d_])\.(?=[A-Z])")
_NUMBERED = re.compile(
    r"(?:day|week|month|year|phase|stage|round|level|scene|act|item|number|no|track|page|slide|scenario|case|task) (?:\d+|[IVX]+)",
    re.IGNORECASE,
)
_NICKNAME = re.compile(r"(?<=\w) [\"“'‘(]\w[\w .'’-]{0,30}[\"”'’)](?= \w)")
_SYMBOLS = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f]")
_EPISODE = re.compile(r"(?:s\d{1,2})?ep?\d{1,4}|s\d{1,2}")
_LOWER_PREFIX = re.compile(r"(?:[dlo]['’]|mc|mac|al-|el-)(?=[A-ZÀ-ÖØ-Þ])")
_SERIAL = re.compile(r"(?:spk|spkr|speaker|person|voice|spreker|sprecher)[ _-]?(?:\d+|[A-Z])", re.IGNORECASE)


class Shape(Enum):
    """What a label looks like."""

    NAME = auto()
    """A name of several words: `Jane Roe`, `Dr. J. O'Hara`, `The Acting Chair (Mr. Roe)`."""
    ROLE = auto()
    """What somebody is there: `Host`, `Q`, `Speaker 2`, `SPEAKER_00`."""
    WORD = auto()
    """One word with a capital: `Kevin`, `NVK`; as often the beginning of a sentence."""
    HANDLE = auto()
    """One word without a capital: `kate`."""
    NONE = auto()
    """No label of a person."""


def speaker_name(label: str) -> str | None:
    """A label as the name it gives, without decoration, or None where it names nobody."""
    name = " ".join(clean(label).split())
    name = re.sub(r"^[-–—>*•#\s]+|[\s:：*]+$", "", name)
    if re.fullmatch(r"\[[^\[\]]*\]|\([^()]*\)|<[^<>]*>", name):
        name = name[1:-1].strip().rstrip(":： ")
    return name[:LONGEST_NAME].rstrip() or None


def is_break(label: str) -> bool:
    """Whether a label stands for a pause in the talk, such as `Break`, `Theme music`, `Ad read`."""
    words = re.findall(r"[\w'-]+", label.lower())
    return bool(words) and len(words) <= 4 and any(word in _BREAKS for word in words)


def is_other_thing(label: str) -> bool:
    """Whether a label is one of the words that transcripts put there for something other than a speaker."""
    words = re.findall(r"[\w'-]+", label.lower())
    if not words or words[0] in _LISTS_OF_PEOPLE or _EPISODE.fullmatch(words[0]):
        return True
    return any(word in _OTHER_THINGS for word in words)


def shape_of(label: str) -> Shape:
    """What a label looks like, going by its letters alone."""
    outside = without_brackets(_NICKNAME.sub("", _SYMBOLS.sub("", label)).strip().removeprefix("@"))
    plain = _TITLE_WITH_DOT.sub(lambda match: match[0][:-1], outside).strip(" ,")
    plain = _TITLE_WITH_DOT.sub(lambda match: match[0][:-1], plain)
    shortened = _SHORT_WITH_DOT.sub(r"\1", _DOT_IN_DEGREE.sub("", plain))
    if shortened != plain:
        # `Rico Sta. Cruz` is somebody, `Oh. Wait` is not; only standing there often tells.
        shape = shape_of(shortened)
        return Shape.WORD if shape is Shape.NAME else Shape.NONE
    if not plain or len(label) > 140 or re.search(r"[:.!?;…\"“”„<>=@\\{}|*]|//|,.*,.*,|--", plain):
        return Shape.NONE
    words = plain.replace(",", " ").replace("/", " ").split()
    lowered = [word.lower() for word in words]
    if (
        len(words) > 8
        or not re.search(r"[^\W\d_]", plain)
        or is_other_thing(plain)
        or _NUMBERED.fullmatch(plain)
    ):
        return Shape.NONE
    if _SERIAL.fullmatch(plain) or all(word in _ROLES or word.isdigit() for word in lowered):
        return Shape.ROLE
    if any(word in _ROLES - {"all", "both", "a"} for word in lowered) and len(words) <= 5:
        return (
            Shape.ROLE
            if not any(word in _SENTENCE_WORDS - {"a", "new", "one", "two"} for word in lowered)
            else Shape.NONE
        )
    if len(words) == 1:
        if lowered[0] in _SENTENCE_WORDS and not (plain.isupper() and len(plain) <= 3):
            return Shape.NONE
        return Shape.WORD if _is_capital(words[0]) else Shape.HANDLE if len(plain) > 1 else Shape.NONE
    if not all(_is_capital(word) or word in _PARTICLES or word in "&+" for word in words):
        return Shape.NONE
    if any(
        word in _SENTENCE_WORDS and not _is_initial(raw) for word, raw in zip(lowered, words, strict=True)
    ):
        # `An Nguyen` is somebody, `One Thing` is not; only standing there often tells.
        return Shape.WORD if all(map(_is_capital, words)) and len(words) == 2 else Shape.NONE
    return Shape.NAME if _is_capital(words[0]) or lowered[0] in _FIRST_PARTICLES else Shape.NONE


def without_brackets(label: str) -> str:
    """A label without what stands in brackets behind the name."""
    return re.sub(r"\s*[(\[].*$", "", label, flags=re.DOTALL).strip() or label.strip("()[] ")


def _is_capital(word: str) -> bool:
    first = word.lstrip("'’\"(-")[:1]
    return first.isdigit() or (first.isalpha() and not first.islower()) or bool(_LOWER_PREFIX.match(word))


def _is_initial(word: str) -> bool:
    return word.isupper() and len(word.strip(".")) <= 2
