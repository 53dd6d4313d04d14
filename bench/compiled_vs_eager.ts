import { alone, beside, contest } from "./_contest.ts";
import { ours } from "./_entries.ts";
import type { Row } from "./_report.ts";
import { type Bench, networkName, type Session } from "./_session.ts";

/** What `compile` gains over running op by op. */
export const compiledVsEager: Bench = {
  name: "compiled_vs_eager",
  about: "our compiled SAM step beside our eager one",
  run,
};

async function run(session: Session): Promise<Row[]> {
  const entries = [ours(session, "sam", "compile"), ours(session, "sam", "eager")];
  const timings = await contest(session, entries);
  const [compiled, eager] = entries.map(({ label }) => timings.get(label));
  if (compiled === undefined || eager === undefined) return [];
  const what = `SAM step of ${networkName(session.network)}`;
  return [alone(what, eager), beside(what, compiled, eager)];
}
