/**
 * What programs write on a terminal, or into a file in its place: lines, bars, tables, durations.
 *
 * @module
 */
export { type Output, printer, streamOutput, tolerant } from "./output.ts";
export { type Bar, type BarOptions, openBar } from "./bar.ts";
export { alignColumns } from "./align.ts";
export { LiveTable } from "./live_table.ts";
export { formatSeconds } from "./durations.ts";
export { downloadProgress } from "./download_progress.ts";
export { type Transfer, type TransferProgress, transferProgress } from "./transfers.ts";
export { markdownTable } from "./markdown_table.ts";
