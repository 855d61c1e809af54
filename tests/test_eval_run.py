"""onrecord eval as builders use it: figures, runs that go on, floors, the page, judges and drafts."""

import json
import re
import sys
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from eval import run as running
from index import feedback
from index.encoder import Encoder
from index.library import Library
from tests.model_server import Messages, ModelServer, says
from ui import assembly, cli

STARTER = "01-the-starter-that-would-not-die"
HOSTILE = "</script><img src=x onerror=alert(1)>\"'&"
Command = Callable[..., tuple[int, str, str]]


def gold(text: str) -> list[dict[str, Any]]:
    return [{"episode": STARTER, "text": text, "group": 1}]


CASES: list[dict[str, Any]] = [
    {
        "id": "who",
        "question": "What year was the sourdough started?",
        "answer": "In 1911.",
        "tags": ["fact"],
        "quotes": gold("My great-grandmother Edda started her in 1911"),
    },
    {
        "id": "then",
        "question": "And what should I do then?",
        "tags": ["follow-up"],
        "quotes": gold("Feed her twice a day instead of once"),
        "history": [["Why does my starter smell of nail varnish?", "It is starving."]],
    },
    {"id": "off", "question": "Which compiler does the submarine use?", "answerable": False},
    {"id": "bad", "question": f"Where is it? {HOSTILE}", "tags": [HOSTILE], "quotes": gold(HOSTILE)},
    {"id": "draft", "question": "Not yet", "answerable": False, "accepted": False},
]


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    path = tmp_path / "cases.jsonl"
    path.write_text("".join(json.dumps(case) + "\n" for case in CASES), encoding="utf-8")
    return path


@pytest.fixture
def command(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], encoder: Encoder, sample: Library
) -> Command:
    """Run `onrecord eval …` on the sample show: (exit code, out, err)."""
    monkeypatch.setattr(assembly, "load_encoder", lambda *args, **more: encoder)

    def call(*words: object, library: Path = sample.folder) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["onrecord", "-l", str(library), "eval", *map(str, words)])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return call


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_figures_and_runs_have_the_agreed_shape(
    command: Command, cases: Path, tmp_path: Path, sample: Library
) -> None:
    figures, runs = tmp_path / "out.json", tmp_path / "runs.jsonl"
    code, out, _ = command(cases, "--json", figures, "--runs", runs)
    assert code == 0
    assert "1 draft was left out" in out
    assert "1 case is in error" in out
    written = json.loads(figures.read_text())
    assert written["cases"] == 4
    assert [error["where"].rsplit(":")[-1][:1] for error in written["errors"]] == ["4"]
    assert {"hit@5", "nDCG@10", "RR@10", "hit@1000w", "quote_hit@1", "verbatim"} <= written["metrics"].keys()
    for figure in written["metrics"].values():
        assert set(figure) == {"mean", "low", "high", "n"}
        assert figure["low"] <= figure["mean"] <= figure["high"]
    assert written["metrics"]["hit@5"]["n"] == 2
    assert written["metrics"]["verbatim"]["mean"] == written["metrics"]["attributed"]["mean"] == 1
    assert set(written["by_tag"]) == {"fact", "follow-up", HOSTILE}

    rows = lines(runs)
    assert [row["id"] for row in rows] == ["who", "then", "off", "bad"]
    for row in rows:
        assert 0 <= row["confidence"] <= 1
        assert 0 < len(row["retrieved"]) <= 20
        for hit in row["retrieved"]:
            (first, start), (last, end) = hit["from"], hit["to"]
            turns = sample.episode(hit["episode"]).turns[first : last + 1]
            texts = [turn.text for turn in turns]
            texts[-1] = texts[-1][:end]
            texts[0] = texts[0][start:]
            assert sum(len(text.split()) for text in texts) == hit["words"]
    assert "nail varnish" in rows[1]["answer"]["searched"]
    assert "hit@5" not in rows[3]["scores"]


def test_the_same_set_gives_the_same_figures(command: Command, cases: Path, tmp_path: Path) -> None:
    one, other, earlier = (tmp_path / name for name in ("1.json", "2.json", "runs.jsonl"))
    command(cases, "--json", one, "--runs", earlier)
    code, out, _ = command(cases, "--json", other, "--against", earlier)
    first, second = json.loads(one.read_text()), json.loads(other.read_text())
    for figures in (first, second):
        for name in [name for name in figures["metrics"] if name.endswith("_ms")]:
            del figures["metrics"][name]
    assert first == second
    assert code == 0
    assert "+0.000" in out
    assert not re.search(r"[+-]0\.\d*[1-9]", out)


def test_a_greeting_in_a_set_finds_nothing(command: Command, tmp_path: Path) -> None:
    path, runs = tmp_path / "cases.jsonl", tmp_path / "runs.jsonl"
    greeting = {"id": "hello", "question": "Hello!", "answerable": False}
    path.write_text("".join(json.dumps(case) + "\n" for case in (CASES[2], greeting)), "utf-8")
    code, _, err = command(path, "--runs", runs)
    assert code == 0, err
    asked, greeted = lines(runs)
    assert asked["retrieved"]
    assert (greeted["retrieved"], greeted["confidence"]) == ([], 0)
    assert greeted["answer"]["status"] == "not_discussed"


def test_a_run_that_was_killed_goes_on(
    command: Command, cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, runs = tmp_path / "whole.jsonl", tmp_path / "runs.jsonl"
    command(cases, "--runs", whole)
    done = whole.read_bytes().splitlines(keepends=True)
    runs.write_bytes(done[0] + done[1] + done[2][:50])  # as kill -9 leaves it

    asked = []
    answer = running.WatchedAnswerer.answer

    def counted(self: Any, question: str, **more: Any) -> Any:
        asked.append(question)
        return answer(self, question, **more)

    monkeypatch.setattr(running.WatchedAnswerer, "answer", counted)
    code, _, err = command(cases, "--runs", runs)
    assert code == 0
    assert "Going on after 2 of 4 cases" in err
    assert asked == [CASES[2]["question"], CASES[3]["question"]]
    assert [row["id"] for row in lines(runs)] == ["who", "then", "off", "bad"]
    assert [row["scores"] for row in lines(runs)] == [row["scores"] for row in lines(whole)]

    asked.clear()
    runs.write_bytes(b"".join(done[:2]))
    _, _, err = command(cases, "--runs", runs, "--tag", "fact")  # another run: nothing of it is used or lost
    assert "kept as" in err
    assert asked == [CASES[0]["question"]]
    assert (tmp_path / "runs.jsonl.old").read_bytes() == b"".join(done[:2])


def test_ctrl_c_keeps_what_was_done(
    command: Command, cases: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs = tmp_path / "runs.jsonl"
    row = running.Runner._row

    async def interrupted(self: Any, case: Any, gold: Any) -> Any:
        if case.id == "then":
            raise KeyboardInterrupt
        return await row(self, case, gold)

    monkeypatch.setattr(running.Runner, "_row", interrupted)
    code, _, err = command(cases, "--runs", runs)
    assert code == 130
    assert "Stopped after 1 of 4 cases; the same command goes on from there." in err
    assert [row["id"] for row in lines(runs)] == ["who"]


def test_floors_fail_a_build(command: Command, cases: Path) -> None:
    assert command(cases, "--tag", "fact", "--fail-under", "verbatim=1")[0] == 0
    code, _, err = command(cases, "--tag", "fact", "--fail-under", "hit@1=1", "--fail-under", "token_F1=0")
    assert code == 1
    assert "token_F1 was not measured" in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--fail-under", "hit5=1"], "no metric is called 'hit5'; did you mean hit@5"),
        (["--fail-under", "hit@5"], "'' is no number from 0 to 1"),
        (["--fail-under", "hit@5=nan"], "'nan' is no number from 0 to 1"),
        (["--tag", "none"], "no case has the tag none; its tags are fact, follow-up"),
        (["--against", "cases.jsonl"], "cases.jsonl:1: this line is not of a run"),
        (["--runs", "cases.jsonl"], "cases.jsonl:1: this line is not of a run"),
        (["--judge-model", "x"], "a judge model needs a language model's server"),
    ],
)
def test_what_cannot_be_used_is_told_in_a_line(
    command: Command, cases: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: str
) -> None:
    monkeypatch.chdir(cases.parent)
    before = cases.read_bytes()
    code, _, err = command(cases.name, *words)
    assert code == 2
    assert said in err.splitlines()[-1]
    assert cases.read_bytes() == before


def test_faults_in_a_set_stop_it_before_anything_is_asked(command: Command, tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"question": "Who?"}\n' * 30)
    code, _, err = command(path)
    assert code == 2
    assert err.count('no "id"') == 20
    assert "and 10 more" in err


class _Page(HTMLParser):
    """What a page loads, runs and asks for."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.addresses: list[str] = []
        self.handlers: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href", "action", "data")]
        self.handlers += [name for name, _ in attrs if name.startswith("on")]


def test_the_page_is_self_contained_and_escapes_everything(
    command: Command, cases: Path, tmp_path: Path
) -> None:
    report = tmp_path / "report.html"
    assert command(cases, "--html", report)[0] == 0
    text = report.read_text("utf-8")
    page = _Page()
    page.feed(text)
    assert (page.addresses, page.handlers) == ([], [])
    assert page.tags.count("script") == 1
    assert not {"img", "link", "iframe", "object", "form"} & set(page.tags)
    assert not re.search(r"@import|url\(", text)
    assert "default-src 'none'" in text
    assert "&lt;img src=x onerror=alert(1)&gt;" in text
    assert "<mark>My great-grandmother Edda started her in 1911</mark>" in text
    worst_first = re.findall(r'<span class="id">(\w+)</span>', text)
    assert worst_first[0] == "bad"
    assert sorted(worst_first) == ["bad", "off", "then", "who"]


def _writes(messages: Messages) -> str:
    """A model that answers, judges and thinks of questions."""
    said = messages[-1]["content"]
    if "You judge answers" in messages[0]["content"]:
        return "Yes." if "1911" in said else "No"
    if "You write test questions" in messages[0]["content"]:
        return "Question: What is line one about?\nAnswer: About itself.\nLines: 1"
    if "Last question" in said:
        return "What should I do when my starter smells of nail varnish?"
    number = re.search(r"\[(\d+)\] [^\n]*started her in 1911", said)
    return f"Edda started her in 1911 [{number[1]}]." if number else "NOT DISCUSSED"


def test_with_a_model_prose_is_measured_and_judged(command: Command, cases: Path, tmp_path: Path) -> None:
    figures, runs = tmp_path / "out.json", tmp_path / "runs.jsonl"
    with ModelServer(says(_writes)) as server:
        code, out, _ = command(
            cases, "--tag", "fact", "--llm-base-url", server.base_url, "--llm-model", "m",
            "--judge-model", "j", "--json", figures, "--runs", runs,
        )  # fmt: skip
    assert code == 0
    metrics = json.loads(figures.read_text())["metrics"]
    (row,) = lines(runs)
    assert row["answer"]["status"] == "answered"
    for name in ("supported", "checked", "judge_correct", "judge_supported"):
        assert metrics[name]["mean"] == 1, name
    assert metrics["token_F1"]["mean"] == pytest.approx(2 * 2 / (5 + 2), abs=1e-6)
    assert metrics["tokens_read"]["mean"] == row["tokens"]["read"] > 100
    assert metrics["p50_write_ms"]["n"] == 1
    assert "judge_supported agrees with the claim check in 100%" in out


def test_drafts_come_from_dislikes_and_passages_and_keep_a_persons_work(
    command: Command, own_sample: Library, tmp_path: Path
) -> None:
    out = tmp_path / "draft.jsonl"
    for question, verdict in (("Who is Edda?", "dislike"), ("who is edda?", "dislike"), ("Fine?", "like")):
        feedback.keep(own_sample, question, verdict, {"quotes": [{"text": "Some line."}]})  # type: ignore[arg-type]
    code, said, _ = command("draft", out, library=own_sample.folder)
    assert code == 0
    assert "1 draft added" in said
    (row,) = lines(out)
    assert (row["question"], row["accepted"], row["tags"]) == ("who is edda?", False, ["disliked"])
    assert "Some line." in row["note"]

    corrected = json.dumps({**row, "accepted": True, "answer": "A great-grandmother."})
    out.write_text(corrected)  # a person's editor left no line break
    with ModelServer(says(_writes)) as server:
        code, said, _ = command(
            "draft", out, "--most", "2", "--llm-base-url", server.base_url, library=own_sample.folder
        )
    assert "1 draft added" in said  # the model thought of one question twice
    assert "2 stood there already" in said
    kept, proposed = out.read_text().splitlines()
    assert kept == corrected
    draft = json.loads(proposed)
    assert (draft["accepted"], draft["tags"]) == (False, ["proposed"])
    (quote,) = draft["quotes"]
    assert quote["text"] in "\n".join(turn.text for turn in own_sample.episode(quote["episode"]).turns)
    code, said, _ = command(out, library=own_sample.folder)
    assert code == 0
    assert "no gold quote says where" in " ".join(said.split())
    assert "1 draft was left out" in said
