import { assert, assertEquals } from "@std/assert";
import type { SweepLine } from "../../lib/commands/_sweep_lines.ts";
import { SweepTeller } from "../../lib/commands/_sweep_teller.ts";
import { recorder, screen } from "../terminal/_recorder.ts";

const of = (run: string) => ({ experiment: "rho", run, what: `run ${run}` });
const step = (run: string, stepInEpoch: number): SweepLine => ({
  type: "step",
  ...of(run),
  ...{ epoch: 2, epochs: 4, stepInEpoch, stepsPerEpoch: 100, loss: 0.5, imagesPerSecond: 20 },
});
const done = (run: string): SweepLine => ({
  type: "run",
  ...of(run),
  testError: 0.25,
  source: "trained",
});

function teller(isTerminal: boolean) {
  const clock = { now: 0 };
  const output = recorder(isTerminal, 100);
  return { clock, output, teller: new SweepTeller(output, { now: () => clock.now }) };
}

Deno.test("sweep teller: on a terminal a table of what is trained, under lines that stay", () => {
  const { clock, output, teller: it } = teller(true);
  it.tell({ type: "sweep", experiment: "rho", runs: 3 });
  it.tell(step("a", 10));
  clock.now = 60_000;
  it.tell(step("b", 1));
  assertEquals(screen(output.written), [
    "rho: 0 of 3 runs, 1.0 min",
    "run a  epoch 2/4  step 10/100  loss 0.5000  20 images/s",
    "run b  epoch 2/4   step 1/100  loss 0.5000  20 images/s",
    "",
  ]);
  it.tell(done("b"));
  clock.now = 61_000;
  it.tell(step("a", 20));
  assertEquals(screen(output.written), [
    "rho 1 of 3: run b: test error 25.00 % (trained, 1.0 min)",
    "rho: 1 of 3 runs, 1.0 min",
    "run a  epoch 2/4  step 20/100  loss 0.5000  20 images/s  ETA 28 min 28 s",
    "",
  ]);
  it.tell(done("a"));
  it.end();
  assertEquals(screen(output.written).length, 3);
});

Deno.test("sweep teller: elsewhere a line of each run that is trained, every 30 seconds", () => {
  const { clock, output, teller: it } = teller(false);
  it.tell({ type: "sweep", experiment: "rho", runs: 2 });
  for (let second = 0; second <= 65; second++) {
    clock.now = 1000 * second;
    it.tell(step("a", second + 1));
  }
  const lines = output.written.join("").trimEnd().split("\n");
  assertEquals(lines, [
    "rho: run a  epoch 2/4  step 31/100  loss 0.5000  20 images/s  ETA 4 min 29 s",
    "rho: run a  epoch 2/4  step 61/100  loss 0.5000  20 images/s  ETA 3 min 59 s",
  ]);
});

Deno.test("sweep teller: what several processes tell of one run counts once", () => {
  const { output, teller: it } = teller(false);
  const failed: SweepLine = { type: "failed", ...of("b"), message: "Cannot" };
  const sweep: SweepLine = { type: "sweep", experiment: "rho", runs: 4 };
  const diverged: SweepLine = { type: "diverged", ...of("c"), message: "NaN" };
  for (const line of [sweep, sweep, done("a"), done("a"), failed, failed, diverged]) it.tell(line);
  assertEquals([it.failed, it.diverged, it.unfinished], [1, 1, 1]);
  it.end();
  assertEquals(
    output.written.join(""),
    [
      "rho 1 of 4: run a: test error 25.00 % (trained, 0.0 min)\n",
      "rho: run b: Cannot\nrho: run c: NaN\n",
      "2 of 4 runs failed:\n  rho: run b: Cannot\n  rho: run c: NaN\n",
    ].join(""),
  );
  // Another process, which has what it takes, may train it all the same.
  it.tell(done("b"));
  assertEquals([it.failed, it.unfinished], [0, 1]);
  assert(output.written.join("").includes("\nrho 2 of 4: run b: "));
});

Deno.test("sweep teller: a part without runs is told once, by however many processes", () => {
  const { output, teller: it } = teller(false);
  for (const _process of [1, 2]) it.tell({ type: "sweep", experiment: "rho", runs: 0 });
  it.end();
  assertEquals(output.written.join(""), "rho: this part has no runs\n");
});
