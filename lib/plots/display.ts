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
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { displayBundle } from "sam/plots";
 *
 * const spec = {
 *   $schema: "https://vega.github.io/schema/vega-lite/v5.json",
 *   description: "One point",
 *   data: { values: [{ x: 1, y: 2 }] },
 *   mark: "point" as const,
 *   encoding: { x: { field: "x" }, y: { field: "y" } },
 * };
 * assertEquals((await displayBundle(spec))["text/plain"], "One point");
 * ```
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
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { chart } from "sam/plots";
 *
 * const spec = {
 *   $schema: "https://vega.github.io/schema/vega-lite/v5.json",
 *   description: "One point",
 *   data: { values: [{ x: 1, y: 2 }] },
 *   mark: "point" as const,
 *   encoding: { x: { field: "x" }, y: { field: "y" } },
 * };
 * // The last value of a notebook's cell.
 * assertEquals(chart(spec).spec, spec);
 * ```
 */
export function chart(spec: TopLevelSpec): { readonly spec: TopLevelSpec } {
  return {
    spec,
    [Symbol.for("Jupyter.display")]: () => displayBundle(spec),
  } as { readonly spec: TopLevelSpec };
}
