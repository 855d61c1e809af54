// Elements are made here: what others wrote becomes text nodes and attributes, never markup.

const settings = JSON.parse(document.getElementById("settings").textContent);
const say = settings.say;
const by = (id) => document.getElementById(id);

const make = (tag, given, ...children) => {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(given || {})) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== undefined && value !== false) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== undefined && child !== ""));
  return element;
};

const svgOf = (name) => {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  svg.setAttribute("aria-hidden", "true");
  svg.appendChild(document.createElementNS(ns, "use")).setAttribute("href", `#i-${name}`);
  return svg;
};
const tool = (icon, click) =>
  make("button", { type: "button", class: "tool", "aria-label": say[icon], title: say[icon], click }, svgOf(icon));

const filled = (words, values) => words.replace(/\{(\w+)\}/g, (_, name) => values[name]);
const announce = (words) => { by("status").textContent = words; };

const clock = (seconds) => {
  const two = (n) => String(n).padStart(2, "0");
  const [h, m, s] = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map(Math.floor);
  return h ? `${h}:${two(m)}:${two(s)}` : `${two(m)}:${two(s)}`;
};

const copy = async (text, button) => {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.body.appendChild(make("textarea", { class: "unseen" }));
    area.value = text;
    area.select();
    document.execCommand("copy");
    area.remove();
    button.focus();
  }
  button.dataset.done = say.copied;
  announce(say.copied);
  setTimeout(() => { delete button.dataset.done; }, 1600);
};
