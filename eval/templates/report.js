(() => {
  const find = document.getElementById("find");
  const tag = document.getElementById("tag");
  const cause = document.getElementById("cause");
  const cases = [...document.querySelectorAll(".case")].map((element) => ({
    element,
    text: element.textContent.toLowerCase(),
    tags: JSON.parse(element.dataset.tags),
    cause: element.dataset.cause,
  }));

  const show = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const each of cases) {
      const fits =
        words.every((word) => each.text.includes(word)) &&
        (!tag.value || each.tags.includes(tag.value)) &&
        (!cause.value || each.cause === cause.value);
      each.element.hidden = !fits;
      shown += fits;
    }
    document.getElementById("count").textContent = `${shown} of ${cases.length}`;
    document.getElementById("none").hidden = shown > 0;
  };

  document.getElementById("filter").hidden = false;
  for (const control of [find, tag, cause]) control.addEventListener("input", show);
  show();
})();
