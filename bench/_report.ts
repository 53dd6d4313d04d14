import { cpus, totalmem } from "node:os";
import { dirname } from "node:path";

/** A limit that is promised for a row. */
export interface Requirement {
  readonly of: "ratio" | "value";
  readonly sense: "at most" | "at least";
  readonly limit: number;
}

/** One measured figure. */
export interface Row {
  readonly name: string;
  /** The median where several were taken. */
  readonly value: number;
  readonly unit: string;
  /** Smallest of the measured times, where `value` is their median. */
  readonly minimum?: number;
  /** What it is compared with, or null. */
  readonly peer: string | null;
  /** `value` divided by the peer's, or null. */
  readonly ratio: number | null;
  /** The same with both minima: where it differs much, the machine was not quiet. */
  readonly ratioOfMinima?: number;
  readonly required?: Requirement;
}

/** Where and when rows were measured; every row of a JSON file carries it. */
export interface Circumstances {
  readonly date: string;
  readonly machine: string;
  /** Deno and each peer with its version and threads. */
  readonly versions: string;
  /** Load average of the last minute before the start; more than a little disturbs. */
  readonly load: number;
  /** Set where a run was too small for its figures to be judged. */
  readonly quick: boolean;
}

/** Looks at the machine; `versions` are added as peers say hello. */
export function circumstances(quick: boolean, versions: readonly string[]): Circumstances {
  const cores = cpus();
  const gib = Math.round(totalmem() / 2 ** 30);
  return {
    date: new Date().toISOString(),
    machine: `${cores.length} × ${cores[0]?.model.trim() ?? "unknown"}, ${gib} GiB, ` +
      `${Deno.build.os} ${Deno.osRelease()} ${Deno.build.arch}`,
    versions: [`Deno ${Deno.version.deno}`, ...versions].join(", "),
    load: Deno.loadavg()[0] ?? NaN,
    quick,
  };
}

/** "pass", "FAIL", or nothing where nothing is required. */
export function verdict({ value, ratio, required }: Row): "pass" | "FAIL" | "" {
  if (required === undefined) return "";
  const figure = required.of === "ratio" ? ratio ?? NaN : value;
  const held = required.sense === "at most" ? figure <= required.limit : figure >= required.limit;
  return held ? "pass" : "FAIL";
}

interface Column {
  readonly title: string;
  readonly numeric?: boolean;
  cell(row: Row): string;
}

const COLUMNS: readonly Column[] = [
  { title: "figure", cell: (row) => row.name },
  { title: "median", numeric: true, cell: (row) => figure(row.value) },
  {
    title: "minimum",
    numeric: true,
    cell: ({ minimum }) => minimum === undefined ? "" : figure(minimum),
  },
  { title: "unit", cell: (row) => row.unit },
  { title: "compared with", cell: (row) => row.peer ?? "" },
  { title: "ratio", numeric: true, cell: ({ ratio }) => ratio?.toFixed(3) ?? "" },
  {
    title: "of minima",
    numeric: true,
    cell: ({ ratioOfMinima }) => ratioOfMinima?.toFixed(3) ?? "",
  },
  { title: "required", cell: required },
];

/** The rows as an aligned table in Markdown, under a line on where and when. */
export function table(rows: readonly Row[], where: Circumstances): string {
  const columns: readonly Column[] = where.quick
    ? COLUMNS
    : [...COLUMNS, { title: "", cell: verdict }];
  const cells = columns.map(({ title, numeric, cell }) => {
    const column = [title, ...rows.map(cell)];
    const width = Math.max(4, ...column.map((text) => text.length));
    const [head, ...body] = column.map((text) =>
      numeric ? text.padStart(width) : text.padEnd(width)
    );
    return [head, numeric ? "-".repeat(width - 1) + ":" : "-".repeat(width), ...body];
  });
  const lines = Array.from(
    { length: rows.length + 2 },
    (_, i) => `| ${cells.map((column) => column[i]).join(" | ")} |`,
  );
  return [
    `${where.date}: ${where.machine}`,
    where.versions,
    ...(where.quick ? ["Quick run on a tiny network: it shows that all works, not how fast"] : []),
    "",
    ...lines,
  ].join("\n");
}

/** Writes the rows as a JSON array, one row a line; the file is whole or not there. */
export async function writeRows(
  file: string,
  rows: readonly Row[],
  where: Circumstances,
): Promise<void> {
  const lines = rows.map((row) => {
    const { name, value, unit, peer, ratio, minimum, ratioOfMinima } = row;
    const judged = row.required === undefined
      ? {}
      : { required: required(row), verdict: where.quick ? "not judged" : verdict(row) };
    return JSON.stringify({
      name,
      value,
      unit,
      peer,
      ratio,
      minimum,
      ratioOfMinima,
      ...judged,
      ...where,
    });
  });
  const part = `${file}.part`;
  await Deno.writeTextFile(part, `[\n${lines.join(",\n")}\n]\n`);
  await Deno.rename(part, file);
}

/** Throws at once if a file could not be written at the end of a long run. */
export async function assertWritable(file: string): Promise<void> {
  const folder = dirname(file);
  const stat = await Deno.stat(folder).catch(() => undefined);
  if (!stat?.isDirectory) throw new Error(`Cannot write ${file}: ${folder} is not a folder`);
}

function required({ required }: Row): string {
  if (required === undefined) return "";
  return `${required.of} ${required.sense} ${required.limit.toLocaleString("en")}`;
}

/** Four digits or so, as many as such measurements deserve. */
export function figure(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString("en");
  const digits = Math.abs(value) >= 1000 ? 0 : Math.abs(value) >= 100 ? 1 : 2;
  return value.toLocaleString("en", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
}
