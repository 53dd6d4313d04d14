/** Groups of a step on several devices of one process. */
import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { runScript } from "../tensorflow/_process.ts";

/** Three steps of SAM on four groups of a batch, on the devices of the second argument. */
const STEPS = `
const { configureDevices, compile, listDevices, random, tf } = engine;
import * as optim from "./lib/optim/mod.ts";
import { wideResNet } from "./lib/models/mod.ts";
import { crossEntropyLoss } from "./lib/train/loss.ts";
import { trainStep } from "./lib/train/step.ts";
configureDevices({ cpuDevices: 2 });
const model = wideResNet({ depth: 10, width: 1, classes: 10 });
const own = optim.valueAndGrad(crossEntropyLoss(model, { weightDecay: 5e-4 }));
const images = tf.randomNormal([16, 8, 8, 3], 0, 1, "float32", 1);
const labels = tf.oneHot(tf.range(0, 16, 1, "int32").mod(tf.scalar(10, "int32")), 10).toFloat();
async function train(devices, isTogether) {
  const groups = (gradient) => optim.mSharpness(gradient, { m: 4, devices });
  const sam = (gradient) => optim.sam(gradient, { rho: 0.05 });
  const { init, step } = trainStep(isTogether ? sam(groups(own)) : groups(sam(own)), optim.sgd(0.1));
  const compiled = compile(step, { donate: [0] });
  let state = init(model.init(0, images.shape));
  const seed = random.seed(2);
  const counts = [];
  for (let index = 0; index < 3; index++) {
    const result = await compiled(state, { images, labels }, seed);
    state = result.state;
    tf.dispose(Object.values(result.metrics));
    counts.push(tf.memory().numTensors);
  }
  if (counts[1] !== counts[2]) throw new Error("tensors are left");
  return engine.leaves(state.params).flatMap((tensor) => [...tensor.dataSync()]);
}`;

Deno.test("mSharpness on two devices is that on one to 1e-5 after three steps of SAM", async () => {
  const { code, stdout, stderr } = await runScript(`${STEPS}
    const names = listDevices().map(({ name }) => name);
    const differences = [];
    for (const isTogether of [false, true]) {
      const one = await train(undefined, isTogether);
      const two = await train(names, isTogether);
      differences.push(Math.max(...one.map((value, index) => Math.abs(value - two[index]))));
    }
    console.log(JSON.stringify([names.length, ...differences]));`);
  assertEquals(code, 0, stderr);
  const [count, apart, together] = JSON.parse(stdout);
  assertEquals(count, 2);
  assert(apart <= 1e-5 && together <= 1e-5, stdout);
});

Deno.test("mSharpness refuses a device that is not there", async () => {
  const { stdout } = await runScript(`${STEPS}
    const devices = ["/device:CPU:0", "/device:CPU:5"];
    await train(devices, false).catch(({ message }) => console.log(message));`);
  assertStringIncludes(stdout, "CPU:5");
});
