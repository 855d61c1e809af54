// Asking: one request, its events, and the ways in which it can fail.

class Refusal extends Error {}

const waitOf = (response) => {
  const after = response.headers.get("retry-after") || "";
  const seconds = Math.max(1, Math.ceil(/^\d+$/.test(after) ? after : (Date.parse(after) - Date.now()) / 1000) || 30);
  const [n, unit] = seconds < 90 ? [seconds, "second"] : seconds < 5400 ? [Math.ceil(seconds / 60), "minute"] : [Math.ceil(seconds / 3600), "hour"];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "long" }).format(n);
};

const refusalOf = async (response) => {
  const { error } = await response.json().catch(() => ({}));
  switch (response.status) {
    case 403: return say.forbidden;
    case 429: return filled(say.too_many, { wait: waitOf(response) });
    case 503: return filled(say.busy, { wait: waitOf(response) });
    case 413: case 422: return filled(say.refused, { what: error?.what || response.status });
    default: return say.broken;
  }
};

// Yields [name, data] for each event. Throws a Refusal with words for the visitor.
async function* events(body, signal) {
  const headers = { "content-type": "application/json", accept: "text/event-stream" };
  const response = await fetch("/api/ask", { method: "POST", headers, body: JSON.stringify(body), signal });
  if (!response.ok) throw new Refusal(await refusalOf(response));
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let text = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    text += value;
    const blocks = text.split("\n\n");
    text = blocks.pop();
    for (const block of blocks) {
      const parts = Object.fromEntries(block.split("\n").map((line) => line.split(/: (.*)/s)));
      if (parts.data) yield [parts.event, JSON.parse(parts.data)];
    }
  }
}
