/**
 * What the demo shows as recorded: the runs of `replication.ts`, looked at after every epoch, with the
 * first 1,000 test images.
 *
 * - Command: `deno task sweep notebooks/experiments/demo.ts`
 * - Machine: 2 × AMD EPYC (AVX512_BF16), a thread, without a GPU
 * - Time: 15 minutes for 60 runs
 * - Expected: test error after the last epoch, mean over seeds: 37.4 % with SGD, 37.2 % with SGD of
 *   twice the epochs, 32.5 % with SAM
 */
import type { runs } from "sam";
import { fittedLabels } from "./fitted_labels.ts";
import { replication } from "./replication.ts";

const { variants, seeds } = replication;

const demo: runs.Experiment = { name: "demo", base: fittedLabels.base, variants: variants!, seeds };

export default [demo];
