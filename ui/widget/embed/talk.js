// The conversation: asking, stopping, asking again, changing a question, judging, keeping.

const PAIRS_REMEMBERED = 3;
const MOST_KEPT = 12;
const turns = []; // {question, answer, verdict, part}: answer as the `done` event gave it, or undefined
let asking; // the AbortController of the question being answered
let edited; // the turn whose question is being changed
let count = 0;

const log = by("log");
const box = by("question");

const sessionOf = () => ({
  generation: settings.generation,
  turns: turns.filter((turn) => turn.answer).slice(-MOST_KEPT).map(({ question, answer, verdict }) => ({ question, answer, verdict })),
});
const keep = () => {
  tell("session", { session: sessionOf() });
  by("hello").hidden = by("fresh").hidden = true;
  (turns.length ? by("fresh") : by("hello")).hidden = false;
};

const plain = ({ status, claims, quotes }) =>
  (status === "answered" ? claims : status === "quotes_only" ? quotes : []).map((each) => each.text).join(" ").slice(0, 1500);
const historyBefore = (turn) => turns.slice(0, turns.indexOf(turn)).filter((each) => each.answer).slice(-PAIRS_REMEMBERED)
  .map((each) => [each.question, plain(each.answer)]);

const filters = () => ({
  speakers: by("speaker").value ? [by("speaker").value] : settings.speakers,
  episodes: by("episode").value ? [by("episode").value] : settings.only,
});

const busy = (on) => {
  by("ask").hidden = on;
  by("stop").hidden = !on;
};

const judge = async (turn, verdict, button) => {
  turn.verdict = verdict;
  for (const each of turn.part.querySelectorAll("[aria-pressed]")) each.setAttribute("aria-pressed", each === button);
  const body = JSON.stringify({ question: turn.question, verdict, answer: turn.answer });
  emit("feedback", { verdict, ...questionFor(turn.question) });
  keep();
  const kept = await fetch("/api/feedback", { method: "POST", headers: { "content-type": "application/json" }, body }).catch(() => null);
  announce(kept?.ok ? say.thanks : say.broken);
};

const addTools = (turn) => {
  const thumb = (icon) => {
    const button = tool(icon, () => judge(turn, icon, button));
    button.setAttribute("aria-pressed", turn.verdict === icon);
    return button;
  };
  const whenAnswered = turn.answer ? [
    tool("copy", ({ currentTarget }) => {
      copy(asText(turn.question, turn.answer), currentTarget);
      emit("copy", {});
    }), thumb("like"), thumb("dislike")] : [];
  turn.part.querySelector(".tools")?.remove();
  turn.part.append(make("p", { class: "tools" }, ...whenAnswered, tool("retry", () => answer(turn))));
};

const addTurn = (question) => {
  const turn = { question, name: ++count };
  turn.body = make("div", { class: "answer" });
  turn.part = make("article", { class: "turn", "aria-label": question },
    make("div", { class: "asked" }, make("p", { dir: "auto" }, question), tool("edit", () => edit(turn))), turn.body);
  turns.push(turn);
  log.append(turn.part);
  return turn;
};

const removeFrom = (at) => {
  for (const turn of turns.splice(at)) turn.part.remove();
};

const answer = async (turn) => {
  asking?.abort();
  const own = (asking = new AbortController());
  removeFrom(turns.indexOf(turn) + 1);
  turn.answer = turn.verdict = undefined;
  turn.part.querySelector(".tools")?.remove();
  const drawn = drawing(turn.body, turn.name);
  const working = (stage) => {
    if (!turn.body.querySelector(".prose")) turn.body.replaceChildren(make("p", { class: "working" }, say[stage] || say.searching));
    announce(say[stage] || say.searching);
  };
  const fail = (words, status) => {
    turn.body.querySelector(".working")?.remove();
    turn.body.append(make("p", { class: "note failed", role: "alert" }, words));
    emit("error", { what: words, status });
  };
  working("searching");
  busy(true);
  emit("question", questionFor(turn.question));
  keep();
  log.scrollTo({ top: turn.part.offsetTop - 12 });
  try {
    const body = { question: turn.question, history: historyBefore(turn), filters: filters(), ...(settings.site ? { site: settings.site } : {}) };
    for await (const [name, data] of events(body, own.signal)) {
      if (name === "status") working(data.stage);
      if (name === "claim") drawn.claim({ text: data.text, quotes: data.sources });
      if (name === "error") throw new Refusal(say.broken);
      if (name === "done") {
        turn.answer = data;
        drawn.whole(data);
      }
    }
    if (!turn.answer) throw new Refusal(say.broken_off);
    announce(say.answered);
    emit("answer", { status: turn.answer.status, quotes: turn.answer.quotes.length, ...questionFor(turn.question) });
  } catch (error) {
    if (own.signal.aborted) {
      if (!turn.part.isConnected) return;
      turn.body.querySelector(".working")?.remove();
      turn.body.append(note(say.stopped));
      emit("stop", {});
    } else fail(error instanceof Refusal ? error.message : turn.body.querySelector(".prose") ? say.broken_off : say.offline);
  }
  addTools(turn);
  if (asking === own) busy(false);
  keep();
};

const ask = (question) => {
  const words = question.trim().slice(0, box.maxLength);
  if (!words) return;
  if (edited) removeFrom(turns.indexOf(edited));
  stopEditing();
  asking?.abort();
  answer(addTurn(words));
};

const edit = (turn) => {
  edited = turn;
  box.value = turn.question;
  by("editing").replaceChildren(say.editing, " ", make("button", { type: "button", click: () => { stopEditing(); box.value = ""; box.focus(); } }, say.cancel));
  by("editing").hidden = false;
  box.focus();
};
const stopEditing = () => {
  edited = undefined;
  by("editing").hidden = true;
};

const startAfresh = () => {
  asking?.abort();
  asking = undefined;
  busy(false);
  stopEditing();
  removeFrom(0);
  emit("reset", {});
  keep();
  box.focus();
};

const restore = (session) => {
  if (turns.length || !Array.isArray(session?.turns) || !session.turns.length) return;
  if (session.generation !== settings.generation) {
    by("hello").append(note(say.ended));
    return;
  }
  try {
    for (const { question, answer: given, verdict } of session.turns.slice(-MOST_KEPT)) {
      const turn = Object.assign(addTurn(String(question)), { answer: given, verdict });
      drawing(turn.body, turn.name).whole(given);
      addTools(turn);
    }
  } catch {
    removeFrom(0); // whatever was kept there is no conversation of ours
  }
  keep();
  log.scrollTop = (log.lastElementChild?.offsetTop ?? 12) - 12;
};
