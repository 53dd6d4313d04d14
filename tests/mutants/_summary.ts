import type { Verdict } from "./_run_edits.ts";

/** What became of an edit, in a line. */
export function lineOf({ edit, result, seconds, by }: Verdict): string {
  const { room, number, mistake, survives } = edit;
  const why = result === "survived"
    ? survives ?? "NO REASON"
    : result === "killed" && survives !== undefined
    ? `${by}; its reason to survive can go`
    : by;
  return `${result.padEnd(8)} ${seconds.toFixed(1).padStart(5)} s  ${room} ${number}: ${mistake} ` +
    `(${why})`;
}

/** The counts, and whether nothing survived without a reason or is stale. */
export function summary(
  verdicts: readonly Verdict[],
): { readonly text: string; readonly good: boolean } {
  const count = (wanted: Verdict["result"]) =>
    verdicts.filter(({ result }) => result === wanted).length;
  const survived = verdicts.filter(({ result }) => result === "survived");
  const excused = survived.filter(({ edit }) => edit.survives !== undefined).length;
  return {
    text: `${count("killed")} killed, ${survived.length} survived (${excused} with a reason), ` +
      `${count("stale")} stale`,
    good: survived.length === excused && count("stale") === 0,
  };
}
