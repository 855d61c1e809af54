// A transcript page works without this; with it, recordings play in place and links can be copied.
"use strict";
(() => {
  const find = (selector) => document.querySelector(selector);
  const player = find("#player");
  const quote = find("#quote");

  const clock = (seconds) => {
    const whole = Math.floor(seconds);
    const two = (n) => String(n).padStart(2, "0");
    const [h, m, s] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60];
    return h ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
  };
  const say = (words) => { find("#said-so").textContent = words; };

  // -- the recording ------------------------------------------------------------------------

  const load = () => {
    if (!player.dataset.src || player.src) return;
    player.src = player.dataset.src; // asks another host, so only after a click
    player.hidden = false;
    find("#load").hidden = true;
    player.addEventListener("error", () => {
      player.hidden = true;
      find("#load").hidden = false;
      find("#load").textContent = "The recording cannot be played here. Open it at its own address";
      find("#load").dataset.failed = "yes";
    });
  };
  const playFrom = async (seconds) => {
    load();
    if (player.readyState < 1) {
      await new Promise((ready) => {
        player.addEventListener("loadedmetadata", ready, { once: true });
        player.load();
      });
    }
    player.currentTime = seconds;
    await player.play();
  };

  if (player) {
    find("#load")?.addEventListener("click", (event) => {
      if (event.currentTarget.dataset.failed) return;
      event.preventDefault();
      load();
      player.play().catch(() => say("The recording did not start"));
    });
    document.addEventListener("click", (event) => {
      const button = event.target.closest("[data-play]");
      if (!button) return;
      event.preventDefault();
      playFrom(Number(button.dataset.play)).catch(() => say("The recording did not start"));
    });
  }

  // -- arriving -----------------------------------------------------------------------------

  if (location.hash === "#play" && player && find("#play")) {
    quote.scrollIntoView({ block: "center", behavior: "instant" });
    // Browsers refuse to start sound by themselves; then the button asks for the one click.
    if (!player.dataset.src) {
      playFrom(Number(find("#play").dataset.play)).catch(() => find("#play").classList.add("urge"));
    } else {
      find("#play").classList.add("urge");
    }
  } else if (quote && ["", "#quote", "#play"].includes(location.hash)) {
    quote.scrollIntoView({ block: "center", behavior: "instant" });
  }

  // -- copying links ------------------------------------------------------------------------

  const addressOf = (place) => `${location.origin}${location.pathname}?q=${place}#quote`;
  const copy = async (place, button) => {
    const words = button.textContent;
    try {
      await navigator.clipboard.writeText(addressOf(place));
      button.textContent = "Link copied";
      say("Link copied");
    } catch {
      button.textContent = "Copy it from the address bar";
      history.replaceState(null, "", addressOf(place));
    }
    setTimeout(() => { button.textContent = words; }, 1800);
  };
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", () => copy(button.dataset.copy, button));
  }

  // Offsets count characters as the record does: code points of the turn's own text.
  const length = (text) => [...text].length;
  const offsetIn = (paragraph, node, offset) => {
    const before = document.createRange();
    before.setStart(paragraph, 0);
    before.setEnd(node, offset);
    return length(before.toString());
  };
  const timeAt = (paragraph, range) => {
    let seconds = paragraph.closest(".turn").querySelector(".time").dataset.s;
    for (const tick of paragraph.querySelectorAll(".tick, .line[data-s]")) {
      const at = document.createRange();
      at.selectNode(tick);
      if (range.compareBoundaryPoints(Range.START_TO_START, at) >= 0) seconds = tick.dataset.s;
    }
    return seconds;
  };

  // -- lines: each has an address, and a click on one offers it ------------------------------

  const lineAround = (paragraph, node, offset) => {
    const range = document.createRange();
    range.selectNodeContents(paragraph);
    for (const start of paragraph.querySelectorAll(".line, .tick")) {
      const at = document.createRange();
      at.selectNode(start);
      if (at.comparePoint(node, offset) >= 0) range.setStartAfter(start);
      else {
        range.setEndBefore(start);
        break;
      }
    }
    return range;
  };
  const light = (range) => {
    if ("highlights" in CSS) CSS.highlights.set("line", new Highlight(...(range ? [range] : [])));
  };
  const arrive = () => {
    const start = /^#t\d+-\d+$/.test(location.hash) && document.getElementById(location.hash.slice(1));
    light(start ? lineAround(start.closest(".text"), start.parentNode, [...start.parentNode.childNodes].indexOf(start) + 1) : null);
  };
  addEventListener("hashchange", arrive);
  arrive();

  const selected = find("#selected");
  const offer = (range) => {
    const element = range && (range.startContainer.nodeType === 1 ? range.startContainer : range.startContainer.parentElement);
    const paragraph = element && element.closest(".text");
    const text = range ? range.toString() : "";
    if (!paragraph || !paragraph.contains(range.endContainer) || text.trim().length < 3) {
      selected.hidden = true;
      return;
    }
    const start = offsetIn(paragraph, range.startContainer, range.startOffset) + length(text) - length(text.trimStart());
    selected.dataset.place = `${paragraph.dataset.turn}.${start}-${start + length(text.trim())}`;
    const seconds = player ? timeAt(paragraph, range) : undefined;
    find("#selected-play").hidden = seconds === undefined;
    if (seconds !== undefined) {
      find("#selected-play").dataset.play = seconds;
      find("#selected-play").textContent = `▶ Play from ${clock(Number(seconds))}`;
    }
    const box = range.getBoundingClientRect();
    selected.hidden = false;
    selected.style.top = `${scrollY + box.bottom + 8}px`;
    selected.style.left = `${Math.max(8, Math.min(scrollX + box.left, innerWidth - selected.offsetWidth - 8))}px`;
  };
  const selection = () => (getSelection().isCollapsed ? null : getSelection().getRangeAt(0));
  let later;
  document.addEventListener("selectionchange", () => {
    clearTimeout(later);
    if (selection()) later = setTimeout(() => { light(null); offer(selection()); }, 150);
  });
  document.addEventListener("click", (event) => {
    if (selection() || selected.contains(event.target)) return;
    const caret = document.caretPositionFromPoint?.(event.clientX, event.clientY);
    const paragraph = event.target.closest(".text");
    const line = caret && paragraph?.contains(caret.offsetNode) && !event.target.closest("a") ? lineAround(paragraph, caret.offsetNode, caret.offset) : null;
    light(line);
    offer(line);
  });
  find("#selected-copy").addEventListener("click", (event) => copy(selected.dataset.place, event.currentTarget));

  // -- finding words ------------------------------------------------------------------------

  if (!("highlights" in CSS)) return;
  const box = find("#find-box");
  const count = find("#find-count");
  let matches = [];
  let now = 0;
  find("#find").hidden = false;

  const rangesOf = (words) => {
    const ranges = [];
    for (const paragraph of document.querySelectorAll(".text")) {
      const nodes = [];
      const walker = document.createTreeWalker(paragraph, NodeFilter.SHOW_TEXT);
      for (let at = 0; walker.nextNode(); at += walker.currentNode.length) nodes.push([at, walker.currentNode]);
      const text = paragraph.textContent.toLowerCase();
      if (text.length !== paragraph.textContent.length) continue; // rare letters change length in lower case
      const spot = (offset, end) => {
        const [at, node] = nodes.findLast(([start]) => (end ? start < offset : start <= offset));
        return [node, offset - at];
      };
      for (let i = text.indexOf(words); i >= 0; i = text.indexOf(words, i + words.length)) {
        const range = document.createRange();
        range.setStart(...spot(i, false));
        range.setEnd(...spot(i + words.length, true));
        ranges.push(range);
      }
    }
    return ranges;
  };
  const show = () => {
    CSS.highlights.set("find", new Highlight(...matches));
    CSS.highlights.set("find-now", new Highlight(...matches.slice(now, now + 1)));
    count.textContent = box.value.trim().length < 2 ? "" : matches.length ? `${now + 1} of ${matches.length}` : "none";
    if (!matches.length) return;
    const place = matches[now].getBoundingClientRect();
    scrollTo({ top: scrollY + place.top - innerHeight / 3, behavior: "instant" });
  };
  const step = (by) => {
    if (!matches.length) return;
    now = (now + by + matches.length) % matches.length;
    show();
  };
  box.addEventListener("input", () => {
    const words = box.value.trim().toLowerCase();
    matches = words.length < 2 ? [] : rangesOf(words);
    now = Math.max(0, matches.findIndex((range) => range.getBoundingClientRect().top >= 60));
    show();
  });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter") step(event.shiftKey ? -1 : 1);
    if (event.key === "Escape") { box.value = ""; box.dispatchEvent(new Event("input")); }
  });
  find("#find-next").addEventListener("click", () => step(1));
  find("#find-before").addEventListener("click", () => step(-1));
})();
