import type { TopLevelSpec } from "vega-lite";

/** Vega-Lite version 5, which JupyterLab draws. */
export const SCHEMA = "https://vega.github.io/schema/vega-lite/v5.json";

/** A title with its looks. */
type TitleParams = Exclude<TopLevelSpec["title"], undefined | string | string[]>;

/** One mark with its encoding, or layers in turn. */
export type Layer = Extract<TopLevelSpec, { layer: unknown }>["layer"][number];

/** Where a layer's marks get their place and looks from. */
export type Encoding = NonNullable<Extract<Layer, { mark: unknown }>["encoding"]>;

/** A view of marks that share their axes, to be put beside or below others. */
export interface Panel {
  readonly title?: string | TitleParams;
  readonly width: number;
  readonly height: number | { step: number };
  readonly layer: Layer[];
}

/** The selection that a click on a legend makes; a figure has one. */
export const CHOSEN = "chosen";

/** Makes the entries of the `series` legend clickable; goes into one layer of a figure. */
export const chooseByLegend = {
  name: CHOSEN,
  select: { type: "point" as const, fields: ["series"] },
  bind: "legend" as const,
};

/** Opacity of a mark while its series is chosen (or none is), and while others are. */
export function fade(shown: number, hidden = shown / 8) {
  return { condition: { param: CHOSEN, value: shown }, value: hidden };
}

/** The shape of a run that diverged: two strokes. */
export const CROSS = "M-1,-1L1,1M1,-1L-1,1";
