import { join } from "node:path";
import { assertEquals, assertRejects } from "@std/assert";
import { openMetrics, readMetrics } from "../../lib/metrics/file.ts";

const row = (epoch: number) => ({
  dataset: "synthetic",
  model: "wide_resnet_10_1",
  method: "SAM",
  rho: 0.05,
  labelNoise: 0.4,
  seed: 0,
  epoch,
  trainLoss: 1 / epoch,
  trainError: 0.25,
  testLoss: 0.5,
  testError: 0.125,
  learningRate: 0.1,
});

async function withFile(test: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "sam-metrics-" });
  try {
    await test(join(folder, "metrics.jsonl"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function write(path: string, epochs: number[], resumedEpoch = 0): Promise<string> {
  using metrics = await openMetrics(path, { resumedEpoch });
  for (const epoch of epochs) await metrics.append(row(epoch));
  return await Deno.readTextFile(path);
}

Deno.test("metrics: rows are read as they were written, with what the run added", () =>
  withFile(async (path) => {
    await write(path, [1, 2]);
    assertEquals(await readMetrics(path), [row(1), row(2)]);
  }));

Deno.test("metrics: a row is in the file when append resolves; closing twice does no harm", () =>
  withFile(async (path) => {
    const metrics = await openMetrics(path);
    await metrics.append(row(1));
    assertEquals(await readMetrics(path), [row(1)]);
    metrics.close();
    metrics.close();
  }));

Deno.test("metrics: a run without a resume starts an empty file", () =>
  withFile(async (path) => {
    await Deno.writeTextFile(path, "not even JSON\n\n");
    assertEquals(await write(path, [1]), `${JSON.stringify(row(1))}\n`);
  }));

Deno.test("metrics: a resumed file equals that of a run that was never stopped", () =>
  withFile(async (path) => {
    const whole = await write(path, [1, 2, 3, 4]);
    // Killed at any moment: the file ends anywhere after the row of the checkpoint's epoch.
    const end = whole.split("\n", 2).join("\n").length;
    for (let length = end; length <= whole.length; length += 7) {
      await Deno.writeTextFile(path, whole.slice(0, length));
      assertEquals(await write(path, [3, 4], 2), whole);
    }
  }));

Deno.test("metrics: a torn last line is left out when read, a torn one before it is an error", () =>
  withFile(async (path) => {
    const whole = await write(path, [1, 2]);
    await Deno.writeTextFile(path, whole.slice(0, -5));
    assertEquals(await readMetrics(path), [row(1)]);
    await Deno.writeTextFile(path, whole.slice(5));
    for (const read of [() => readMetrics(path), () => openMetrics(path, { resumedEpoch: 1 })]) {
      await assertRejects(read, Deno.errors.InvalidData, `Cannot read ${path}, line 1: it is not`);
    }
  }));

Deno.test("metrics: wrong and missing fields are named", () =>
  withFile(async (path) => {
    await Deno.writeTextFile(path, `${JSON.stringify({ ...row(1), rho: "0.05" })}\n`);
    await assertRejects(
      () => readMetrics(path),
      Deno.errors.InvalidData,
      `Cannot read ${path}, line 1: rho is "0.05", expected a number`,
    );
    await Deno.writeTextFile(path, "{}\n");
    await assertRejects(() => readMetrics(path), Deno.errors.InvalidData, "rho is undefined");
    await Deno.remove(path);
    await assertRejects(() => readMetrics(path), Deno.errors.NotFound, path);
  }));

Deno.test("metrics: figures of evaluations may be absent, and must be numbers where they are not", () =>
  withFile(async (path) => {
    const { testLoss: _, testError: __, ...trained } = row(1);
    const evaluated = { ...row(2), testTop5Error: 0, lastTestError: NaN, evalOnTrainLoss: 1 };
    {
      using metrics = await openMetrics(path);
      await metrics.append(trained);
      await metrics.append(evaluated);
    }
    assertEquals(await readMetrics(path), [trained, evaluated]);
    await Deno.writeTextFile(path, `${JSON.stringify({ ...trained, evalOnTrainError: "0" })}\n`);
    await assertRejects(
      () => readMetrics(path),
      Deno.errors.InvalidData,
      'line 1: evalOnTrainError is "0", expected a number',
    );
    const { trainLoss: ___, ...untrained } = trained;
    await Deno.writeTextFile(path, `${JSON.stringify(untrained)}\n`);
    await assertRejects(() => readMetrics(path), Deno.errors.InvalidData, "trainLoss is undefined");
  }));

Deno.test("metrics: the losses of a diverged run are null in the file and NaN when read", () =>
  withFile(async (path) => {
    using metrics = await openMetrics(path);
    await metrics.append({ ...row(1), trainLoss: NaN, testLoss: Infinity });
    assertEquals(await readMetrics(path), [{ ...row(1), trainLoss: NaN, testLoss: NaN }] as never);
  }));

Deno.test("metrics: a line that holds something else than a row is named", () =>
  withFile(async (path) => {
    for (const line of ["null", "3", "[1]", '"row"']) {
      await Deno.writeTextFile(path, `${JSON.stringify(row(1))}\n${line}\n`);
      await assertRejects(
        () => readMetrics(path),
        Deno.errors.InvalidData,
        `Cannot read ${path}, line 2: ${line} is not a row of an epoch`,
      );
    }
  }));
