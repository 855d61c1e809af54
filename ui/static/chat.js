// Comforts of the chat window: an answer is copied and read aloud as text, and a new question comes to the top.
"use strict";
(() => {
  const words = (part) => part.textContent.replace(/\s+/g, " ").trim();

  // An answer's message is HTML; what is copied is its text, each quote with who, when and where.
  const asText = (message) => {
    const page = new DOMParser().parseFromString(message, "text/html");
    const blocks = [...page.querySelectorAll(".or-prose, .or-lead, .or-note, .or-card")].map((block) => {
      if (!block.matches(".or-card")) return words(block);
      const link = new URL(block.querySelector(".or-links a").getAttribute("href"), location.href);
      return `${words(block.querySelector("blockquote"))}\n${words(block.querySelector(".or-who"))}\n${link}`;
    });
    return blocks.join("\n\n");
  };
  if (navigator.clipboard) {
    const write = navigator.clipboard.writeText.bind(navigator.clipboard);
    navigator.clipboard.writeText = (text) =>
      write(text.startsWith('<div class="or-answer">') ? asText(text) : text);
  }

  // Gradio names a message by its source, which is HTML here.
  const name = () => {
    for (const message of document.querySelectorAll('#or-chat [data-testid="bot"]:not([aria-label="Answer"])')) {
      message.setAttribute("aria-label", "Answer");
    }
  };

  // There is no room to bring a new question to the top before its answer is there, so it is followed until it is
  // at the top, or the reader takes over.
  let asked = 0;
  let followed = null;
  const follow = () => {
    const log = document.querySelector("#or-chat .bubble-wrap");
    if (!log || !followed?.isConnected) return;
    const above = followed.getBoundingClientRect().top - log.getBoundingClientRect().top - 8;
    log.scrollTo({ top: log.scrollTop + above });
    if (followed.getBoundingClientRect().top - log.getBoundingClientRect().top < 16) followed = null;
  };
  for (const act of ["wheel", "touchmove", "pointerdown", "keydown"]) {
    addEventListener(act, () => { followed = null; }, { capture: true, passive: true });
  }

  new MutationObserver(() => {
    name();
    const questions = document.querySelectorAll("#or-chat .user-row");
    if (questions.length > asked) followed = questions[questions.length - 1];
    asked = questions.length;
    follow();
  }).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["aria-label"] });
})();
