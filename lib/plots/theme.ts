import type { Config } from "vega-lite";

/**
 * Metric-compatible fonts, so that the layout is the same with each of them: Arimo is in
 * `fonts/` for the PNGs; nearly every reader's machine has Arial, Helvetica or Liberation Sans.
 */
export const FONT = "Arimo, Arial, Helvetica, 'Liberation Sans', sans-serif";

/** Width in pixels that every figure aims at: readable at half a README's width. */
export const FIGURE_WIDTH = 660;

/** Size of the text below a figure's title. */
export const SUBTITLE_SIZE = 14;

/** The neutral colours of a figure on white paper. */
export const INK = {
  paper: "#ffffff",
  text: "#1f2328",
  muted: "#57606a",
  rule: "#8c959f",
  grid: "#e4e7eb",
} as const;

/** The same on a dark screen. */
const DARK_INK: Record<keyof typeof INK, string> = {
  paper: "#16181d",
  text: "#eceff3",
  muted: "#b1bac4",
  rule: "#7d8590",
  grid: "#32363e",
};

/**
 * Okabe and Ito's colours, distinct for any colour vision: on paper, and lightened for a dark
 * screen.
 */
const HUES = {
  blue: ["#0072b2", "#58b0ea"],
  vermilion: ["#d55e00", "#ff8f52"],
  green: ["#009e73", "#35cda1"],
  purple: ["#b0598a", "#e59cc7"],
  orange: ["#d18f00", "#f5b83d"],
  sky: ["#3d9bd4", "#8fd0f7"],
  grey: ["#6e7781", "#a9b2bc"],
} as const;

/** An error that is told to be lower, or higher, than another one: the colours of no method alone. */
export const VERDICT_COLORS = { lower: HUES.green[0], higher: HUES.purple[0] } as const;

/** A method keeps its colour in every figure; methods not listed here take a spare one. */
const METHOD_HUES: Readonly<Record<string, keyof typeof HUES>> = {
  SGD: "blue",
  SAM: "vermilion",
  ASAM: "green",
  GSAM: "purple",
  Mixup: "orange",
};

const SPARE_HUES = ["sky", "grey", "orange", "purple", "green", "vermilion", "blue"] as const;

/** Steps of lightness by which one method's variants (its radii) differ; 0 is the plain colour. */
export const SHADES = [0, -2, 2, -1, 1] as const;

/**
 * The colour of a method: fixed for the known ones, a shade of it for what is added to them ("SAM +
 * mixup"); `index`, the method's place in its figure, chooses one for the others, and the shade. `shade`
 * counts steps towards white (negative) or black.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { methodColor } from "sam/plots";
 *
 * assertEquals(methodColor("SAM"), "#d55e00"); // in every figure
 * ```
 */
export function methodColor(method: string, index = 0, shade = 0): string {
  const [own = "", added] = method.split(" + ");
  const hue = METHOD_HUES[own] ?? SPARE_HUES[index % SPARE_HUES.length]!;
  const step = added !== undefined && shade === 0 ? (index % 2 === 0 ? -2 : 2) : shade;
  return shift(HUES[hue][0], step, "#000000");
}

/**
 * Every colour of a figure on paper, with the one that takes its place on a dark screen.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { darkColors, methodColor } from "sam/plots";
 *
 * assertEquals(darkColors()[methodColor("SAM")], "#ff8f52");
 * ```
 */
export function darkColors(): Record<string, string> {
  const pairs = Object.values(HUES).flatMap(([light, dark]) =>
    SHADES.map((
      shade,
    ) => [shift(light, shade, "#000000"), shift(dark, shade, "#ffffff", "#16181d")])
  );
  const ink = Object.entries(INK).map((
    [name, light],
  ) => [light, DARK_INK[name as keyof typeof INK]]);
  return Object.fromEntries([...ink, ...pairs]);
}

/** What every figure shares: fonts, sizes, light paper, quiet axes. */
export const theme: Config = {
  font: FONT,
  background: INK.paper,
  padding: 8,
  view: { stroke: null },
  title: {
    anchor: "start",
    frame: "bounds",
    color: INK.text,
    fontSize: 18,
    fontWeight: "bold",
    subtitleColor: INK.muted,
    subtitleFontSize: SUBTITLE_SIZE,
    subtitleLineHeight: 18,
    subtitlePadding: 5,
    offset: 12,
  },
  axis: {
    domainColor: INK.rule,
    gridColor: INK.grid,
    tickColor: INK.rule,
    tickSize: 4,
    labelColor: INK.text,
    labelFontSize: 14,
    labelPadding: 4,
    titleColor: INK.text,
    titleFontSize: 14,
    titleFontWeight: "normal",
    titlePadding: 8,
  },
  header: {
    labelColor: INK.text,
    labelFontSize: 15,
    labelFontWeight: "bold",
    labelPadding: 6,
    title: null,
  },
  legend: {
    orient: "top",
    labelColor: INK.text,
    labelFontSize: 14,
    labelLimit: 300,
    titleColor: INK.muted,
    titleFontSize: 14,
    titleFontWeight: "normal",
    symbolSize: 110,
    symbolStrokeWidth: 2.5,
    columnPadding: 18,
    // Vega reads it, the distance of two legends; Vega-Lite's type does not know it.
    layout: { margin: 30 } as unknown as undefined,
  },
};

/** Moves a colour `shade` steps of 18 % towards `dark`, or towards `light` where negative. */
function shift(color: string, shade: number, dark: string, light = "#ffffff"): string {
  const share = Math.abs(shade) * 0.18;
  const target = shade < 0 ? light : dark;
  const channel = (hex: string, i: number) => parseInt(hex.slice(1 + 2 * i, 3 + 2 * i), 16);
  return "#" + [0, 1, 2].map((i) => {
    const mixed = channel(color, i) * (1 - share) + channel(target, i) * share;
    return Math.round(mixed).toString(16).padStart(2, "0");
  }).join("");
}
