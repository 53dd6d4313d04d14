/**
 * Small mistakes, put into the source one by one: the tests of their room have to notice each.
 *
 *     deno task mutants [--room kernel] [--grep comm] [--only 12] [--from 40] [--jobs 2]
 *
 * A line for each edit, and the counts at the end; exit code 1 if an edit without a reason survives,
 * or one is stale. Works in copies of the repository in the temporary folder, never in the
 * repository itself.
 *
 * To add an edit, append an {@linkcode Edit} to the list of its room beside this file, `<room>.ts`
 * (a new file is found by itself, it exports `edits`): the mistake that a change of structure could
 * make (a dropped argument, a missing `await`, swapped names, a forgotten dispose), the file, a text
 * that occurs in it exactly once, what takes its place, and the few test files that ought to notice.
 * Then `deno task mutants --room <room> --only <number>`. If it survives, write the test that kills
 * it; where no test can tell (the code only saves time, or another guard stands behind it), say why
 * in `survives`. When the source changes, `mutants_test.ts` names the edits whose text is gone.
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { copyCheckout } from "./_copy.ts";
import type { Listed } from "./_edit.ts";
import { readRooms } from "./_rooms.ts";
import { runEdits } from "./_run_edits.ts";
import { lineOf, summary } from "./_summary.ts";

const HELP = `Usage: deno task mutants [options]
  --room NAME   the edits of one list only, for example kernel; may be repeated
  --grep TEXT   edits whose mistake or file contains this
  --only N      the edit of this number in each list
  --from N      the edits from this number on in each list, where a run was cut off
  --jobs N      so many edits at the same time; default 1`;

const { values: { room: rooms, grep, only, from, jobs, help } } = parseArgs({
  options: {
    room: { type: "string", multiple: true },
    grep: { type: "string" },
    only: { type: "string" },
    from: { type: "string", default: "1" },
    jobs: { type: "string", default: "1" },
    help: { type: "boolean", default: false },
  },
});

// deno-lint-ignore no-console -- the lines are the point
const print = (text: string) => console.log(text);

function choose(all: readonly Listed[]): Listed[] {
  const unknown = rooms?.find((name) => !all.some(({ room }) => room === name));
  if (unknown !== undefined) {
    const known = [...new Set(all.map(({ room }) => room))].join(", ");
    throw new RangeError(`Cannot find the room ${unknown}: choose of ${known}`);
  }
  const chosen = all.filter(({ room, number, mistake, file }) =>
    (rooms?.includes(room) ?? true) &&
    (grep === undefined || `${mistake}\n${file}`.includes(grep)) &&
    (only === undefined || number === Number(only)) &&
    number >= Number(from)
  );
  if (chosen.length === 0) throw new RangeError("Cannot find an edit: the options exclude all");
  return chosen;
}

async function main(): Promise<void> {
  const copyCount = Number(jobs);
  if (!(Number.isInteger(copyCount) && copyCount > 0)) {
    throw new RangeError(`Cannot run ${jobs} edits at once: --jobs must be a positive integer`);
  }
  const edits = choose(await readRooms());
  const root = fileURLToPath(new URL("../..", import.meta.url));
  const stop = new AbortController();
  const interrupted = () => stop.abort(new Error("Interrupted"));
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, interrupted);
  const folder = await Deno.makeTempDir({ prefix: "sam_mutants_" });
  try {
    const copies = Array.from({ length: copyCount }, (_, index) => join(folder, String(index)));
    for (const copy of copies) await copyCheckout(root, copy);
    let done = 0;
    const verdicts = await runEdits(edits, {
      copies,
      signal: stop.signal,
      onVerdict: (verdict) =>
        print(
          `${String(++done).padStart(String(edits.length).length)}/${edits.length} ` +
            lineOf(verdict),
        ),
    });
    const { text, good } = summary(verdicts);
    print(text);
    Deno.exitCode = good ? 0 : 1;
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    print("Interrupted");
    Deno.exitCode = 130;
  } finally {
    await Deno.remove(folder, { recursive: true });
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      Deno.removeSignalListener(signal, interrupted);
    }
  }
}

if (help) print(HELP);
else {
  await main().catch((error) => {
    // deno-lint-ignore no-console -- the user's mistake, without a stack
    console.error(error instanceof Error ? error.message : error);
    Deno.exitCode = 1;
  });
}
