import { basename } from "node:path";
import type { DownloadProgress } from "../data/mod.ts";
import { LiveTable } from "./_live_table.ts";
import type { Output } from "./_output.ts";

/** Milliseconds between two drawings. */
const INTERVAL = 200;

/** Shows downloads: a line that changes on a terminal, elsewhere a line for each file once it is there. */
export function downloadProgress(output: Output): (progress: DownloadProgress) => void {
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
