import type { Bench } from "./_session.ts";
import { against } from "./against.ts";
import { compiledVsEager } from "./compiled_vs_eager.ts";
import { memory } from "./memory.ts";
import { pipeline } from "./pipeline.ts";
import { samStep } from "./sam_step.ts";
import { scale } from "./scale.ts";
import { samVsSgd } from "./sam_vs_sgd.ts";
import { startup } from "./startup.ts";
import { trainer } from "./trainer.ts";

/** All benches, in the order in which they run. */
export const benches: readonly Bench[] = [
  samStep,
  samVsSgd,
  compiledVsEager,
  pipeline,
  startup,
  trainer,
  memory,
  scale,
  against,
];
