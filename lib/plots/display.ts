import type { TopLevelSpec } from "vega-lite";
import { toPng, toSvg } from "./render.ts";

/** What a Jupyter client chooses from: a live chart, pictures for exports, words for the rest. */
export interface DisplayBundle {
  readonly "application/vnd.vegalite.v5+json": TopLevelSpec;
  readonly "image/svg+xml": string;
  /** Base64. */
  readonly "image/png": string;
  readonly "text/plain": string;
}

/**
 * The MIME bundle of a chart. No `text/html` in it: JupyterLab would prefer that to the live chart.
 */
export async function displayBundle(spec: TopLevelSpec): Promise<DisplayBundle> {
  const svg = await toSvg(spec);
  return {
    "application/vnd.vegalite.v5+json": spec,
    "image/svg+xml": svg,
    "image/png": (await toPng(svg)).toBase64(),
    "text/plain": spec.description ?? "Vega-Lite chart",
  };
}

/**
 * A chart that shows itself when it is the last value of a notebook's cell.
 */
export function chart(spec: TopLevelSpec): { readonly spec: TopLevelSpec } {
  return {
    spec,
    [Symbol.for("Jupyter.display")]: () => displayBundle(spec),
  } as { readonly spec: TopLevelSpec };
}
