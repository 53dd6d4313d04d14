import { assertEquals, assertThrows } from "@std/assert";
import { groupRuns, lastFiniteEpoch, selectEpoch } from "../../lib/plots/mod.ts";
import type { EpochRow } from "../../lib/metrics/rows.ts";
import { diverge, syntheticRows } from "./_synthetic_rows.ts";

const row: EpochRow = {
  dataset: "made-up",
  model: "m",
  method: "SGD",
  rho: 0,
  labelNoise: 0,
  seed: 0,
  epoch: 1,
  trainLoss: 1,
  trainError: 0.5,
  testLoss: 1,
  testError: 0.5,
};

Deno.test("rows become runs, each by ascending epoch, whatever their order", () => {
  const rows = syntheticRows({ seeds: 2, epochs: 3 });
  const runs = groupRuns([...rows].reverse());
  assertEquals(runs.length, 4);
  assertEquals(runs.map((run) => run.rows.map(({ epoch }) => epoch)), Array(4).fill([1, 2, 3]));
  assertEquals(runs.some((run) => run.diverged), false);
});

Deno.test("the best epoch has the lowest test error, the first of equals", () => {
  const errors = [0.5, 0.2, 0.3, 0.2, 0.4];
  const [run] = groupRuns(errors.map((testError, i) => ({ ...row, epoch: i + 1, testError })));
  assertEquals(selectEpoch(run!, "best")?.epoch, 2);
  assertEquals(selectEpoch(run!, "last")?.epoch, 5);
});

Deno.test("validation images choose an epoch where all epochs have them", () => {
  const errors = [[0.5, 0.4], [0.2, 0.3], [0.3, 0.1], [0.4, 0.1]] as const;
  const [run] = groupRuns(errors.map(([testError, validationError], i) => ({
    ...row,
    epoch: i + 1,
    testError,
    validationError,
  })));
  assertEquals(selectEpoch(run!, "validation")?.epoch, 3);
  const [without] = groupRuns([row]);
  assertEquals(selectEpoch(without!, "validation"), undefined);
});

Deno.test("a run with NaN, Infinity or JSON's null has diverged, and stands for nothing", () => {
  for (const lost of [NaN, Infinity, null as unknown as number]) {
    const [run] = groupRuns([row, { ...row, epoch: 2 }, { ...row, epoch: 3, trainLoss: lost }]);
    assertEquals(run!.diverged, true);
    assertEquals(selectEpoch(run!, "last"), undefined);
    assertEquals(selectEpoch(run!, "best"), undefined);
    assertEquals(lastFiniteEpoch(run!)?.epoch, 2);
  }
});

Deno.test("epochs without evaluation are in no plot; a run that diverges in one has diverged", () => {
  const { testLoss: _, testError: __, ...trained } = row;
  const epochs = [1, 2, 3, 4].map((epoch) => ({ ...(epoch % 2 === 0 ? row : trained), epoch }));
  const [run] = groupRuns(epochs);
  assertEquals(run!.rows.map(({ epoch }) => epoch), [2, 4]);
  assertEquals([run!.diverged, selectEpoch(run!, "last")?.epoch], [false, 4]);
  const [lost] = groupRuns(epochs.map((row) => row.epoch === 3 ? { ...row, trainLoss: NaN } : row));
  assertEquals([lost!.diverged, selectEpoch(lost!, "last")], [true, undefined]);
  assertEquals(groupRuns([...epochs, { ...trained, seed: 1 }]).length, 1);
  assertThrows(() => groupRuns([trained]), RangeError, "Cannot plot rows without an evaluation");
});

Deno.test("a run may diverge at once", () => {
  const [run] = groupRuns(diverge([row], { seed: 0 }, 1));
  assertEquals(lastFiniteEpoch(run!), undefined);
});

Deno.test("rows that cannot be meant are refused", () => {
  assertThrows(() => groupRuns([]), RangeError, "Cannot plot 0 rows");
  assertThrows(() => groupRuns([row, row]), RangeError, "appears twice");
  assertThrows(() => groupRuns([{ ...row, testError: 50 }]), RangeError, "the error 50");
  assertThrows(() => groupRuns([{ ...row, trainError: -0.1 }]), RangeError, "the error -0.1");
  assertThrows(() => groupRuns([{ ...row, labelNoise: 40 }]), RangeError, "label noise 40");
  assertThrows(() => groupRuns([{ ...row, labelNoise: NaN }]), RangeError, "label noise NaN");
  assertThrows(() => groupRuns([{ ...row, epoch: 0 }]), RangeError, "epoch 0");
});
