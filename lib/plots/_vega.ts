import process from "node:process";
import { measureText } from "./_text_metrics.ts";

/** The two libraries that draw, with text measured in the fonts of this folder. */
export interface Vega {
  readonly vega: typeof import("vega");
  readonly vegaLite: typeof import("vega-lite");
}

let loaded: Promise<Vega> | undefined;

/**
 * Loads Vega and Vega-Lite when first needed: a fifth of a second that training does not wait for.
 */
export function loadVega(): Promise<Vega> {
  return loaded ??= load();
}

async function load(): Promise<Vega> {
  // Vega's loader, unused here, brings node-fetch, whose dependency on `punycode` would greet the
  // user with a deprecation warning.
  const settings = process as { noDeprecation?: boolean };
  const before = settings.noDeprecation;
  settings.noDeprecation = true;
  const vega = await import("vega");
  const vegaLite = await import("vega-lite");
  settings.noDeprecation = before;
  // Without a canvas Vega takes every character for 0.8 em wide and leaves gaps beside the labels.
  // (Vega's types leave `textMetrics` out.)
  const { textMetrics } = vega as unknown as { textMetrics: { width: typeof measureText } };
  textMetrics.width = measureText;
  return { vega, vegaLite };
}
