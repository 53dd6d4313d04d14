import { alone, beside, contest } from "./_contest.ts";
import { jax, ours, torch } from "./_entries.ts";
import type { Row } from "./_report.ts";
import { type Bench, networkName, type Session } from "./_session.ts";

/** The compiled SAM step against PyTorch's and JAX's. */
export const samStep: Bench = {
  name: "sam_step",
  about: "our compiled SAM step beside PyTorch's (eager, torch.compile) and JAX's (jit)",
  run,
};

/** Our time divided by theirs must not be more. */
const limits = { "PyTorch, eager": 0.95, "PyTorch, torch.compile": 0.97, "JAX, jit": 0.5 };

async function run(session: Session): Promise<Row[]> {
  const our = ours(session, "sam", "compile");
  const convolutions = { ...ours(session, "convolutions", "compile"), label: "ours, convolutions" };
  const timings = await contest(session, [
    our,
    convolutions,
    ...torch(session, "sam", "eager"),
    ...torch(session, "sam", "compile"),
    ...jax(session, "sam"),
  ]);
  const what = `SAM step of ${networkName(session.network)}`;
  const ourTiming = timings.get(our.label);
  const rows = [...timings.values()].map((timing) => alone(what, timing));
  if (ourTiming === undefined) return rows;
  const floor = timings.get(convolutions.label);
  if (floor !== undefined) rows.push(beside(what, ourTiming, floor));
  for (const [label, limit] of Object.entries(limits)) {
    const peer = timings.get(label);
    if (peer === undefined) continue;
    rows.push(beside(what, ourTiming, peer, { of: "ratio", sense: "at most", limit }));
  }
  return rows;
}
