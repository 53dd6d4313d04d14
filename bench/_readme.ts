/**
 * README's table of figures, made of the records in `bench/records`: no number in it is typed.
 *
 * @module
 */
import { figure, type Row } from "./_report.ts";
import { markdownTable } from "../lib/terminal/mod.ts";

/** A row of a record: what was measured, and when and on what. */
export interface RecordedRow extends Pick<Row, "name" | "value" | "unit" | "peer" | "ratio"> {
  readonly date: string;
  readonly machine: string;
  readonly versions: string;
}

const BEGIN = "<!-- deno task bench --readme -->";
const END = "<!-- end of figures -->";

/** All records of a folder, the oldest first; their names begin with their days. */
export async function readRecords(folder: URL): Promise<RecordedRow[]> {
  const names = Array.from(Deno.readDirSync(folder), ({ name }) => name);
  const files = names.filter((name) => name.endsWith(".json")).sort();
  const texts = await Promise.all(files.map((name) => Deno.readTextFile(new URL(name, folder))));
  return texts.flatMap((text) => JSON.parse(text) as RecordedRow[]);
}

/** The text with the records' figures between its markers. */
export function withFigures(readme: string, records: readonly RecordedRow[]): string {
  const [begin, end] = [readme.indexOf(BEGIN), readme.indexOf(END)];
  if (begin < 0 || end < begin) {
    throw new Error(`Cannot write the figures: the text lacks the lines ${BEGIN} and ${END}`);
  }
  const head = readme.slice(0, begin + BEGIN.length);
  return `${head}\n\n${figures(records)}\n\n${readme.slice(end)}`;
}

/** The table of our figures, as `deno fmt` lays it out, below a line on machine and versions. */
function figures(records: readonly RecordedRow[]): string {
  const rows = shown(records);
  const where = [machinesOf(rows), versionsOf(rows)].join("; ");
  const cells = [
    ["figure", "ours", "compared with", "ratio", "measured"],
    ...rows.map((row) => [
      titleOf(row),
      `${figure(row.value)} ${row.unit}`,
      peerOf(row),
      row.ratio?.toFixed(2) ?? "",
      row.date.slice(0, 10),
    ]),
  ];
  return `${wrap(where)}\n\n${markdownTable(cells)}`;
}

/**
 * Our rows by their newest record, those of the newest day first. Rows of peers alone are left out, and so are figures that another
 * row shows beside a peer; comparisons with another commit mean nothing to a reader.
 */
function shown(records: readonly RecordedRow[]): RecordedRow[] {
  const newest = new Map(records.map(({ name, date }) => [name, date]));
  const rows = records.filter(({ name, date, peer }) =>
    date === newest.get(name) && !/^[0-9a-f]{7,40}$/.test(peer ?? "")
  );
  const compared = new Set(
    rows.filter(({ peer }) => peer !== null)
      .flatMap(({ name, peer }) => [name, `${partsOf(name)[0]}: ${peer}`]),
  );
  const day = ({ date }: RecordedRow) => date.slice(0, 10);
  return rows.filter(({ name, peer }) =>
    /\bours\b/.test(partsOf(name)[1]) && (peer !== null || !compared.has(name))
  ).sort((a, b) => day(b).localeCompare(day(a)));
}

/** What was measured, and of whom. */
function partsOf(name: string): [what: string, who: string] {
  const at = name.lastIndexOf(": ");
  return at < 0 ? [name, ""] : [name.slice(0, at), name.slice(at + 2)];
}

/** "SAM step of WRN-16-4 on 64×32×32×3, compiled": all rows are ours. */
function titleOf({ name }: RecordedRow): string {
  const [what, who] = partsOf(name);
  return unique([...what.split(", "), ...who.split(", ")].filter((part) => part !== "ours"))
    .join(", ");
}

/** The peer with its own figure. */
function peerOf({ value, unit, peer, ratio }: RecordedRow): string {
  if (peer === null) return "";
  const [label = peer] = peer.split(": "); // some records name the figure too
  return ratio === null ? label : `${label}: ${figure(value / ratio)} ${unit}`;
}

/** The machines without their kernels. */
function machinesOf(rows: readonly RecordedRow[]): string {
  return unique(rows.map(({ machine }) => machine.split(", ").slice(0, 2).join(", "))).join(
    " and ",
  );
}

/** Programs with their versions; threads are as many as cores. */
function versionsOf(rows: readonly RecordedRow[]): string {
  const all = rows.flatMap(({ versions }) => versions.split(", "));
  return unique(all.map((one) => one.replace(/ \(\d+ threads?\)$|^sam (?=Deno)/g, ""))).join(", ");
}

function unique(texts: readonly string[]): string[] {
  return [...new Set(texts)];
}

/** Lines of at most 100 characters, as `deno fmt` breaks them. */
function wrap(text: string): string {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = `${lines.at(-1)} ${word}`;
    if (lines.length > 0 && longer.length <= 100) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.join("\n");
}
