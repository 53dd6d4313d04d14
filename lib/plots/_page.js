// Runs in the report page: puts live charts in the place of the pictures.
// What is in the body may use the same names: the page's own comes last, and its figures are numbered.
const { charts, dark } = JSON.parse(
  [...document.querySelectorAll("script#charts")].at(-1).textContent,
);
const figures = charts.map((_, i) => document.querySelector(`figure.chart[data-chart="${i}"]`));
const scheme = matchMedia("(prefers-color-scheme: dark)");

/** A copy of a spec with its colours exchanged for those of a dark screen. */
function darken(value) {
  if (typeof value === "string") return dark[value] ?? value;
  if (Array.isArray(value)) return value.map(darken);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, darken(item)]));
}

async function draw(figure, spec) {
  await globalThis.vegaEmbed(
    figure.querySelector(":scope > .live"),
    scheme.matches ? darken(spec) : spec,
    {
      renderer: "svg",
      actions: { export: true, source: false, compiled: false, editor: false },
      tooltip: { theme: scheme.matches ? "dark" : "light" },
    },
  );
  figure.dataset.live = "";
}

function drawAll() {
  figures.forEach((figure, i) => draw(figure, charts[i]));
}

scheme.addEventListener("change", drawAll);
drawAll();
