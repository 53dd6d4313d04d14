/**
 * What the demo shows as recorded: the runs of `replication.ts`, looked at after every epoch, with the
 * first 1,000 test images.
 *
 * - Command: `deno task sweep notebooks/experiments/demo.ts`
 */
import type { runs } from "sam";
import { fittedLabels } from "./fitted_labels.ts";
import { replication } from "./replication.ts";

const { variants, seeds } = replication;

const demo: runs.Experiment = { name: "demo", base: fittedLabels.base, variants: variants!, seeds };

export default [demo];
