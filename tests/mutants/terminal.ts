import type { Edit } from "./_edit.ts";

const TABLE = ["tests/terminal/live_table_test.ts"];
const DOWNLOADS = ["tests/terminal/download_progress_test.ts"];
const TRANSFERS = ["tests/terminal/transfers_test.ts"];
const OUTPUT = ["tests/terminal/output_test.ts"];
const DURATIONS = ["tests/terminal/durations_test.ts"];

/** Edits of `lib/terminal`. */
export const edits: readonly Edit[] = [
  {
    mistake: "a table is drawn below the last",
    file: "lib/terminal/live_table.ts",
    old: "`\\r\\x1b[${this.#lines.length}A\\x1b[J`",
    new: '""',
    tests: TABLE,
  },
  {
    mistake: "lines wrap at the last column",
    file: "lib/terminal/live_table.ts",
    old: "line.slice(0, columns - 1)",
    new: "line.slice(0, columns)",
    tests: TABLE,
  },
  {
    mistake: "the last table is drawn over",
    file: "lib/terminal/live_table.ts",
    old: "    if (last) this.#lines = [];\n",
    new: "",
    tests: TABLE,
  },
  {
    mistake: "a file gets every table",
    file: "lib/terminal/live_table.ts",
    old: "    if (!isTerminal && !last) return;\n",
    new: "",
    tests: TABLE,
  },
  {
    mistake: "a line takes the table's place",
    file: "lib/terminal/live_table.ts",
    old: "    this.#lines = [];\n    this.#write(lines);\n",
    new: "",
    tests: TABLE,
  },
  {
    mistake: "a long status widens the first column",
    file: "lib/terminal/align.ts",
    old: "rows.filter(({ length }) => length > 1)",
    new: "rows",
    tests: TABLE,
  },
  {
    mistake: "the first column stands to the right",
    file: "lib/terminal/live_table.ts",
    old: "(column) => column > 0)",
    new: "(column) => column >= 0)",
    tests: TABLE,
  },
  {
    mistake: "a download is drawn at every block",
    file: "lib/terminal/download_progress.ts",
    old: "    if (!last && now - drawn < INTERVAL) return;\n",
    new: "",
    tests: DOWNLOADS,
  },
  {
    mistake: "the end of a download is not drawn",
    file: "lib/terminal/download_progress.ts",
    old: "if (!last && now - drawn < INTERVAL) return;",
    new: "if (now - drawn < INTERVAL) return;",
    tests: DOWNLOADS,
  },
  {
    mistake: "a short transfer tells its quarters",
    file: "lib/terminal/transfers.ts",
    old: "reached <= quarter || bytes < 1e8",
    new: "reached <= quarter",
    tests: TRANSFERS,
  },
  {
    mistake: "a quarter is told twice",
    file: "lib/terminal/transfers.ts",
    old: "    quarter = reached;\n",
    new: "",
    tests: TRANSFERS,
  },
  {
    mistake: "a transfer that failed is shown as whole",
    file: "lib/terminal/transfers.ts",
    old: "if (complete) update(bytes);",
    new: "update(bytes);",
    tests: TRANSFERS,
  },
  {
    mistake: "a bar is longer than its line",
    file: "lib/terminal/bar.ts",
    old: "text.length < width || parts.length === 1",
    new: "parts.length > 0",
    tests: TRANSFERS,
  },
  {
    mistake: "a reader that went away stops the work",
    file: "lib/terminal/output.ts",
    old: "if (!(error instanceof Deno.errors.BrokenPipe)) throw error;",
    new: "throw error;",
    tests: OUTPUT,
  },
  {
    mistake: "a full disk goes unnoticed",
    file: "lib/terminal/output.ts",
    old: "if (!(error instanceof Deno.errors.BrokenPipe)) throw error;",
    new: "",
    tests: OUTPUT,
  },
  {
    mistake: "only the first part of a long text is written",
    file: "lib/terminal/output.ts",
    old: "for (let done = 0; done < bytes.length;) done",
    new: "let done = 0; done",
    tests: OUTPUT,
  },
  {
    mistake: "minutes count on behind hours",
    file: "lib/terminal/durations.ts",
    old: "${minutes % 60} min`",
    new: "${minutes} min`",
    tests: DURATIONS,
  },
];
