/** Our side of the benches: a process of its own, as the peers are. */
import { backend, tf } from "../../lib/tensorflow/mod.ts";
import type { Run, Setup } from "../_protocol.ts";
import { residentMemory, serve, timed } from "./_serve.ts";

/** Does one step and gives its loss. */
type Step = () => Promise<number>;

let step: Step | undefined;

await serve({
  hello() {
    tf.tidy(() => tf.add(1, 2).dataSync());
    return Promise.resolve({
      name: "sam",
      version: `Deno ${Deno.version.deno}, TensorFlow ${backend.binding.TF_Version}`,
      threads: navigator.hardwareConcurrency,
    });
  },

  async setup(setup) {
    step = await stepFor(setup);
  },

  async run(steps): Promise<Run> {
    if (step === undefined) throw new Error("Cannot run: setup comes first");
    return await timed(step, steps);
  },

  memory() {
    const tensors = tf.memory().numTensors + backend.binding.getNumOfTensors();
    return Promise.resolve({ ...residentMemory(), tensors });
  },
});

/** What a task needs is loaded only now: the first op is timed without it. */
async function stepFor(setup: Setup): Promise<Step> {
  switch (setup.task) {
    case "sam":
    case "sgd":
      return (await import("./_train_step.ts")).trainingStep(setup);
    case "convolutions":
      return (await import("./_convolutions.ts")).convolutions(setup);
    case "pipeline":
    case "pipeline_autoaugment":
    case "pipeline_jpeg":
      return (await import("./_pipeline.ts")).pipelineStep(setup);
    case "trainer":
    case "trainer_step":
    case "evaluation":
    case "forward":
      return (await import("./_trainer.ts")).trainerStep(setup);
  }
}
