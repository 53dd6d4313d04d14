/* Looks for all words in the sections of all pages; headings count more than text. */
const field = document.getElementById("search");
const list = document.getElementById("found");

function scoreOf([page, , heading, text], words) {
  let score = 0;
  for (const word of words) {
    const own = 8 * heading.toLowerCase().includes(word) + 4 * page.toLowerCase().includes(word) +
      text.toLowerCase().includes(word);
    if (own === 0) return 0;
    score += own;
  }
  return score;
}

field.addEventListener("input", () => {
  const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
  // deno-lint-ignore no-undef -- search_index.js
  const found = words.length === 0
    ? []
    : SEARCH.map((section) => [scoreOf(section, words), section])
      .filter(([score]) => score > 0).sort(([a], [b]) => b - a).slice(0, 12);
  list.replaceChildren(...found.map(([, [page, href, heading]]) => {
    const link = document.createElement("a");
    link.href = href;
    link.textContent = heading === page ? page : `${page}: ${heading}`;
    const item = document.createElement("li");
    item.append(link);
    return item;
  }));
  list.hidden = words.length === 0;
  if (words.length > 0 && found.length === 0) list.textContent = "Nothing found";
});
