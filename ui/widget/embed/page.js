// The page's own controls, and the start.

const narrow = (open) => {
  by("narrowing").hidden = !open;
  by("narrow").setAttribute("aria-expanded", open);
};
by("narrow").addEventListener("click", () => narrow(by("narrowing").hidden));
catalogue.then((episodes) => {
  const known = settings.speakers.length ? settings.speakers : episodes.flatMap((episode) => episode.speakers);
  const speakers = [...new Set(known)].sort((a, b) => a.localeCompare(b));
  by("episode").append(...episodes.map(({ id, title }) => make("option", { value: id }, title)));
  by("speaker").append(...speakers.map((name) => make("option", { value: name }, name)));
  by("episode").parentNode.hidden = episodes.length < 2;
  by("speaker").parentNode.hidden = speakers.length < 2;
  by("narrow").hidden = episodes.length < 2 && speakers.length < 2;
});
for (const select of [by("speaker"), by("episode")]) {
  select.addEventListener("change", () => by("narrow").classList.toggle("on", !!(by("speaker").value || by("episode").value)));
}

by("form").addEventListener("submit", (event) => {
  event.preventDefault();
  ask(box.value);
  box.value = "";
});
box.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    by("form").requestSubmit();
  }
});
by("stop").addEventListener("click", () => {
  asking?.abort();
  box.focus();
});
by("fresh").addEventListener("click", startAfresh);
by("expand").addEventListener("click", () => tell("expand"));
by("popout").addEventListener("click", popOut);
by("close").addEventListener("click", () => tell("close"));
for (const button of document.querySelectorAll(".starter")) button.addEventListener("click", () => ask(button.textContent));
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape") return;
  if (!by("narrowing").hidden) {
    narrow(false);
    by("narrow").focus();
  } else if (edited) {
    stopEditing();
    box.value = "";
  } else tell("close");
});

listen({
  hello: (data) => {
    by("close").hidden = popout || settings.inline;
    by("expand").hidden = by("close").hidden || !data.wide;
    by("popout").hidden = popout || !data.wide;
    restore(data.session);
  },
  ask: (data) => typeof data.question === "string" && ask(data.question),
  focus: () => box.focus(),
  theme: (data) => ["light", "dark"].includes(data.name) && setTheme(data.name),
  unplayed: (data) => playHere({ episode: String(data.detail?.episode), seconds: Number(data.detail?.seconds) }),
});
tell("ready");
if (!around) box.focus();
