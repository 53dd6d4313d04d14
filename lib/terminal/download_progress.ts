import { basename } from "node:path";
import { LiveTable } from "./live_table.ts";
import type { Output } from "./output.ts";

/** How far the download of one file is. */
interface Received {
  readonly path: string;
  /** Bytes that are there, and all of them. */
  readonly received: number;
  readonly total: number;
}

/** Milliseconds between two drawings. */
const INTERVAL = 200;

/**
 * Shows downloads: on a terminal a line that changes, elsewhere a line for each file once it is there.
 */
export function downloadProgress(output: Output): (progress: Received) => void {
  const table = new LiveTable(output);
  let drawn = -Infinity;
  return ({ path, received, total }) => {
    const last = received === total;
    const now = performance.now();
    if (!last && now - drawn < INTERVAL) return;
    drawn = now;
    const [done, all] = [received, total].map((bytes) => (bytes / 1e6).toFixed(1));
    table.draw([[`Downloading ${basename(path)}: ${done} of ${all} MB`]], { last });
  };
}
