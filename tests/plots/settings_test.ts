import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import {
  curveExplorer,
  errorReduction,
  groupRuns,
  noiseByEpoch,
  noiseRobustness,
  type PlottedRow,
  resultsTable,
  toPng,
  toSvg,
  trainingCurves,
} from "../../lib/plots/mod.ts";
import { readRecords, runRow, runsOf } from "../../lib/runs/mod.ts";
import ablations from "../../notebooks/experiments/ablations.ts";
import error_reduction from "../../notebooks/experiments/error_reduction.ts";
import best_epoch from "../../notebooks/experiments/best_epoch.ts";
import demo from "../../notebooks/experiments/demo.ts";
import replication from "../../notebooks/experiments/replication.ts";
import cifar10 from "../../notebooks/experiments/cifar10.ts";
import training_set_size from "../../notebooks/experiments/training_set_size.ts";
import noise_robustness from "../../notebooks/experiments/noise_robustness.ts";
import { syntheticRows } from "./_synthetic_rows.ts";

/** Made-up rows of a sweep: of every run once for each value of a setting. */
function swept(name: string, values: readonly (number | string)[], rows = synthetic()) {
  return values.flatMap((value, i) =>
    rows.map((row): PlottedRow => ({
      ...row,
      run: JSON.stringify([row.method, row.rho, row.labelNoise, row.seed, value]),
      testError: row.testError! * (1 + i / 4),
      ...{ [name]: value, learningRate: 0.1, batchAugmentation: "none" },
    }))
  );
}

const synthetic = () => syntheticRows({ epochs: 4, noises: [0, 0.4] });

/** The series of a figure, as its legend lists them. */
function legendOf(spec: unknown): string[] {
  const domain = /"scale":\{"domain":(\["[^\]]*\]),"range":\["#/.exec(JSON.stringify(spec));
  return JSON.parse(domain![1]!);
}

const EXPECTED = ["SGD, batch size = 25", "SGD, batch size = 100"]
  .concat(["SAM, batch size = 25", "SAM, batch size = 100"]);

Deno.test("a sweep over batch sizes is drawn by them, ascending, in every figure", async () => {
  const rows = swept("batchSize", [100, 25]);
  const figures = { trainingCurves, curveExplorer, noiseByEpoch, noiseRobustness, errorReduction };
  const out = Deno.env.get("PLOTS_OUT");
  for (const [name, figure] of Object.entries(figures)) {
    const spec = figure(rows);
    assertEquals(legendOf(spec), EXPECTED);
    const svg = await toSvg(spec);
    assertStringIncludes(svg, "SAM, batch size = 25");
    // A long legend goes into several lines.
    assert(Number(/<svg [^>]*width="([\d.]+)"/.exec(svg)![1]) < 720);
    if (out) await Deno.writeFile(`${out}/${name}_by_batch_size.png`, await toPng(svg));
  }
  const labels = resultsTable(rows).rows.map((row) => row[3]);
  assertEquals([...new Set(labels)], EXPECTED);
});

Deno.test("means are over the seeds of one batch size", () => {
  const rows = swept("batchSize", [25, 100]);
  const { curves } = Object(trainingCurves(rows)).datasets;
  assertEquals(new Set(curves.map(({ seeds }: { seeds: number }) => seeds)), new Set([3]));
});

Deno.test("what belongs to the method, or to the data set, is not named", () => {
  const rows = syntheticRows({ epochs: 2, datasets: ["one", "two"] }).map((row) => ({
    ...row,
    run: `${row.dataset} ${row.method} ${row.seed}`,
    batchAugmentation: row.method === "SAM" ? "mixup" : "none",
    batchSize: row.dataset === "one" ? 25 : 50,
  }));
  assertEquals(legendOf(trainingCurves(rows)), ["SGD", "SAM"]);
});

Deno.test("only the methods that were trained with several values name them, beside the radius", () => {
  const methods = [{ method: "SGD", rho: 0 }, { method: "SAM", rho: 0.05 }]
    .concat({ method: "SAM", rho: 0.2 });
  const rows = swept("m", [0, 5], syntheticRows({ methods, epochs: 2 }))
    .filter((row) => row.method === "SAM" || Object(row).m === 0);
  const [first, ...others] = legendOf(trainingCurves(rows));
  assertEquals(first, "SGD");
  assertEquals(others, [
    "SAM, ρ = 0.05, m = 0",
    "SAM, ρ = 0.05, m = 5",
    "SAM, ρ = 0.2, m = 0",
    "SAM, ρ = 0.2, m = 5",
  ]);
});

Deno.test("what a loss of one's own measured is no setting", () => {
  const rows = swept("batchSize", [25, 100]).map((row, i) => ({ ...row, trainPerplexity: i }));
  assertEquals(legendOf(trainingCurves(rows)), EXPECTED);
});

Deno.test("a value that a run leaves to the default is told as such", () => {
  const rows = swept("mixupAlpha", ["", 0.2], syntheticRows({ epochs: 2 })).map((row) => {
    const { mixupAlpha, ...rest } = row as PlottedRow & { mixupAlpha: unknown };
    return mixupAlpha === "" ? rest : row;
  });
  assert(legendOf(trainingCurves(rows)).includes("SAM, mixup alpha = default"));
});

Deno.test("a method is compared with the baseline of its own batch size", () => {
  const spec = JSON.stringify(errorReduction(swept("batchSize", [25, 100])));
  const texts = spec.matchAll(/"series":"SAM, batch size = \d+"[^}]*"reductionText":"([^"[]*)/g);
  const reductions = [...new Set(Array.from(texts, ([, text]) => text))];
  // Made-up errors of the larger batch are a quarter higher, the baseline's too.
  const alone = JSON.stringify(errorReduction(synthetic()));
  const [expected] = alone.matchAll(/"series":"SAM"[^}]*"reductionText":"([^"[]*)/g);
  assertEquals(reductions.filter((text) => text === expected![1]).length, 1);
  assertEquals(reductions.length, 2); // clean and noisy labels
});

Deno.test("the recorded sweeps open: every run is in its place, and methods keep their names", async () => {
  for (
    const [name, experiments] of Object.entries({
      ...{ ablations, error_reduction, noise_robustness },
      ...{ best_epoch, cifar10, demo, replication, training_set_size },
    })
  ) {
    const file = `../../notebooks/experiments/records/${name}.jsonl`;
    const known = await readRecords(new URL(file, import.meta.url));
    for (const experiment of experiments) {
      const planned = runsOf(experiment);
      const rows = planned.flatMap((run) =>
        known.get(run.id)?.rows.map((row) => runRow(row, run)) ?? []
      );
      assertEquals(groupRuns(rows).length, planned.length, experiment.name);
      const series = legendOf(trainingCurves(rows));
      const methods = new Set(planned.map(({ method }) => method));
      assert([...methods].every((method) => series.some((label) => label.startsWith(method))));
    }
  }
});
