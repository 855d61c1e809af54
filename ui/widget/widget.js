// The line on an owner's page loads this: a launcher in a shadow root. The panel behind it
// (panel.js) is loaded when somebody is about to open it.
(() => {
  "use strict";
  const script = document.currentScript || document.querySelector('script[src*="/widget.js"]');
  const wish = { ...script.dataset };
  const key = script.src + JSON.stringify(wish);
  const widgets = window.OnRecord?.widgets || [];
  // A page that runs the same line again, as after a Turbo visit, has its widget already.
  if (widgets.some((each) => each.key === key)) return;

  const labels = LABELS[(wish.lang || navigator.language).slice(0, 2)] || LABELS.en;
  const corner = wish.position || "";
  const rtl = wish.lang ? /^(ar|fa|he|ur)/.test(wish.lang) : getComputedStyle(document.documentElement).direction === "rtl";
  const listeners = [];
  let loading;

  // What the visitor did here before; a browser may forbid to keep it.
  let kept = {};
  try { kept = JSON.parse(localStorage[key]); } catch {}
  if (!(Date.now() - kept?.at < 864e5)) kept = {};
  const keep = (more) => {
    Object.assign(kept, more, { at: Date.now() });
    try { localStorage[key] = JSON.stringify(kept); } catch {}
  };

  const make = (tag, parent, given) => parent.appendChild(Object.assign(document.createElement(tag), given));
  const dress = (shadow, css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    shadow.adoptedStyleSheets = [...shadow.adoptedStyleSheets, sheet];
  };
  const host = document.createElement("div");
  const shadow = host.attachShadow({ mode: "open" });
  dress(shadow, STYLE);
  const box = make("div", shadow, { dir: rtl ? "rtl" : "ltr", className: "at" });
  for (const [name, on] of [
    ["inline", wish.target],
    ["side", wish.layout === "sidebar"],
    ["left", corner ? /left/.test(corner) : rtl],
    ["top", /top/.test(corner)],
  ]) box.classList.toggle(name, !!on);
  const launch = make("button", box, { className: "launch", type: "button", ariaExpanded: false, ariaHasPopup: "dialog", hidden: true });
  const ns = "http://www.w3.org/2000/svg";
  const icon = launch.appendChild(document.createElementNS(ns, "svg"));
  icon.setAttribute("viewBox", "0 0 24 24");
  icon.setAttribute("aria-hidden", true);
  icon.appendChild(document.createElementNS(ns, "path")).setAttribute("d", "M4 3h16a2 2 0 0 1 2 2v11a2 2 0 0 1-2 2h-8l-5 4v-4H4a2 2 0 0 1-2-2V5a2 2 0 0 1 2-2zm3 8v3h3v-3H9c0-1 0-2 1-2V7c-2 0-3 2-3 4zm7 0v3h3v-3h-1c0-1 0-2 1-2V7c-2 0-3 2-3 4z");
  const words = make("span", launch);

  // How it looks: as the line says, else as its site is registered.
  const look = (site = {}) => {
    widget.label = words.textContent = wish.label || site.label || labels[0];
    launch.hidden = !!wish.target;
    const color = wish.color || site.color;
    if (!/^#([\da-f]{3}){1,2}$/i.test(color)) return;
    const [r, g, b] = color.slice(1).replace(/^(.)(.)(.)$/, "$1$1$2$2$3$3").match(/../g).map((n) => (parseInt(n, 16) / 255) ** 2.2);
    box.style.setProperty("--fill", color);
    box.style.setProperty("--on-fill", r * 0.21 + g * 0.72 + b * 0.07 > 0.18 ? "#000" : "#fff");
  };
  // A page may demand trusted types: only files beside this one are. A page that forbids the policy has no widget.
  try { widgets.trust ||= window.trustedTypes?.createPolicy("onrecord", { createScriptURL: (url) => url.startsWith(new URL("/", script.src)) && url }); } catch {}
  const run = (name, onload, onerror) => {
    const url = new URL(name, script.src);
    make("script", document.head, { src: widgets.trust?.createScriptURL(url) ?? url, nonce: script.nonce, onload, onerror });
  };

  const emit = (name, detail) => {
    const event = new CustomEvent("onrecord:" + name, { bubbles: true, cancelable: true, detail });
    for (const [wanted, hear] of listeners) if (wanted === name) hear(event);
    return (host.isConnected ? host : document).dispatchEvent(event);
  };
  const load = () => (loading ||= new Promise((done) => {
    run("panel.js", () => done(widgets.panel(widget)), () => {
      loading = 0;
      emit("error", { what: "panel.js" });
      open(new URL("embed?site=" + (wish.site || ""), script.src));
    });
  }));
  const mount = () => {
    const parent = wish.target ? document.querySelector(wish.target) : document.body;
    if (host.isConnected || !parent) return;
    parent.append(host);
    widget.mounted?.();
  };
  const watch = new MutationObserver(mount);

  const widget = {
    key, widgets, wish, src: script.src, rtl, host, shadow, box, launch, kept, keep, emit, make, dress,
    on: (name, hear) => {
      const pair = [name, hear];
      listeners.push(pair);
      return () => listeners.splice(listeners.indexOf(pair), 1);
    },
    destroy: () => {
      watch.disconnect();
      widget.unload?.();
      host.remove();
      widgets.splice(widgets.indexOf(widget), 1);
      window.OnRecord = widgets[0];
    },
  };
  for (const name of ["open", "close", "toggle", "ask", "theme"]) widget[name] = (given) => load().then((panel) => panel[name](given));
  widgets.push(widget);
  window.OnRecord = widgets[0];
  launch.onclick = widget.toggle;
  launch.onpointerenter = launch.onfocus = load;

  if (wish.site && !(wish.label && wish.color)) run("site.js?site=" + wish.site, ({ target }) => look(target.look), () => look());
  else look();
  mount();
  watch.observe(document, { childList: true, subtree: true });
  emit("ready");
  if (wish.target) widget.open(false);
  else if (kept.open ? innerWidth > 480 : "open" in wish && wish.open !== "false" && !("open" in kept)) {
    setTimeout(widget.open, kept.open ? 0 : wish.open * 1000 || 0, false);
  } else if (wish.tooltip && !kept.tip) {
    const tip = make("div", box, { className: "tip" });
    make("span", tip, { textContent: wish.tooltip });
    make("button", tip, { type: "button", textContent: "×", ariaLabel: labels[1] }).onclick = widget.untip = () => tip.remove();
    keep({ tip: 1 });
  }
})();
