// Playing a quote from its second: in the host page's own player, else here.

let sounding;

// The episodes that may be asked, with their speakers and recordings.
const catalogue = fetch(settings.episodes).then((response) => response.json()).then((got) => got.episodes).catch(() => []);
const episodeOf = async (id) => (await catalogue).find((episode) => episode.id === id);

const canPlay = async (quote) => quote.time !== null && (settings.player || !!(await episodeOf(quote.episode))?.recording);

const playHere = async ({ episode, seconds }) => {
  const about = await episodeOf(episode);
  const bar = by("sound");
  if (!about?.recording) return announce(say.recording_failed);
  if (sounding?.dataset.episode !== episode) {
    sounding = make("audio", { controls: true, preload: "auto", src: about.recording, "data-episode": episode });
    sounding.addEventListener("error", () => {
      bar.replaceChildren(make("p", { class: "note" }, say.recording_failed));
      sounding = undefined;
    });
    const host = new URL(about.recording, location.href).host;
    bar.replaceChildren(make("p", { dir: "auto" }, about.title, host === location.host ? "" : ` · ${filled(say.from_host, { host })}`), sounding);
    bar.setAttribute("aria-label", say.recording_of);
    bar.hidden = false;
  }
  sounding.currentTime = seconds;
  sounding.play().catch(() => {});
};

const play = (quote) => {
  const detail = { episode: quote.episode, seconds: quote.time };
  if (settings.player) return tell("seek", { detail });
  emit("seek", detail);
  playHere(detail);
};
