// The panel of a widget: a frame with the chat, what passes between it and the host page, and the
// host page's own player and colours.
(() => {
  "use strict";
  const start = (widget) => {
    const { wish, rtl, shadow, box, launch, kept, keep, emit, make } = widget;
    const root = document.documentElement;
    const at = new URL("embed", widget.src);
    let theme = wish.theme || "auto";
    let frame, ready, late, unasked, wantsFocus;

    widget.dress(shadow, STYLE);
    const panel = make("div", box, { className: "panel", hidden: true, role: wish.target ? "region" : "dialog", ariaLabel: widget.label });
    const fault = make("p", panel, { className: "fault", textContent: (LABELS[(wish.lang || navigator.language).slice(0, 2)] || LABELS.en).fault, role: "alert", hidden: true });

    // -- the page's colours -----------------------------------------------------------------

    // What is behind the page's text says more than any class: it holds for every way of going dark.
    const behind = () => {
      for (const part of [document.body, root]) {
        const [r, g, b, a = 1] = (/^rgba?\((.*)\)/.exec(getComputedStyle(part).backgroundColor)?.[1] || "0,0,0,0").split(/[,/ ]+/).map(Number);
        if (a) return r * 0.3 + g * 0.6 + b * 0.1 < 128;
      }
      return /dark/.test(getComputedStyle(root).colorScheme) && system.matches;
    };
    const system = matchMedia("(prefers-color-scheme: dark)");
    const shade = () => ((theme === "auto" ? behind() : theme === "dark") ? "dark" : "light");
    const tint = () => {
      panel.classList.toggle("dark", shade() === "dark");
      tell("theme", { name: shade() });
    };
    const tintLater = () => setTimeout(tint, 300); // pages fade from one to the other
    const changed = new MutationObserver(tintLater);
    const lookOn = () => {
      for (const part of [root, document.body]) changed.observe(part, { attributes: true });
    };
    lookOn();
    system.addEventListener("change", tintLater);

    // -- talking with the frame -------------------------------------------------------------

    const tell = (type, more) => ready && frame.contentWindow?.postMessage({ ...more, onrecord: type }, at.origin);
    const seek = (detail) => {
      if (!emit("seek", detail)) return true;
      const found = wish.audio ? [...document.querySelectorAll(wish.audio)] : [];
      const own = found.find((each) => each.dataset.episode === detail.episode) || found.find((each) => !each.dataset.episode);
      const player = own?.matches("audio,video") ? own : own?.querySelector("audio,video");
      if (!player) return false;
      player.currentTime = detail.seconds;
      player.play().catch(() => {});
      return true;
    };
    const heard = {
      ready: () => {
        ready = true;
        clearTimeout(late);
        fault.hidden = true;
        frame.hidden = false;
        tell("hello", { session: kept.session, wide: innerWidth > 480 });
        tint();
        if (wantsFocus) tell("focus");
        if (unasked) tell("ask", { question: unasked });
        wantsFocus = unasked = null;
      },
      session: (data) => keep({ session: data.session }),
      close: () => close(),
      expand: () => box.classList.toggle("large"),
      event: (data) => emit(data.name, data.detail),
      seek: (data) => seek(data.detail) || tell("unplayed", { detail: data.detail }),
    };
    const hear = ({ source, origin, data }) => {
      if (frame && source === frame.contentWindow && origin === at.origin && Object.hasOwn(heard, data?.onrecord)) heard[data.onrecord](data);
    };
    addEventListener("message", hear);

    const load = () => {
      const query = at.searchParams;
      query.set("host", location.origin);
      for (const name of ["site", "lang", "label", "color", "greeting", "disclaimer", "starters", "episode", "speaker"]) if (wish[name]) query.set(name, wish[name]);
      for (const [name, on] of [["player", wish.audio], ["share", "shareQuestions" in wish], ["rtl", rtl], ["inline", wish.target]]) if (on) query.set(name, 1);
      query.set("theme", shade());
      frame = make("iframe", panel, { title: widget.label, allow: "autoplay; clipboard-write", referrerPolicy: "origin", src: at });
      wait();
    };
    const wait = () => {
      ready = false;
      clearTimeout(late);
      late = setTimeout(() => {
        fault.hidden = false;
        frame.hidden = true;
        console.warn(`onrecord: no answer from ${at.origin}. Does it allow this site? See: onrecord site add`);
        emit("error", { what: fault.textContent });
      }, 8000);
    };
    load();
    // A frame that was moved with its page loads again.
    widget.mounted = () => { wait(); lookOn(); tint(); };
    widget.unload = () => {
      changed.disconnect();
      system.removeEventListener("change", tintLater);
      removeEventListener("message", hear);
      clearTimeout(late);
    };

    // -- opening and closing ----------------------------------------------------------------

    const show = (on) => {
      panel.hidden = !on;
      box.classList.toggle("shown", on);
      launch.ariaExpanded = on;
      widget.untip?.();
      if (!wish.target) keep({ open: on });
      emit(on ? "open" : "close");
    };
    const open = (focus) => {
      if (panel.hidden) show(true);
      if (focus === false) return;
      frame.focus();
      if (ready) tell("focus");
      else wantsFocus = true;
    };
    const close = () => {
      if (wish.target || panel.hidden) return;
      show(false);
      launch.focus();
    };
    shadow.addEventListener("keydown", (event) => event.key === "Escape" && close());

    return {
      open, close,
      toggle: () => (panel.hidden ? open() : close()),
      ask: (question) => {
        open();
        if (ready) tell("ask", { question });
        else unasked = question;
      },
      theme: (name) => { theme = name; tint(); },
    };
  };
  window.OnRecord.widgets.panel = start;
})();
