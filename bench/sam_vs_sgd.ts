import { alone, beside, contest } from "./_contest.ts";
import { inWords, ours, torch } from "./_entries.ts";
import type { Row } from "./_report.ts";
import { type Bench, networkName, type Session } from "./_session.ts";

/** What a second gradient costs: the SAM step against the SGD step, ours and PyTorch's. */
export const samVsSgd: Bench = {
  name: "sam_vs_sgd",
  about: "the SAM step beside the SGD step, ours and PyTorch's",
  run,
};

const limit = { of: "ratio", sense: "at most", limit: 2.02 } as const;

async function run(session: Session): Promise<Row[]> {
  const timings = await contest(
    session,
    (["sgd", "sam"] as const).flatMap((task) =>
      [ours(session, task, "compile"), ...torch(session, task, "eager")].map((entry) => ({
        ...entry,
        label: `${task.toUpperCase()}, ${entry.label}`,
      }))
    ),
  );
  const what = `Step of ${networkName(session.network)}`;
  return ["ours, compiled", "PyTorch, eager"].flatMap((plain) => {
    const label = plain + inWords(session);
    const sgd = timings.get(`SGD, ${label}`);
    const sam = timings.get(`SAM, ${label}`);
    if (sgd === undefined || sam === undefined) return [];
    const required = label.startsWith("ours") ? limit : undefined;
    return [alone(what, sgd), beside(what, sam, sgd, required)];
  });
}
