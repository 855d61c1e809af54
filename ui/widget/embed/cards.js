// An answer on the page: its sentences, and under them the quotes that carry them.

const addressOf = (quote) => {
  const place = /^\/t\/[^/?#]+\?q=[\d.,-]+$/.test(quote.url) ? quote.url : "/";
  return new URL(`${place}#quote`, location.origin).href;
};

const card = (quote, id) => {
  const told = () => ({ episode: quote.episode, time: quote.time, url: addressOf(quote) });
  const links = make("p", { class: "links" },
    make("a", { href: addressOf(quote), target: "_blank", click: () => emit("quote", told()) }, say.open),
    make("button", { type: "button", click: ({ currentTarget }) => {
      copy(addressOf(quote), currentTarget);
      emit("copy", told());
    } }, say.copy_link),
  );
  canPlay(quote).then((can) => {
    if (!can) return;
    const from = filled(say.play_from, { time: clock(quote.time) });
    links.prepend(make("button", { type: "button", class: "play", "aria-label": from, title: from, click: () => play(quote) }, say.play));
  });
  return make("figure", { class: "card", id, tabindex: -1 },
    make("figcaption", {},
      quote.n ? make("span", { class: "n" }, quote.n) : "",
      make("strong", { dir: "auto" }, quote.speaker || say.unknown), " ",
      quote.time === null ? "" : make("span", { class: "time" }, clock(quote.time)), " ",
      make("span", { class: "episode", dir: "auto" }, quote.title)),
    make("blockquote", { dir: "auto" }, make("q", {}, quote.text)),
    links);
};

const numberOf = (quote, id) => make("a", {
  href: `#${id}`, class: "n", "aria-label": filled(say.quote, { n: quote.n }), title: quote.speaker || say.unknown,
  click: (event) => {
    event.preventDefault();
    const target = by(id);
    target.scrollIntoView({ block: "nearest", behavior: calm ? "auto" : "smooth" });
    target.focus({ preventScroll: true });
  },
}, `[${quote.n}]`);
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;

const note = (words) => make("p", { class: "note" }, words);

// A drawing of one answer, which grows with its events.
const drawing = (place, name) => {
  const prose = make("p", { class: "prose" });
  const quotes = make("div", { class: "quotes" });
  const shown = new Set();
  const idOf = (n) => `q${name}-${n}`;
  const claim = ({ text, quotes: cited }) => {
    if (!prose.isConnected) place.replaceChildren(prose, make("p", { class: "head" }, say.on_record), quotes);
    prose.append(make("span", { dir: "auto" }, text), ...cited.flatMap((quote) => ["\u2060", numberOf(quote, idOf(quote.n))]), " ");
    for (const quote of cited) if (!shown.has(quote.n)) {
      shown.add(quote.n);
      quotes.append(card(quote, idOf(quote.n)));
    }
  };
  const whole = (answer) => {
    const withoutClaims = (lead, list) => {
      place.replaceChildren(make("p", { class: "lead" }, lead), quotes);
      quotes.replaceChildren(...list.map((quote, at) => card(quote, idOf(at + 1))));
    };
    if (answer.status === "answered") {
      const byNumber = new Map(answer.quotes.map((quote) => [quote.n, quote]));
      const drawn = prose.querySelectorAll("span").length;
      for (const each of answer.claims.slice(drawn)) claim({ text: each.text, quotes: each.quotes.map((n) => byNumber.get(n)) });
      const n = answer.dropped.length;
      if (n) place.append(note(n === 1 ? say.left_out_one : filled(say.left_out, { n })));
    } else if (answer.status === "quotes_only") {
      withoutClaims(leadOf(answer), answer.quotes);
      if (answer.note) place.append(note(say.no_prose));
    } else {
      withoutClaims(leadOf(answer), answer.closest);
      if (answer.closest.length) quotes.before(note(say.closest));
    }
  };
  return { claim, whole };
};

// What stands above quotes that nothing was written about.
const leadOf = (answer) => {
  if (answer.status === "not_discussed") return answer.note && !answer.closest.length ? say.ask_the_show : say.not_discussed;
  return answer.confidence < settings.sureFrom ? say.unsure : say.own_words;
};

// An answer as text: what is copied, each quote with who, when and where.
const asText = (question, answer) => {
  const quotes = answer.status === "not_discussed" ? answer.closest : answer.quotes;
  const lead = answer.status === "answered"
    ? answer.claims.map((each) => each.text + each.quotes.map((n) => `[${n}]`).join("")).join(" ")
    : leadOf(answer);
  return [question, lead, ...quotes.map((quote) => [
    `${quote.n ? `[${quote.n}] ` : ""}“${quote.text}”`,
    [quote.speaker || say.unknown, quote.time === null ? "" : clock(quote.time), quote.title].filter(Boolean).join(" · "),
    addressOf(quote),
  ].join("\n"))].join("\n\n");
};
