/**
 * What notebooks show: progress, live curves, tables, images, summaries.
 *
 * Each of these is a value that shows itself where a cell ends with it, or where it is passed to
 * `Deno.jupyter.display`; progress and live curves have a place of their own in the cell's output.
 * Outside a notebook the same calls write text.
 *
 * @module
 */
export type { Displayable } from "./_display.ts";

export { button, type Control, select, slider, type SliderOptions } from "./controls.ts";
export { interact, type Values } from "./interact.ts";
export { head, type HeadOptions, versions } from "./environment.ts";
export { imageGrid, type ImageGridOptions } from "./image_grid.ts";
export { live, type LiveOptions } from "./live.ts";
export { progress, type ProgressBar } from "./progress.ts";
export { prose } from "./prose.ts";
export { show, type ShowOptions } from "./show.ts";
export { summary } from "./summary.ts";
export { table } from "./table.ts";
export { time } from "./time.ts";
export { chart } from "../plots/mod.ts";
