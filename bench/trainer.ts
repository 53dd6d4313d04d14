import { alone, beside, contest } from "./_contest.ts";
import { inWords, ours } from "./_entries.ts";
import type { Row } from "./_report.ts";
import { type Bench, networkName, type Session } from "./_session.ts";

/** What the trainer costs besides the step, and the evaluation besides the forward pass. */
export const trainer: Bench = {
  name: "trainer",
  about: "training and evaluation on Fashion-MNIST beside the bare step and the forward pass",
  run,
};

/** At least 97 % of the bare step's images a second; a forward pass, but for noise. */
const LIMITS = { trainer: 1 / 0.97, evaluation: 1.05 };

async function run(session: Session): Promise<Row[]> {
  const entry = (task: "trainer" | "trainer_step" | "evaluation" | "forward", label: string) => ({
    ...ours(session, task, "compile"),
    label: label + inWords(session),
  });
  const pairs = [
    [entry("trainer", "the trainer"), entry("trainer_step", "its step alone"), LIMITS.trainer],
    [
      entry("evaluation", "the evaluation"),
      entry("forward", "the forward pass"),
      LIMITS.evaluation,
    ],
  ] as const;
  const timings = await contest(session, pairs.flatMap(([own, other]) => [own, other]));
  const what = `${networkName({ ...session.network, size: 28 })}, Fashion-MNIST`;
  return pairs.flatMap(([{ label }, { label: otherLabel }, limit]) => {
    const [own, other] = [timings.get(label), timings.get(otherLabel)];
    if (own === undefined || other === undefined) return [];
    const required = { of: "ratio", sense: "at most", limit } as const;
    return [alone(what, other), beside(what, own, other, required)];
  });
}
