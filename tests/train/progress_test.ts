import { assert, assertEquals, assertMatch, assertStringIncludes } from "@std/assert";
import type { EpochEvent, StartEvent, StepEvent, TrainEvent } from "../../lib/train/events.ts";
import { createProgress, type ProgressOptions } from "../../lib/train/progress.ts";

const START: StartEvent = {
  type: "start",
  config: {},
  parameterCount: 2_748_890,
  trainExamples: 4000,
  testExamples: 1000,
  stepsPerEpoch: 10,
  epochs: 20,
};

const step = (step: number): StepEvent => ({
  type: "step",
  step,
  epoch: Math.ceil(step / 10),
  stepInEpoch: (step - 1) % 10 + 1,
  loss: 0.4321,
  metrics: { loss: 0.5, error: 0.125 },
  gradientNorm: 1,
  learningRate: 0.1,
  stepsPerSecond: 12.3,
  imagesPerSecond: 1574,
});

const epoch = (epoch: number): EpochEvent => ({
  type: "epoch",
  row: {
    dataset: "synthetic",
    model: "wide_resnet_10_1",
    method: "SAM",
    rho: 0.05,
    labelNoise: 0,
    seed: 0,
    epoch,
    trainLoss: 0.5,
    trainError: 0.1,
    testLoss: 0.75,
    testError: 0.055,
  },
  step: 10 * epoch,
  learningRate: 0.1,
  gradientNorm: 1,
  parameterNorm: 2,
  lastGradientNorm: 1,
  lastParameterNorm: 2,
  seconds: 8.04,
  imagesPerSecond: 1500,
  millisecondsPerStep: 13,
});

const END: TrainEvent = {
  type: "end",
  reason: "interrupted",
  epoch: 2,
  step: 20,
  sha256: "ab",
  seconds: 72,
};

/** Shows events, one every `seconds`, and returns what was written. */
function show(
  events: TrainEvent[],
  { isTerminal, columns = 100, color = false, seconds = 1 }: {
    isTerminal: boolean;
    columns?: number;
    color?: boolean;
    seconds?: number;
  },
): string {
  let text = "";
  let time = 0;
  const output = { isTerminal, columns, write: (part: string) => void (text += part) };
  using progress = createProgress({ output, color, now: () => time });
  for (const event of events) {
    progress.show(event);
    time += 1000 * seconds;
  }
  return text;
}

const steps = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => step(from + i));

const RUN = [
  START,
  ...steps(1, 10),
  epoch(1),
  ...steps(11, 20),
  epoch(2),
  { type: "checkpoint", path: "runs/checkpoint_2.safetensors", epoch: 2 },
  END,
] as const;

Deno.test("progress: one line an epoch where there is no terminal", () => {
  assertEquals(
    show([...RUN], { isTerminal: false, color: true }),
    `\
2,748,890 parameters, 4,000 training and 1,000 test examples, 20 epochs of 10 steps
epoch  1/20  train loss 0.5000 error 10.00 %  test loss 0.7500 error  5.50 %  1,500 images/s  8.0 s
epoch  2/20  train loss 0.5000 error 10.00 %  test loss 0.7500 error  5.50 %  1,500 images/s  8.0 s
interrupted after epoch 2, step 20, in 1 min 12 s, the same command resumes from runs/checkpoint_2.safetensors
sha256 of the parameters: ab
`,
  );
});

Deno.test("progress: a long epoch gives a sign of life every 30 s", () => {
  const lines = show([START, ...steps(1, 10), epoch(1)], { isTerminal: false, seconds: 12 })
    .split("\n");
  assertEquals(lines.map((line) => line.slice(0, 24)), [
    "2,748,890 parameters, 4,",
    "epoch  1/20  step 3/10  ",
    "epoch  1/20  step 6/10  ",
    "epoch  1/20  step 9/10  ",
    "epoch  1/20  train loss ",
    "",
  ]);
  assertEquals(
    lines[1],
    "epoch  1/20  step 3/10  ETA 39 min 24 s  loss 0.4321  error 12.50 %  12 steps/s  " +
      "1,574 images/s",
  );
});

Deno.test("progress: an epoch's evaluations, or that it has none", () => {
  const { row, ...event } = epoch(1);
  const { testLoss: _, testError: __, ...trained } = row;
  const lineOf = (row: EpochEvent["row"]) =>
    show([START, { ...event, row }], { isTerminal: false }).split("\n")[1];
  const train = "epoch  1/20  train loss 0.5000 error 10.00 %";
  assertEquals(lineOf(trained), `${train}  1,500 images/s  8.0 s`);
  const more = {
    testTop5Error: 0.01,
    lastTestLoss: 1,
    lastTestError: 0.25,
    lastTestTop5Error: 0.02,
    evalOnTrainLoss: 0.25,
    evalOnTrainError: 0.03,
  };
  assertEquals(
    lineOf({ ...row, ...more }),
    `${train}  test loss 0.7500 error  5.50 % top-5  1.00 %  last parameters loss 1.0000 error ` +
      "25.00 % top-5  2.00 %  training set loss 0.2500 error  3.00 %  1,500 images/s  8.0 s",
  );
});

Deno.test("progress: a resume and warnings are told", () => {
  const resumedFrom = { epoch: 7, path: "runs/checkpoint_7.safetensors" };
  const warning = { type: "warning", message: "The loss is not finite" } as const;
  const text = show([{ ...START, resumedFrom }, warning], { isTerminal: false });
  assertStringIncludes(text, ", resumed after epoch 7 from runs/checkpoint_7.safetensors\n");
  assertStringIncludes(text, "\nThe loss is not finite\n");
});

Deno.test("progress: a live bar on a terminal, removed before each line", () => {
  const text = show([...RUN], { isTerminal: true });
  assertStringIncludes(text, "epoch  1/20  [=-----------]  loss 0.4321  error 12.50 %");
  assertMatch(text, /epoch {2}2\/20 {2}\[={12}\] {2}ETA 3 min /);
  // Each line that stays begins in an empty line: after "clear line", or another line.
  // deno-lint-ignore no-control-regex -- they are what is tested
  const kept = [...text.matchAll(/(?<=^|\n|\x1b\[2K)[^\x1b\n]+(?=\n)/g)].map(([line]) => line);
  assertEquals(`${kept.join("\n")}\n`, show([...RUN], { isTerminal: false }));
});

Deno.test("progress: the bar fits into narrow terminals", () => {
  for (const columns of [1, 30, 60, 80]) {
    const text = show([START, ...steps(1, 9)], { isTerminal: true, columns });
    // deno-lint-ignore no-control-regex -- they are what is tested
    const drawn = text.split(/\x1b(?:[78]|\[\d*[GKm])/).filter((part) => !/\n|^$/.test(part));
    assert(drawn.length > 0);
    for (const line of drawn) assert(line.length <= columns, `${line.length} in ${columns}`);
  }
});

Deno.test("progress: colours on terminals only, and not where they are unwanted", () => {
  const colored = "\x1b[1mtest loss 0.7500 error  5.50 %\x1b[0m";
  assertStringIncludes(show([START, epoch(1)], { isTerminal: true, color: true }), colored);
  assert(!show([START, epoch(1)], { isTerminal: true }).includes("\x1b[1m"));
});

Deno.test("progress: an output that fails, or has no size, never stops the training", () => {
  const fail = () => {
    throw new Deno.errors.BrokenPipe("Broken pipe");
  };
  for (const isTerminal of [true, false]) {
    const output: ProgressOptions["output"] = {
      isTerminal,
      get columns(): number {
        return fail();
      },
      write: fail,
    };
    using progress = createProgress({ output });
    for (const event of RUN) progress.show(event);
  }
});

Deno.test("progress: events before the start and numbers of a diverged run do no harm", () => {
  for (const isTerminal of [true, false]) {
    const diverged = {
      ...step(1),
      loss: NaN,
      metrics: { loss: NaN, error: NaN },
      stepsPerSecond: Infinity,
    };
    show([diverged, { ...diverged, loss: 1e30 }, END, epoch(1)], { isTerminal, seconds: 60 });
  }
});
