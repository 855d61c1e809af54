"""Every case is put to an Answerer, as a reader would put it, and what came out is scored at once."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from eval import metrics
from eval.cases import Case
from eval.causes import cause_of
from eval.gold import Extent, Gold
from eval.judge import judged
from eval.runs_file import Row, RunsFile
from index.errors import ModelServerError
from index.lexical import Filters
from index.library import Library
from index.transcript import Line
from rag.answer import Answer, Status
from rag.answering import Answerer
from rag.conversation import History
from rag.finding import Found
from rag.llm import LanguageModel
from rag.retrieval import Ranked
from rag.support import ClaimCheck, cited


class WatchedAnswerer(Answerer):
    """An Answerer that keeps what it found for its last question, so that one search serves both figures."""

    found: Found

    async def search(self, question: str, searched: str, history: History, filters: Filters | None) -> Found:
        self.found = await super().search(question, searched, history, filters)
        return self.found


class Runner:
    """What puts cases to an Answerer.

    Args:
        judge: a language model that judges answers, or None.
    """

    def __init__(self, answerer: WatchedAnswerer, judge: LanguageModel | None = None) -> None:
        self._answerer = answerer
        self._judge = judge
        self._check = ClaimCheck()

    async def run(
        self,
        cases: Sequence[Case],
        golds: Mapping[str, Gold | None],
        file: RunsFile,
        on_done: Callable[[str], None],
    ) -> None:
        """Put every case that the file does not have yet, and append each as soon as it is done.

        Args:
            golds: by case id; None for one whose gold is in error: it is run, but not scored against gold.
            on_done: called with the id of each case that is in the file.
        """
        for case in cases:
            if case.id not in file.done:
                file.append(await self._row(case, golds[case.id]))
            on_done(case.id)

    async def aclose(self) -> None:
        """Close the connections; the event loop that ran the cases must still run."""
        await self._answerer.aclose()
        if self._judge is not None:
            await self._judge.aclose()

    async def _row(self, case: Case, gold: Gold | None) -> Row:
        self._answerer.found = Found.nothing(case.question)  # a greeting is not searched for
        answer = await self._answerer.answer(case.question, history=case.history)
        found = self._answerer.found
        library = self._answerer.library
        scores = score(case, gold, found.ranked, answer, library)
        if answer.claims:
            verdicts = self._check.check_many(
                [(claim.text, [cited(quote) for quote in claim.quotes]) for claim in answer.claims]
            )
            scores["supported"] = sum(verdict.supported for verdict in verdicts) / len(verdicts)
        row: Row = {
            "id": case.id,
            "retrieved": [retrieved_json(hit, library) for hit in found.ranked],
            "confidence": round(found.confidence, 6),
            "answer": answer.as_json(),
            "tokens": tokens_of(answer),
        }
        if self._judge is not None:
            try:
                scores |= await judged(self._judge, case.answer, answer)
            except ModelServerError as error:
                row["judge_failed"] = error.what
        row["scores"] = {name: round(value, 6) for name, value in scores.items()}
        row["cause"] = cause_of(case, gold, answer, [extent_of(hit) for hit in found.ranked], scores)
        return row


def score(
    case: Case, gold: Gold | None, ranked: Sequence[Ranked], answer: Answer, library: Library
) -> dict[str, float]:
    """Every score of a case that needs neither encoder nor judge."""
    as_json = answer.as_json()
    refused = answer.status is Status.NOT_DISCUSSED
    scores: dict[str, float] = {}
    if gold is not None and gold.groups:
        shown = [Extent(q.episode.id, (q.turn, q.start), (q.turn, q.end)) for q in answer.quotes]
        first = first_words(ranked, library, metrics.WORDS_RETURNED)
        scores |= metrics.passage_scores(gold, [extent_of(hit) for hit in ranked], first)
        scores |= metrics.quote_scores(gold, shown)
    scores |= metrics.record_scores(as_json, library)
    scores |= metrics.checked_score(as_json)
    scores |= metrics.refusal_scores(answerable=case.answerable, refused=refused)
    if case.answerable and case.answer and answer.claims:
        scores["token_F1"] = metrics.token_f1(answer.plain, case.answer)
    return scores


def tokens_of(answer: Answer) -> dict[str, int] | None:
    """The tokens that an answer cost; None without a model, or where its server does not say."""
    if answer.model is None or answer.usage is None:
        return None
    return {"read": answer.usage.prompt_tokens, "written": answer.usage.completion_tokens}


def extent_of(hit: Ranked) -> Extent:
    """The exact extent of a passage."""
    return _extent(hit.passage.episode, hit.passage.lines)


def first_words(ranked: Sequence[Ranked], library: Library, most: int) -> list[Extent]:
    """The passages in their order, cut off after so many words."""
    left, cut = most, []
    for hit in ranked:
        turns = library.episode(hit.passage.episode).turns
        lines: list[Line] = []
        for line in hit.passage.lines:
            words = turns[line.turn].text[line.start : line.end].split(maxsplit=left)
            if len(words) > left:
                end = line.end - len(words[-1])
                lines.append(Line(line.turn, line.start, end))
                left = 0
            else:
                lines.append(line)
                left -= len(words)
            if not left:
                break
        cut.append(_extent(hit.passage.episode, lines))
        if not left:
            break
    return cut


def _extent(episode: str, lines: Sequence[Line]) -> Extent:
    return Extent(episode, (lines[0].turn, lines[0].start), (lines[-1].turn, lines[-1].end))


def retrieved_json(hit: Ranked, library: Library) -> dict[str, Any]:
    """A passage as a run keeps it: `from` and `to` are [turn, character offset], its exact extent."""
    extent = extent_of(hit)
    turns = library.episode(extent.episode).turns
    words = sum(len(turns[line.turn].text[line.start : line.end].split()) for line in hit.passage.lines)
    return {
        "episode": extent.episode,
        "from": list(extent.first),
        "to": list(extent.last),
        "words": words,
        "score": round(hit.score, 6),
    }
