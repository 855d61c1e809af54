"""The command line, as people and scripts use it."""

import contextlib
import http.server
import json
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pydantic_settings import BaseSettings

from index.library import Library
from ui import assembly, cli
from ui.settings import Settings, load_settings

ROOT = Path(__file__).parent.parent
TALK = "Ada: The tide mill stopped in 1962.\n\nBen: Its wheel was rotten.\n\nAda: Was it?\n\nBen: It was."


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], encoder: Any, tmp_path: Path
) -> Any:
    """Run a command in this process, with the encoder that is loaded already: (exit code, out, err)."""
    monkeypatch.setattr(assembly, "load_encoder", lambda *args, **more: encoder)
    monkeypatch.chdir(tmp_path)

    def call(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["onrecord", *words])
        code = 0
        try:
            cli.main()
        except SystemExit as stop:
            code = int(stop.code or 0)
        out, err = capsys.readouterr()
        return code, out, err

    return call


def _one_line(err: str) -> str:
    assert err.startswith("onrecord: ")
    assert err.count("\n") == 1
    return err


def test_the_whole_round(run: Any, tmp_path: Path) -> None:
    folder = tmp_path / "talks"
    folder.mkdir()
    (folder / "mill.txt").write_text(TALK)
    (folder / "notes.csv").write_text("a,b\n1,2\n")
    code, out, _ = run("add", str(folder), "--json")
    assert code == 0
    outcomes = {Path(row["source"]).name: row for row in json.loads(out)}
    assert outcomes["mill.txt"]["outcome"] == "added"
    assert outcomes["notes.csv"]["outcome"] == "refused"
    assert "no transcript" in outcomes["notes.csv"]["why"]

    code, out, _ = run("episodes", "--json")
    assert [(row["id"], row["speakers"]) for row in json.loads(out)] == [("mill", ["Ada", "Ben"])]

    code, out, _ = run("show", "mill.txt", "--json")
    shown = json.loads(out)
    assert [turn["speaker"] for turn in shown["turns"]] == ["Ada", "Ben", "Ada", "Ben"]

    code, out, _ = run("ask", "When did the tide mill stop?", "--json")
    answer = json.loads(out)
    assert (code, answer["status"]) == (0, "quotes_only")
    for quote in answer["quotes"]:
        turn = shown["turns"][quote["turn"]]
        assert turn["text"][quote["start"] : quote["end"]] == quote["text"]
        assert turn["speaker"] == quote["speaker"]
    assert answer["quotes"][0]["text"] == "The tide mill stopped in 1962."

    code, out, _ = run("search", "rotten wheel", "--json")
    hit = json.loads(out)[0]
    assert (hit["episode"], hit["from"], hit["to"]) == ("mill", [0, 0], [3, 7])

    for plain in (
        ["episodes"],
        ["show", "mill"],
        ["ask", "When did the tide mill stop?"],
        ["search", "mill"],
    ):
        code, out, _ = run(*plain)
        assert code == 0
        assert "1962" in out or "Mill" in out

    code, out, _ = run("remove", "mill", "--json")
    assert json.loads(out) == {"removed": ["mill"]}
    code, out, _ = run("episodes")
    assert "onrecord add" in out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["add", "nowhere"], "nowhere: there is no such file or folder"),
        (["add", "empty-folder"], "the folder has no transcripts"),
        (["add", "ftp://example.org/x"], "cannot be fetched"),
        (["add", "http://127.0.0.1:9/feed.xml"], "cannot be reached"),
        (["show", "ghost"], "no episode is called 'ghost'"),
        (["remove", "ghost"], "no episode is called 'ghost'"),
        (["ask", ""], "no words"),
        (["ask", "x " * 5000], "500 is the most"),
        (["ask", "Why?", "--episode", "ghost"], "no episode is called 'ghost'"),
        (["ask", "Why?", "--speaker", "Ghost"], "nobody called 'Ghost' speaks"),
        (["ask", "Why?", "--library", "elsewhere"], "there is no library here"),
        (["ask", "Why?", "--llm-base-url", "nonsense"], "no web address"),
        (["check", "missing.md"], "missing.md: it cannot be read"),
        (["check", "plain.md"], "nothing in quotation marks"),
        (["serve", "--port", "70000"], "setting 'port'"),
    ],
)
def test_bad_input_is_one_line_and_a_non_zero_exit(
    run: Any, tmp_path: Path, words: list[str], said: str
) -> None:
    (tmp_path / "empty-folder").mkdir()
    (tmp_path / "plain.md").write_text("No quotations here.")
    (tmp_path / "mill.txt").write_text(TALK)
    assert run("add", "mill.txt")[0] == 0
    before = [entry.id for entry in Library.open(tmp_path / "library").entries()]
    code, _, err = run(*words)
    assert code == 2
    assert said in _one_line(err)
    assert [entry.id for entry in Library.open(tmp_path / "library").entries()] == before


def test_a_single_file_that_is_no_transcript_fails(run: Any, tmp_path: Path) -> None:
    (tmp_path / "picture.txt").write_bytes(b"\x89PNG\x00\x00")
    code, out, _ = run("add", "picture.txt", "--json")
    assert code == 1
    assert "binary" in json.loads(out)[0]["why"]


def test_each_refusal_is_one_line_with_the_place_and_what_to_do(run: Any, tmp_path: Path) -> None:
    (tmp_path / "essay.txt").write_text("Hello there, nothing here.\n\nJust an essay.\n")
    (tmp_path / "nothing.txt").write_text("")
    (tmp_path / "mill.txt").write_text(TALK)
    code, out, err = run("add", "essay.txt", "nothing.txt", "mill.txt")
    assert code == 1
    assert "1 added, 2 refused" in out
    refused = [line for line in err.splitlines() if line.startswith("onrecord:")]
    assert [line.split(": ")[1] for line in refused] == ["refused essay.txt:1", "refused nothing.txt"]
    assert "lines that begin with a time" in refused[0]
    assert refused[1].endswith("the file is empty; give a file with a transcript in it")


def test_a_port_in_use_is_told_before_anything_is_loaded(run: Any, tmp_path: Path) -> None:
    with http.server.HTTPServer(("127.0.0.1", 0), http.server.BaseHTTPRequestHandler) as taken:
        code, _, err = run("serve", "--port", str(taken.server_address[1]))
    assert code == 2
    assert "--port" in _one_line(err)


@pytest.mark.parametrize("sets", [{"ONRECORD_PORT": "x"}, {"ONRECORD_LLM_BASE_URL": "nonsense"}])
def test_a_bad_setting_names_itself(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sets: dict[str, str]
) -> None:
    (tmp_path / "mill.txt").write_text(TALK)
    run("add", "mill.txt")
    for name, value in sets.items():
        monkeypatch.setenv(name, value)
    code, _, err = run("ask", "Why?")
    assert code == 2
    _one_line(err)


def test_an_unknown_key_in_the_file_is_refused(run: Any, tmp_path: Path) -> None:
    (tmp_path / "onrecord.toml").write_text('libary = "typo"\n')
    code, _, err = run("episodes")
    assert code == 2
    assert "libary" in _one_line(err)


def test_the_command_line_outranks_the_environment_and_that_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "onrecord.toml").write_text("port = 1111\nhost = 'file'\nllm_model = 'file'\n")
    monkeypatch.setenv("ONRECORD_PORT", "2222")
    monkeypatch.setenv("ONRECORD_HOST", "environment")
    settings = load_settings(port=3333, host=None)
    assert (settings.port, settings.host, settings.llm_model) == (3333, "environment", "file")


def test_openai_key_is_for_openai_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    own = load_settings().llm_api_key
    assert own is not None
    assert own.get_secret_value() == "sk-secret"
    assert load_settings(llm_base_url="http://127.0.0.1:1/v1").llm_api_key is None
    assert "sk-secret" not in repr(load_settings())


def test_every_setting_is_documented() -> None:
    page = (ROOT / "docs" / "settings.md").read_text()
    assert issubclass(Settings, BaseSettings)
    rows = [line for line in page.splitlines() if line.startswith("| `")]
    assert len(rows) == len(Settings.model_fields)
    for row, (name, field) in zip(rows, Settings.model_fields.items(), strict=True):
        default = "" if field.default is None else f"`{field.default}`"
        assert row == f"| `{name}` | `ONRECORD_{name.upper()}` | {default} | {field.description} |"


def test_every_command_is_documented_and_its_help_is_light() -> None:
    page = "".join(path.read_text() for path in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))])
    for command in cli.app.registered_commands:
        assert command.callback is not None
        assert f"onrecord {command.callback.__name__}" in page
    script = "import sys; sys.argv = ['onrecord', '--help']\nimport ui.cli\ntry: ui.cli.main()\nexcept SystemExit: pass\n"
    script += "print([name for name in ('torch', 'gradio', 'faiss', 'numpy', 'openai', 'fastapi', 'pydantic') if name in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert done.stdout.strip().endswith("[]")


FEED = """<?xml version="1.0"?><rss xmlns:podcast="https://podcastindex.org/namespace/1.0"
 xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>The Long Table</title>
<item><title>Reeds &amp; Rushes</title><itunes:episode>7</itunes:episode><pubDate>Tue, 01 Apr 2025 10:00:00 GMT</pubDate>
<link>https://example.org/7</link><enclosure url="https://example.org/7.mp3" type="audio/mpeg" length="1"/>
<podcast:transcript url="7.txt" type="text/plain"/><podcast:transcript url="7.vtt" type="text/vtt"/></item>
<item><title>No words</title></item>
<item><title>Gone</title><podcast:transcript url="gone.vtt" type="text/vtt"/></item></channel></rss>"""
VTT = "WEBVTT\n\n00:01.000 --> 00:03.000\n<v Ada>Reeds grow in water.\n\n00:03.000 --> 00:04.000\n<v Ben>They do.\n"


@pytest.fixture
def site() -> Iterator[str]:
    """A small web site on the loopback with a feed and a transcript."""
    pages = {
        "/feed.xml": FEED,
        "/7.vtt": VTT,
        "/page.html": "<html><body><p>Hi</p></body></html>",
        "/empty.xml": "<rss><channel><item><title>x</title></item></channel></rss>",
    }

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path, "").encode()
            self.send_response(200 if body else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


def test_a_feed_names_its_transcripts_best_format_first(run: Any, site: str) -> None:
    code, out, _ = run("add", f"{site}/feed.xml", "--json")
    assert code == 0
    rows = json.loads(out)
    assert [(row["id"], row["outcome"]) for row in rows] == [
        (None, "refused"),
        ("reeds-rushes", "added"),
    ] or [(row["id"], row["outcome"]) for row in rows] == [("reeds-rushes", "added"), (None, "refused")]
    assert any("404" in (row["why"] or "") for row in rows)
    _, out, _ = run("show", "reeds-rushes", "--json")
    shown = json.loads(out)
    assert (shown["title"], shown["show"], shown["number"], shown["date"]) == (
        "Reeds & Rushes",
        "The Long Table",
        "7",
        "2025-04-01",
    )
    assert shown["audio_url"] == "https://example.org/7.mp3"
    assert [(turn["speaker"], turn["time"]) for turn in shown["turns"]] == [("Ada", 1.0), ("Ben", 3.0)]


@pytest.mark.parametrize(("page", "said"), [("/none", "404"), ("/empty.xml", "names no transcript")])
def test_addresses_that_lead_nowhere(run: Any, site: str, page: str, said: str) -> None:
    code, _, err = run("add", site + page)
    assert code == 2
    assert said in _one_line(err)


def test_a_page_without_a_transcript_is_refused(run: Any, site: str) -> None:
    code, out, _ = run("add", f"{site}/page.html", "--json")
    assert code == 1
    assert "without a transcript" in json.loads(out)[0]["why"]


def test_check_finds_what_is_not_on_the_record(run: Any, tmp_path: Path) -> None:
    (tmp_path / "mill.txt").write_text(TALK)
    run("add", "mill.txt")
    (tmp_path / "good.md").write_text("Ada says “the tide mill stopped in 1962”.\n")
    assert run("check", "good.md")[0] == 0
    (tmp_path / "bad.md").write_text(
        "Ada says “the tide mill stopped in 1963”.\n\n“Its wheel was rotten,” says Ada.\n"
    )
    code, out, _ = run("check", "bad.md", "--json")
    assert code == 1
    assert [json.loads(line)["verdict"] for line in out.splitlines()] == ["fabricated", "wrong_speaker"]
    (tmp_path / "q.jsonl").write_text(
        '{"id": "a", "text": "It was."}\n{torn\n{"id": "b", "text": "It was.", "episode": "ghost"}\n'
    )
    code, out, err = run("check", "q.jsonl", "--json")
    assert code == 1
    first, torn, unknown = map(json.loads, out.splitlines())
    assert (first["verdict"], torn["id"], unknown["id"]) == ("exact", None, "b")
    assert "no episode is called 'ghost'" in unknown["error"]
    assert [line.split(":")[2] for line in err.splitlines()] == ["2", "3"]


def test_check_shows_the_true_words_beside_the_wrong_ones(run: Any, tmp_path: Path) -> None:
    (tmp_path / "mill.txt").write_text(TALK)
    run("add", "mill.txt")
    (tmp_path / "bad.md").write_text("Ada says “the tide mill stopped in 1963”.\n")
    code, out, _ = run("check", "bad.md")
    assert code == 1
    assert "1963" in out
    assert "The tide mill stopped in 1962" in out.replace("\n", " ")
    assert "/t/mill?q=" in out
    nearest = json.loads(run("check", "bad.md", "--json")[1])["nearest"]
    assert nearest["text"].rstrip(".") == "The tide mill stopped in 1962"


def test_the_doctor_tells_what_is_wrong(run: Any, tmp_path: Path) -> None:
    code, out, _ = run("doctor", "--json")
    assert code == 1
    assert any("no library" in finding["what"] and finding["fix"] for finding in json.loads(out))


def test_the_doctor_names_an_episode_that_changed_on_the_disk(run: Any, tmp_path: Path) -> None:
    (tmp_path / "mill.txt").write_text(TALK)
    run("add", "mill.txt")
    with contextlib.closing(sqlite3.connect(next(tmp_path.rglob("library.db")))) as db:
        db.execute("UPDATE turns SET text = replace(text, '1962', '1926')")
        db.commit()
    found = json.loads(run("doctor", "--json")[1])
    (wrong,) = [finding for finding in found if "'mill'" in finding["what"]]
    assert not wrong["well"]
    assert "add its transcript again" in wrong["fix"]
    for command in (("show", "mill"), ("ask", "When did the tide mill stop?"), ("search", "tide mill")):
        assert "1926" not in "".join(map(str, run(*command)))
    run("add", "mill.txt")
    assert not [f for f in json.loads(run("doctor", "--json")[1]) if "'mill'" in f["what"]]


def test_the_doctor_looks_at_what_the_settings_name(
    run: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONRECORD_NLI", str(tmp_path / "nowhere"))
    monkeypatch.setenv("ONRECORD_LIMITS_URL", "redis://127.0.0.1:1/0")
    wrong = [finding for finding in json.loads(run("doctor", "--json")[1]) if not finding["well"]]
    assert any("no usable entailment model" in finding["what"] and finding["fix"] for finding in wrong)
    assert any("Redis" in finding["what"] and finding["fix"] for finding in wrong)
