import { type EpochRow, EVALUATION_FIGURES, TRAIN_FIGURES } from "../metrics/mod.ts";
import { type HtmlTable, tableMarkup } from "../plots/mod.ts";
import { showAs } from "../tensorflow/mod.ts";
import { plainTable } from "./table.ts";

/** Runs that are shown; a long sweep's others are counted. */
const SHOWN = 20;

/**
 * Rows that show themselves, as the last value of a cell and in a terminal, as a table of the last epoch of
 * each run; they stay an array.
 */
export function shownRows<Row extends EpochRow>(rows: Row[]): Row[] {
  return showAs(rows, (rows) => plainTable(tableOf(rows)), (rows) => tableMarkup(tableOf(rows)));
}

function tableOf(rows: readonly EpochRow[]): HtmlTable {
  const runs = Map.groupBy(rows, (row) => "run" in row ? row.run : `${row.method} ${row.seed}`);
  const last = Array.from(runs.values(), (epochs) => epochs.at(-1)!);
  const shown = last.slice(0, SHOWN);
  const names = [...TRAIN_FIGURES, ...EVALUATION_FIGURES]
    .filter((name) => shown.some((row) => row[name] !== undefined));
  const more = last.length > SHOWN ? `; ${last.length - SHOWN} runs more` : "";
  return {
    caption: `The last of ${rows.length} epochs of ${last.length} runs${more}`,
    columns: ["Method", "ρ", "Wrong labels", "Seed", "Epoch", ...names],
    rows: shown.map((row) => [
      row.method,
      row.rho,
      row.labelNoise,
      row.seed,
      row.epoch,
      ...names.map((name) => row[name]?.toPrecision(4) ?? "–"),
    ]),
  };
}
