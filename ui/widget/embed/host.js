// The page around the frame, or the frame that opened this window: what is told and what is heard.

const around = opener || (parent === window ? null : parent);
const popout = new URLSearchParams(location.search).has("popout");
const aroundOrigin = popout ? location.origin : settings.host;
let popup;

const tell = (type, more) => {
  if (around && aroundOrigin) around.postMessage({ ...more, onrecord: type }, aroundOrigin);
};
const emit = (name, detail) => tell("event", { name, detail });
const questionFor = (question) => (settings.share ? { question } : {});

const setTheme = (name) => {
  document.documentElement.dataset.theme = name;
  document.querySelector("meta[name=color-scheme]").content = name;
};

// heard: what to do with each kind of message, by its name.
const listen = (heard) => addEventListener("message", ({ source, origin, data }) => {
  if (popup && source === popup && origin === location.origin && data?.onrecord === "ready") {
    popup.postMessage({ onrecord: "hello", session: sessionOf() }, location.origin);
  } else if (around && source === around && origin === aroundOrigin && Object.hasOwn(heard, data?.onrecord)) {
    heard[data.onrecord](data);
  }
});

const popOut = () => {
  const address = new URL(location.href);
  address.searchParams.set("popout", 1);
  for (const name of ["inline", "player"]) address.searchParams.delete(name);
  popup = open(address, "_blank", "popup,width=460,height=760");
  if (popup) tell("close");
};
