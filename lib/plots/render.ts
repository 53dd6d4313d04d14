import type { LoggerInterface } from "vega";
import type { TopLevelSpec } from "vega-lite";
import { escapeMarkup } from "./escape.ts";
import { rasterize } from "./_rasterize.ts";
import { loadVega } from "./_vega.ts";
import { INK } from "./theme.ts";

/** How a picture is labelled. */
export interface SvgOptions {
  /** What the picture shows, for those who cannot see it. Default: the spec's `description`. */
  readonly alt?: string;
}

/** How large a PNG becomes. */
export interface PngOptions extends SvgOptions {
  /** Pixels for each of the spec's. Default 2, for screens of high density. */
  readonly scale?: number;
  /** Width in pixels, instead of `scale`. */
  readonly width?: number;
}

/**
 * Draws a Vega-Lite spec as SVG, without a browser and without permissions. What needs a pointer
 * is left out; legends, curves and titles are the ones that the browser shows.
 *
 * Throws a `TypeError` if Vega-Lite finds fault with the spec.
 *
 * @example
 * ```ts
 * import { assertStringIncludes } from "@std/assert";
 * import { toSvg } from "sam/plots";
 *
 * const spec = {
 *   $schema: "https://vega.github.io/schema/vega-lite/v5.json",
 *   description: "One point",
 *   data: { values: [{ x: 1, y: 2 }] },
 *   mark: "point" as const,
 *   encoding: { x: { field: "x" }, y: { field: "y" } },
 * };
 * assertStringIncludes(await toSvg(spec), 'aria-label="One point"');
 * ```
 */
export async function toSvg(spec: TopLevelSpec, { alt }: SvgOptions = {}): Promise<string> {
  const { vega, vegaLite } = await loadVega();
  const faults: string[] = [];
  const logger = collect(faults);
  const compiled = vegaLite.compile(spec, { logger }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: "none", logger });
  try {
    const svg = await view.toSVG();
    // A brush listens to the window, and there is none.
    const real = faults.filter((fault) => !fault.includes("event source: window"));
    if (real.length > 0) {
      throw new TypeError(`Cannot draw the spec: ${real.join("; ")}`);
    }
    return describe(svg, alt ?? spec.description);
  } finally {
    view.finalize();
  }
}

/**
 * Draws a spec, or an SVG made by `toSvg`, as PNG. The font comes with this folder, so the picture
 * is the same on every machine.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { toPng } from "sam/plots";
 *
 * const spec = {
 *   $schema: "https://vega.github.io/schema/vega-lite/v5.json",
 *   description: "One point",
 *   data: { values: [{ x: 1, y: 2 }] },
 *   mark: "point" as const,
 *   encoding: { x: { field: "x" }, y: { field: "y" } },
 * };
 * const png = await toPng(spec, { width: 300 });
 * assertEquals(new DataView(png.buffer).getUint32(16), 300);
 * ```
 */
export async function toPng(
  source: TopLevelSpec | string,
  { alt, scale = 2, width }: PngOptions = {},
): Promise<Uint8Array> {
  const size = width ?? scale;
  if (!(size > 0 && Number.isFinite(size))) {
    throw new RangeError(
      `Cannot draw a PNG of ${width === undefined ? "scale" : "width"} ${size}: it must be > 0`,
    );
  }
  const svg = typeof source === "string" ? source : await toSvg(source, { alt });
  return rasterize(svg, {
    fitTo: width === undefined
      ? { mode: "zoom", value: scale }
      : { mode: "width", value: Math.round(width) },
    background: INK.paper,
  });
}

/** Gives an SVG a role and a name for screen readers, and a title for everybody's pointer. */
function describe(svg: string, alt: string | undefined): string {
  if (!alt) return svg;
  const text = escapeMarkup(alt);
  return svg.replace(
    /^<svg ([^>]*)>/,
    `<svg role="img" aria-label="${text}" $1><desc>${text}</desc>`,
  );
}

/** A Vega logger that keeps warnings and errors instead of printing them. */
function collect(faults: string[]): LoggerInterface {
  const keep = (...messages: readonly unknown[]) => {
    faults.push(messages.join(" "));
    return logger;
  };
  const logger = {
    level: () => logger,
    error: keep,
    warn: keep,
    info: () => logger,
    debug: () => logger,
  };
  // Vega's type of `level` is that of reading it, an overload that nobody calls here.
  return logger as unknown as LoggerInterface;
}
