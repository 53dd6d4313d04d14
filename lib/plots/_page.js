// Runs in the report page: puts live charts in the place of the pictures.
const { charts, dark } = JSON.parse(document.getElementById("charts").textContent);
const figures = [...document.querySelectorAll(".chart")];
const scheme = matchMedia("(prefers-color-scheme: dark)");

/** A copy of a spec with its colours exchanged for those of a dark screen. */
function darken(value) {
  if (typeof value === "string") return dark[value] ?? value;
  if (Array.isArray(value)) return value.map(darken);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, darken(item)]));
}

async function draw(figure, spec) {
  await globalThis.vegaEmbed(figure.querySelector(".live"), scheme.matches ? darken(spec) : spec, {
    renderer: "svg",
    actions: { export: true, source: false, compiled: false, editor: false },
    tooltip: { theme: scheme.matches ? "dark" : "light" },
  });
  figure.dataset.live = "";
}

function drawAll() {
  figures.forEach((figure, i) => draw(figure, charts[i]));
}

scheme.addEventListener("change", drawAll);
drawAll();
