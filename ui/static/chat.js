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

  let asked = 0;
  new MutationObserver(() => {
    name();
    const log = document.querySelector("#or-chat .bubble-wrap");
    const questions = document.querySelectorAll("#or-chat .user-row, #or-chat .message-row.user-row");
    if (!log || questions.length === asked) return;
    const more = questions.length > asked;
    asked = questions.length;
    if (!more) return;
    const last = questions[questions.length - 1];
    log.scrollTo({ top: log.scrollTop + last.getBoundingClientRect().top - log.getBoundingClientRect().top - 8 });
  }).observe(document.documentElement, { childList: true, subtree: true, attributeFilter: ["aria-label"] });
})();
