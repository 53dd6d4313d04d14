import { join } from "node:path";
import { apply, type Listed } from "./_edit.ts";
import { type Outcome, runTests, type Tests } from "./_tests.ts";

/** What became of an edit. */
export interface Verdict {
  readonly edit: Listed;
  /** `stale`: its old text is not there exactly once, or the file with the edit cannot be loaded. */
  readonly result: "killed" | "survived" | "stale";
  readonly seconds: number;
  /** The test that noticed, or what is wrong with the edit. */
  readonly by: string;
}

/** A run with an edit may take so many times as long as without. */
const TIMES = 5;
/** Without an edit. */
const LIMIT_SECONDS = 600;

/** How edits are tried. */
export interface RunOptions {
  /** Copies of the repository, each of which works on another edit at the same time. */
  readonly copies: readonly string[];
  /** Ends all that runs. */
  readonly signal?: AbortSignal;
  /** What a run with an edit may take besides five times its time without; default 15. */
  readonly moreSeconds?: number;
  readonly onVerdict?: (verdict: Verdict) => void;
}

/**
 * Tries edits one by one. The tests of an edit run without it first, once for all edits that name
 * the same.
 *
 * @throws Error if tests fail, or do nothing, without an edit; what the signal was aborted with
 */
export async function runEdits(
  edits: readonly Listed[],
  { copies, signal, moreSeconds = 15, onVerdict }: RunOptions,
): Promise<Verdict[]> {
  const failed = new AbortController();
  const either = AbortSignal.any([failed.signal, ...signal ? [signal] : []]);
  const unmutated = new Map<string, Promise<number>>();
  const verdicts: Verdict[] = [];
  const waiting = edits.values();

  async function work(folder: string): Promise<void> {
    for (const edit of waiting) {
      const key = JSON.stringify([edit.tests, edit.filter]);
      const seconds = await unmutated.getOrInsertComputed(
        key,
        () => secondsWithout(edit, { folder, signal: either }),
      );
      const limitSeconds = TIMES * seconds + moreSeconds;
      const verdict = await tryEdit(edit, { folder, limitSeconds, signal: either });
      verdicts.push(verdict);
      onVerdict?.(verdict);
    }
  }

  const workers = copies.map((folder) =>
    work(folder).catch((error) => {
      failed.abort(error); // the others stop
      throw error;
    })
  );
  await Promise.allSettled(workers); // and leave nothing running or half written
  await Promise.all(workers);
  return verdicts;
}

async function secondsWithout(
  tests: Tests,
  options: { readonly folder: string; readonly signal: AbortSignal },
): Promise<number> {
  const { passed, seconds, output } = await runTests(tests, {
    ...options,
    limitSeconds: LIMIT_SECONDS,
  });
  if (passed && /^ok \| [1-9]/m.test(output)) return seconds;
  const names = tests.tests.join(" ") + (tests.filter === undefined ? "" : ` (${tests.filter})`);
  const what = passed ? "do nothing" : "fail";
  throw new Error(`Cannot try edits on ${names}: these tests ${what} without one\n${output}`);
}

async function tryEdit(
  edit: Listed,
  options: {
    readonly folder: string;
    readonly limitSeconds: number;
    readonly signal: AbortSignal;
  },
): Promise<Verdict> {
  const path = join(options.folder, edit.file);
  const source = await Deno.readTextFile(path).catch((error) => {
    if (error instanceof Deno.errors.NotFound) return "";
    throw error;
  });
  const edited = apply(source, edit);
  if (edited === undefined) {
    const by = "its old text is not in the file exactly once";
    return { edit, result: "stale", seconds: 0, by };
  }
  await Deno.writeTextFile(path, edited);
  try {
    return { edit, ...judge(await runTests(edit, options)) };
  } finally {
    await Deno.writeTextFile(path, source);
  }
}

function judge({ passed, hung, seconds, output }: Outcome): Omit<Verdict, "edit"> {
  if (passed) return { result: "survived", seconds, by: "" };
  if (hung) return { result: "killed", seconds, by: "the time limit" };
  const loaded = /^(ok|FAILED) \| (?!0 passed \| 0 failed)/m.test(output) &&
    !output.includes("(uncaught error)");
  const fault = output.match(/^error: .*SyntaxError: (.*)$/m)?.[1];
  if (!loaded && fault !== undefined) {
    return { result: "stale", seconds, by: `it cannot be loaded: ${fault}` };
  }
  const by = output.match(/^ *(.+) \.\.\. FAILED/m)?.[1] ??
    output.match(/^error: (.*)$/m)?.[1] ?? "a crash";
  return { result: "killed", seconds, by };
}
