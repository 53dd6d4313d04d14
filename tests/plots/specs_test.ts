// The specs of made-up runs, kept in tests/goldens/plots. After a wanted change, make them anew and
// look at the pictures, which are then written to the folder that PLOTS_OUT names:
// UPDATE_GOLDENS=1 PLOTS_OUT=runs/plots deno test -A tests/plots/specs_test.ts
import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import type { TopLevelSpec } from "vega-lite";
import {
  ablationHeatmap,
  compareMethods,
  curveExplorer,
  errorBySetting,
  errorRateReductions,
  errorReduction,
  noiseByEpoch,
  noiseRobustness,
  toPng,
  toSvg,
  trainingCurves,
} from "../../lib/plots/mod.ts";
import type { EpochRow } from "../../lib/metrics/rows.ts";
import { diverge, syntheticRows } from "./_synthetic_rows.ts";

const radii = [
  { method: "SAM", rho: 0.2 },
  { method: "SGD", rho: 0 },
  { method: "SAM", rho: 0.05 },
];
const published = {
  source: "a made-up paper",
  errors: [
    { dataset: "made-up", model: "WRN-28-10", method: "SGD", rho: 0, testError: 0.04 },
    { dataset: "made-up", model: "WRN-28-10", method: "SAM", rho: 0.1, testError: 0.03 },
  ],
};
const noisy = syntheticRows({ noises: [0, 0.4], epochs: 6 });
const oneLost = diverge(noisy, { method: "SAM", labelNoise: 0.4, seed: 1 }, 4);
const allLost = diverge(noisy, { method: "SAM", labelNoise: 0.4 }, 4);
const tiny = syntheticRows({ seeds: 1, epochs: 1 });
const configured = syntheticRows({ methods: radii, noises: [0, 0.4], epochs: 6 })
  .map((row) => ({ ...row, run: `${row.rho} ${row.labelNoise} ${row.seed}` }));
const heatmap = {
  x: {
    field: "rho",
    title: "ρ",
    label: (rho: number | string) => rho === 0 ? "0 (SGD)" : `${rho}`,
  },
  y: { field: "labelNoise", title: "Wrong labels" },
};
const cellLost = diverge(configured, { method: "SGD", labelNoise: 0.4 }, 4)
  .map((row) => ({ ...row, run: `${row.rho} ${row.labelNoise} ${row.seed}` }));

const sized = bySize([1000, 2000, 5000], noisy);
const sizedLost = sized.map((row) =>
  row.method === "SAM" && row.seed === 1 && row.trainCount === 2000 && row.epoch >= 4
    ? { ...row, testLoss: NaN }
    : row
);

/** Made-up runs with as many training images each: the more, the lower the error. */
function bySize(sizes: readonly number[], rows: readonly EpochRow[]) {
  return sizes.flatMap((trainCount, i) =>
    rows.map((row) => ({
      ...row,
      trainCount,
      run: `${row.method} ${row.labelNoise} ${row.seed} ${trainCount}`,
      testError: row.testError! / (1 + i / 2),
    }))
  );
}

/** Each figure with texts that its picture must hold. */
const figures: Record<string, [spec: TopLevelSpec, texts: string[]]> = {
  training_curves: [
    trainingCurves(noisy),
    ["Epoch", "Error, %", "Loss (cross-entropy)", "40 % label noise", "Mean of 3 seeds", "SAM"],
  ],
  training_curves_diverged: [trainingCurves(oneLost), ["1 of 12 runs diverged (×)"]],
  training_curves_tiny: [trainingCurves(tiny), ["1 seed, hence no interval", "train", "test"]],
  error_reduction: [
    errorReduction(syntheticRows({ datasets: ["one", "two"], epochs: 6 }), { published }),
    ["Measured here", "Published: a made-up paper; not measured here", "25 %", "baseline", "±"],
  ],
  error_reduction_diverged: [errorReduction(allLost), ["diverged", "3 of 12 runs diverged (×)"]],
  error_reduction_tiny: [errorReduction(tiny, { epoch: "best" }), ["Best epoch (chosen on the"]],
  noise_robustness: [
    noiseRobustness(syntheticRows({ noises: [0, 0.2, 0.8], methods: radii, epochs: 6 })),
    ["Last epoch", "Best epoch (chosen on the test set)", "SAM, ρ = 0.05", ">20<"],
  ],
  noise_robustness_diverged: [noiseRobustness(oneLost), ["1 of 12 runs diverged (×)"]],
  ablation_heatmap: [
    ablationHeatmap(configured, heatmap),
    ["0 (SGD)", "0.2", "Wrong labels", "Test error, %", "±"],
  ],
  ablation_heatmap_diverged: [ablationHeatmap(cellLost, heatmap), ["diverged"]],
  noise_by_epoch: [
    noiseByEpoch(syntheticRows({ noises: [0, 0.2, 0.8], methods: radii, epochs: 6 })),
    ["Wrong training labels, %", "SAM, ρ = 0.05", "Move the slider"],
  ],
  curve_explorer: [curveExplorer(oneLost), ["Drag over the lower chart", "Epoch", "SAM"]],
  error_by_setting: [
    errorBySetting(sized, { entry: "trainCount", scale: "log", baseline: "SGD" }),
    [
      "Training images",
      "1,000",
      "2,000",
      "5,000",
      "SAM (ρ = 0.1)",
      "Hollow: not told apart from SGD",
    ],
  ],
  error_by_setting_diverged: [
    errorBySetting(sizedLost, { entry: "trainCount", title: "By size" }),
    ["By size", ">2,000<", "2 of 36 runs diverged (×)"],
  ],
  error_rate_reductions: [
    errorRateReductions(compareMethods(sized), { published }),
    ["Measured here", "Published: a made-up paper; not measured here", "1 setting, 25 %"],
  ],
  error_by_setting_tiny: [
    errorBySetting(bySize([50, 80], tiny), { entry: "trainCount", axisTitle: "Images" }),
    ["1 seed, hence no interval", "Images", "Test error against images"],
  ],
  noise_robustness_tiny: [noiseRobustness(tiny), ["1 seed, hence no interval"]],
};

const out = Deno.env.get("PLOTS_OUT");

for (const [name, [spec, texts]] of Object.entries(figures)) {
  Deno.test(`${name}: spec as committed`, async () => {
    const golden = new URL(`../goldens/plots/${name}.json`, import.meta.url);
    const json = JSON.stringify(spec, null, 1) + "\n";
    if (Deno.env.has("UPDATE_GOLDENS")) await Deno.writeTextFile(golden, json);
    assertEquals(JSON.parse(json), JSON.parse(await Deno.readTextFile(golden)));
  });

  Deno.test(`${name}: drawn without a warning, with its texts`, async () => {
    const svg = await toSvg(spec);
    for (const text of [...texts, String(spec.description).split(",")[0]!]) {
      assertStringIncludes(svg, text);
    }
    assert(!/NaN|undefined|Infinity/.test(svg), "The picture holds a value that is none");
    if (out) {
      await Deno.mkdir(out, { recursive: true });
      await Deno.writeFile(`${out}/${name}.png`, await toPng(svg));
    }
  });
}

Deno.test("each method and split has its line, each panel its axes", async () => {
  const svg = await toSvg(trainingCurves(noisy));
  const marks = (role: string) => svg.split(`aria-roledescription="${role}"`).length - 1;
  // 2 conditions × 2 metrics × 2 methods × 2 splits.
  assertEquals(marks("line mark"), 16);
  assertEquals(marks("area mark"), 16);
  assertEquals(marks("axis"), 8);
});

Deno.test("a diverged run is drawn by itself and leaves the mean alone", () => {
  const curves = (spec: TopLevelSpec) => Object(spec).datasets;
  const { curves: means, diverged } = curves(trainingCurves(oneLost));
  const at = (epoch: number) =>
    means.find((one: Record<string, unknown>) =>
      one.epoch === epoch && one.series === "SAM" && one.split === "test" &&
      String(one.condition).includes("0.4")
    );
  assertEquals([at(1).seeds, at(6).seeds], [2, 2]);
  assertEquals(diverged.length, 6);
  assertEquals(
    diverged.filter((one: { end: boolean }) => one.end).map((one: { epoch: number }) => one.epoch),
    [3, 3],
  );
});

Deno.test("runs that diverged in the first epoch are told in words", async () => {
  const rows = diverge(noisy, {}, 1);
  for (const figure of [trainingCurves, errorReduction, noiseRobustness]) {
    const svg = await toSvg(figure(rows));
    assertStringIncludes(
      svg,
      "12 of 12 runs diverged (×) and are in no mean, 12 in the first epoch",
    );
  }
});

Deno.test("a run that exploded before it diverged does not flatten the others", () => {
  const rows = oneLost.map((row) =>
    row.seed === 1 && row.epoch === 3 && row.labelNoise > 0 && row.method === "SAM"
      ? { ...row, trainLoss: 1e30 }
      : row
  );
  const domains = [...JSON.stringify(trainingCurves(rows)).matchAll(/"domain":\[0,([\d.e+]+)\]/g)];
  assert(domains.every(([, end]) => Number(end) < 200));
});

Deno.test("runs of different length are told", async () => {
  const rows = noisy.filter((row) => row.seed !== 0 || row.epoch < 5);
  for (const figure of [trainingCurves, errorReduction, noiseRobustness]) {
    assertStringIncludes(await toSvg(figure(rows)), "differ in length: 4 to 6 epochs");
  }
});

Deno.test("one method is enough for curves and noise, not for a comparison", async () => {
  const rows = syntheticRows({ methods: [{ method: "SAM", rho: 0.1 }], epochs: 3 });
  await toSvg(trainingCurves(rows));
  await toSvg(noiseRobustness(rows));
  assertThrows(() => errorReduction(rows), RangeError, "Cannot compare SAM with SGD");
  assertThrows(() => errorReduction(rows, { baseline: "SAM" }), RangeError, "another method");
});

Deno.test("a method that is missing under one condition is missing there only", async () => {
  const rows = syntheticRows({ datasets: ["one", "two"], epochs: 3 })
    .filter((row) => row.dataset === "one" || row.method === "SAM");
  const spec = errorReduction(rows);
  assertStringIncludes(String(spec.description), "two, WRN-10-1, SAM");
  await toSvg(spec);
});

Deno.test("no rows, percentages and impossible published numbers are refused", () => {
  for (const figure of [trainingCurves, errorReduction, noiseRobustness]) {
    assertThrows(() => figure([]), RangeError, "Cannot plot 0 rows");
  }
  const errors = [{ ...published.errors[0]!, testError: 4 }];
  assertThrows(
    () => errorReduction(noisy, { published: { source: "x", errors } }),
    RangeError,
    "the published error 4",
  );
});

Deno.test("published numbers are compared with the baseline of their own data set and model", () => {
  const error = (dataset: string, model: string, method: string, testError: number) => ({
    ...{ dataset, model, method, testError, rho: method === "SGD" ? 0 : 0.1 },
  });
  const errors = [
    error("one", "a", "SGD", 0.5),
    error("one", "b", "SGD", 0.2),
    error("two", "b", "SGD", 0.4),
    error("one", "b", "SAM", 0.1),
    error("two", "b", "SAM", 0.1),
  ];
  const spec = JSON.stringify(errorReduction(noisy, { published: { source: "x", errors } }));
  const found = spec.matchAll(/"group":"(one|two)\\n(a|b)",[^}]*"reductionText":"([^"]*)"/g);
  const texts = Array.from(found, ([, dataset, model, text]) => `${dataset} ${model} ${text}`);
  assertEquals([...new Set(texts)].sort(), [
    "one a baseline",
    "one b 50 %",
    "one b baseline",
    "two b 75 %",
    "two b baseline",
  ]);
});

/** Runs of SGD and SAM whose test errors, epoch by epoch, are these for each seed. */
const withErrors = (...seeds: readonly (readonly number[])[]): EpochRow[] =>
  ["SGD", "SAM"].flatMap((method) =>
    seeds.flatMap((errors, seed) =>
      errors.map((testError, i) => ({
        ...{ ...tiny[0]!, method, rho: method === "SGD" ? 0 : 0.1 },
        ...{ seed, epoch: i + 1, testError },
      }))
    )
  );

Deno.test("the errors compared are the chosen epoch's, the last if none is", () => {
  const rows = withErrors([0.1, 0.2], [0.1, 0.2]);
  const described = (options?: Parameters<typeof errorReduction>[1]) =>
    String(errorReduction(rows, options).description);
  assertStringIncludes(described(), "SGD: 20.00 ± 0.00; ");
  assertStringIncludes(described({ epoch: "best" }), "SGD: 10.00 ± 0.00; ");
});

Deno.test("intervals end at 0 and at 100 %", () => {
  for (const errors of [[0, 0.1], [0.9, 1]]) {
    const rows = withErrors(...errors.map((error) => [error]));
    for (const spec of [errorReduction(rows), noiseRobustness(rows)]) {
      const ends = [...JSON.stringify(spec).matchAll(/"(?:low|high)":([-\d.]+)/g)];
      assert(ends.length > 0);
      for (const [, end] of ends) assert(Number(end) >= 0 && Number(end) <= 100, end);
    }
  }
});

Deno.test("noise by epoch is a mean of the runs that did not diverge", () => {
  const points = (rows: readonly EpochRow[]) => {
    const { data, params } = Object(noiseByEpoch(rows));
    return { values: data.values as { seeds: number; epoch: number }[], bind: params[0].bind };
  };
  const whole = points(noisy);
  assertEquals([whole.bind.max, new Set(whole.values.map(({ seeds }) => seeds))], [
    6,
    new Set([3]),
  ]);
  assertEquals(points(oneLost).values.map(({ seeds }) => seeds).filter((n) => n === 2).length, 6);
  assertThrows(() => noiseByEpoch(diverge(noisy, {}, 1)), RangeError, "every run diverged");
});

Deno.test("rows are left as they were", () => {
  const rows = Object.freeze(noisy.map((row) => Object.freeze({ ...row })));
  for (const figure of [trainingCurves, errorReduction, noiseRobustness]) figure(rows);
});
