"""Which rows of a page are a site's own, and which are somebody speaking."""

import re

from index.formats.clock import TIME
from index.formats.cues import SENTENCE_END
from index.formats.dates import date_in
from index.formats.rows import Row

_SITE_WORDS = re.compile(
    r"[←→‹›«»©▶►⏸⬇]|(?:^|\W)(?:previous|next|prev|all episodes|view episode|episode details|subscribe|share|download|newsletter|"
    r"privacy|terms|cookies?|follow us|listen (?:on|now|to)|apple podcasts|spotify|google podcasts|overcast|pocket casts|"
    r"amazon music|youtube|rss|back to|menu|skip to|sign (?:up|in)|log ?in|copy link|read more|show notes|donate|"
    r"support us|all rights reserved|patreon|loading|play episode|comments?|powered by|broadcast by)(?:\W|$)",
    re.IGNORECASE,
)
_SITE_LINE = re.compile(
    r"^(?:\W*[←→©]|\W*(?:previous|next|prev)(?: episode)?\W*$|\W*all episodes\W*$"
    r"|\W*(?:subscribe|share|download|transcript|full transcript|episode transcript|show notes|home|menu|search|play|pause|copy|"
    r"embed|advertisement|back to top|read more|loading|listen now|sign up|log in|close|about|contact|episodes|rss|"
    r"leave a comment|(?:view )?episode details|view (?:all )?episodes?(?: details)?|skip to content|copy link|"
    r"back to [^.!?]{1,40}|show transcript|hide transcript|download transcript|all rights reserved)\W*$"
    r"|\W*subscribe (?:now|on|via)\b[^.!?]{0,40}$)"
    r"|.*(?:[←→].*){2}$|^.{0,60}transcribed by https?://|^\W*powered by \w[\w .]{1,30}$",
    re.IGNORECASE,
)
_FOOTER = re.compile(
    r"^\W*(?:(?:transcribed|transcript(?:ion)?|captions?) (?:by|with|provided by|created|generated)\b|this transcript (?:was|is|has)\b|"
    r"[^.:]{0,40}\btranscripts? (?:is|are|was|were|may)\b|(?:complete )?accuracy (?:is )?not guaranteed|(?:the )?end of (?:the )?(?:transcript|recording|episode)|powered by\b|this (?:episode|podcast|show) (?:was|is) (?:produced|edited|"
    r"recorded|hosted|brought)|©|copyright\b|creators and guests|related episodes|more episodes|recent episodes|you might also like|"
    r"about the (?:host|guest|show|podcast)|broadcast by\b|(?:hosts?|guests?|(?:\w+ )?producers?|(?:\w+ )?editors?|(?:\w+ )?engineers?|produced by|edited by|hosted by|"
    r"mixed by|written by|music by|artwork|special thanks)(?: [a-z ]{1,20})?: ?[A-Z][^.!?]{1,80}$|what is .{2,60}\?$|listen to .{2,60} using one of|https?://\S+$)",
    re.IGNORECASE,
)
_END = re.compile(
    r"^\W*(?:(?:\d+ )?(?:comments?|replies|responses)\W*$|leave a (?:reply|comment)|discussion about this|your email address will not|"
    r"(?:we|this (?:web)?site|our (?:web)?site) uses? cookies|credits:|thanks for reading\b|thank you for reading\b|subscribe for free|"
    r"(?:about|related|more|recent|popular|other|further|you (?:may|might)|share|tags?|categories|credits|links|resources|references|"
    r"further reading|show notes|sponsors?|newsletter|follow|contact|support)\b[^.!?]{0,60}$)",
    re.IGNORECASE,
)
"""What ends the words of a page: as headings, or as sentences that only a page says."""

_NUMBERING = re.compile(
    r"(?:\W|\d|\b(?:season|episode|ep|s|e|no|part|min|mins|minutes|length|duration|runtime|published|on|by|posted)\b)*",
    re.IGNORECASE,
)
_APPEAL = re.compile(
    r"\b(?:(?:leave|write) (?:us )?a (?:review|comment|rating)|rate and review|sign up|newsletter|on patreon|(?:our|this) website|"
    r"subscribe|follow us|(?:enjoyed|liked) this (?:episode|podcast|show|post|article)|learn more|click here|privacy|cookies)\b",
    re.IGNORECASE,
)
_NOTES = re.compile(
    r"^\W*(?:what is .{2,60}\?$|(?:about|show notes|episode notes|notes|description|summary|overview|synopsis|introduction)\b[^.!?]{0,60}$)",
    re.IGNORECASE,
)
_BLURB = re.compile(
    r"^\W*(?:(?:in|on) (?:this|today['’]s|the latest) (?:episode|conversation|interview|week|edition|instal)|this (?:episode|transcript|conversation|"
    r"interview)\b|(?:the )?following (?:is|transcript)|please (?:enjoy|note|find|excuse)|editor['’]s note|note:|disclaimer|transcri(?:pt|bed)|description|summary|"
    r".*\ball rights reserved|.*\b(?:this|the|below|following|accompanying) transcripts?\b)",
    re.IGNORECASE,
)
_SHOUTED_LABEL = re.compile(r"^(?:[A-Z’'“”\",-]+ ){2,}[A-Z’'-]+:")
_SPOKEN_TO = re.compile(
    r"\b(?:I|I['’](?:m|ve|d|ll)|we|we['’](?:re|ve|d|ll)|you|you['’](?:re|ve|d|ll)|my|our|your|let['’]s|welcome|hi|hello|hey|okay|yeah|so)\b",
    re.IGNORECASE,
)
_GREETING = re.compile(
    r"\b(?:(?<!are )(?<!re )[Ww]elcome (?:back )?to|[Ww]elcome,|[Hh]ello|[Hh]i,|[Hh]ey,|[Gg]ood (?:morning|afternoon|evening|day)|[Mm]y name is|[Mm]y name['’]s|I['’]m [A-Z]|"
    r"I am [A-Z]|[Tt]his is .{2,40} (?:show|podcast)|[Yy]ou['’]re listening to)",
)
DURATION = re.compile(
    rf"(?:^|[·|•–—-])\s*{TIME}\s*(?:[·|•–—-]|$)|\b\d+\s*(?:min(?:ute)?s?|hrs?|hours?|h \d+ ?m)\b",
    re.IGNORECASE,
)


def is_site_line(text: str) -> bool:
    """Whether a row is a site's own wherever it stands, such as `Subscribe` or `← Previous`."""
    return len(text.split()) <= 10 and bool(_SITE_LINE.match(text))


def is_around(row: Row) -> bool:
    """Whether a row above or below the words is no speech: navigation, a duration, a heading, a date."""
    words = row.text.split()
    if row.heading or is_site_line(row.text) or is_duration(row.text) or is_footer(row.text):
        return True
    if len(words) <= 6 and date_in(row.text):
        return True
    if len(words) > 12 or SENTENCE_END.search(row.text):
        return False
    found = sum(len(re.findall(r"\w+|[^\w\s]", match[0])) for match in _SITE_WORDS.finditer(row.text))
    return found > 0 and (len(words) <= 3 or 2 * found >= len(words))


def is_blurb(text: str) -> bool:
    """Whether a row tells about the episode or its transcript, rather than being part of it."""
    return bool(_BLURB.match(text))


def announces_notes(text: str) -> bool:
    """Whether a row is the heading of a description: of the show, the episode or its guest."""
    return bool(_NOTES.match(text))


def is_end(text: str) -> bool:
    """Whether below a row, and in it, a page goes on with something else than the transcript."""
    return bool(_END.match(text))


def is_numbering(text: str) -> bool:
    """Whether a row has nothing but numbers and signs, such as `Season 2, Ep. 12`."""
    return bool(_NUMBERING.fullmatch(text))


def is_appeal(text: str) -> bool:
    """Whether a row asks its readers for something, as pages do below a transcript; people say such things too."""
    return bool(_APPEAL.search(text))


def is_footer(text: str) -> bool:
    """Whether a row says who transcribed, made or owns the episode."""
    return len(text.split()) <= 40 and bool(_FOOTER.match(text))


def is_duration(text: str) -> bool:
    """Whether a row says how long the episode is, such as `Episode 3 · 20:36 |`."""
    return len(text.split()) <= 14 and not SENTENCE_END.search(text) and bool(DURATION.search(text))


def is_spoken(row: Row) -> bool:
    """Whether an unlabelled row above the first label is somebody speaking, going by how it is put."""
    return (
        len(row.text.split()) >= 4
        and bool(SENTENCE_END.search(row.text))
        and bool(_SPOKEN_TO.search(row.text))
        and not is_blurb(row.text)
        and not _SHOUTED_LABEL.match(row.text)
        and not is_around(row)
    )


def is_greeting(text: str) -> bool:
    """Whether words are how a show begins: `Hello and welcome`, `I'm Jane Roe`."""
    return bool(_GREETING.search(text))


def is_transcript_heading(text: str) -> bool:
    """Whether a row announces the transcript below it."""
    return bool(
        re.fullmatch(
            r"\W*(?:(?:full|episode|podcast|interview|the|show|read the|audio|automated)\s+)*transcript(?:ion)?\W*",
            text,
            re.IGNORECASE,
        )
    )
