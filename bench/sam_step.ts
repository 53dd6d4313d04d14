import { alone, beside, contest } from "./_contest.ts";
import { inWords, jax, ours, torch } from "./_entries.ts";
import type { Precision } from "../lib/tensorflow/mod.ts";
import type { Row } from "./_report.ts";
import { type Bench, networkName, type Session } from "./_session.ts";

/** The compiled SAM step against PyTorch's and JAX's. */
export const samStep: Bench = {
  name: "sam_step",
  about: "our compiled SAM step beside PyTorch's (eager, torch.compile) and JAX's (jit)",
  run,
};

/** Our time divided by theirs must not be more. In bfloat16: where there are no matrix units. */
const LIMITS: Record<Precision, Record<string, number>> = {
  float32: { "PyTorch, eager": 0.95, "PyTorch, torch.compile": 0.97, "JAX, jit": 0.5 },
  bfloat16: {
    "PyTorch, eager, bfloat16": 1.03,
    "PyTorch, torch.compile, bfloat16": 1.03,
    "ours, compiled": 1 / 1.5,
  },
};

async function run(session: Session): Promise<Row[]> {
  const our = ours(session, "sam", "compile");
  const convolutions = {
    ...ours(session, "convolutions", "compile"),
    label: `ours, convolutions${inWords(session)}`,
  };
  const timings = await contest(session, [
    our,
    convolutions,
    ...session.precision === "float32"
      ? []
      : [ours({ ...session, precision: "float32" }, "sam", "compile")],
    ...torch(session, "sam", "eager"),
    ...torch(session, "sam", "compile"),
    ...jax(session, "sam"),
  ]);
  const what = `SAM step of ${networkName(session.network)}${inWords(session)}`;
  const ourTiming = timings.get(our.label);
  const rows = [...timings.values()].map((timing) => alone(what, timing));
  if (ourTiming === undefined) return rows;
  const floor = timings.get(convolutions.label);
  if (floor !== undefined) rows.push(beside(what, ourTiming, floor));
  for (const [label, limit] of Object.entries(LIMITS[session.precision])) {
    const peer = timings.get(label);
    if (peer === undefined) continue;
    rows.push(beside(what, ourTiming, peer, { of: "ratio", sense: "at most", limit }));
  }
  return rows;
}
