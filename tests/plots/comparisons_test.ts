/** What may be said of rows: pairs by seed, Holm over a figure, and what figures and sentences make of it. */
import { assert, assertAlmostEquals, assertEquals, assertThrows } from "@std/assert";
import {
  ablationHeatmap,
  compareMethods,
  compareSettings,
  comparisonsTable,
  darkColors,
  describeComparison,
  errorReduction,
  fittedLabels,
  noiseByEpoch,
  type PlottedRow,
  resultsTable,
  toPng,
  toSvg,
  trainingCurves,
  wrongImages,
} from "../../lib/plots/mod.ts";
import { packBits } from "../../lib/metrics/mod.ts";
import { findings, pairedDifference } from "../../lib/statistics/mod.ts";

/** Settings of a run, beside what every made-up run has. */
type Settings = Readonly<Record<string, string | number | boolean>>;

/** A row of each seed, with these test errors. */
function runsOf(method: string, errors: readonly number[], settings: Settings = {}): PlottedRow[] {
  return errors.map((testError, seed) => ({
    ...{ dataset: "fashion_mnist", model: "wide_resnet_16_2", labelNoise: 0, epochs: 1 },
    ...{ trainLoss: 1, trainError: 0.5, testLoss: 1, testError, method, seed, epoch: 1 },
    rho: method === "SAM" ? 0.1 : 0,
    ...settings,
    run: JSON.stringify([method, seed, settings]),
  }));
}

const SGD = [0.2, 0.22, 0.21, 0.24, 0.2];
/** Lower than SGD by one point, nearly the same for each seed. */
const LOWER = [0.19, 0.211, 0.2, 0.229, 0.19];
/** Somewhere around SGD. */
const AROUND = [0.21, 0.21, 0.22, 0.23, 0.2];

Deno.test("runs are paired by seed, in whichever order they stand", () => {
  const rows = [...runsOf("SGD", SGD), ...runsOf("SAM", LOWER).reverse()];
  const [found] = compareMethods(rows);
  assertEquals(found!.finding.n, 5);
  assertEquals(found!.shared, "Fashion-MNIST, WRN-16-2, clean labels");
  assertEquals(found!.finding.interval, pairedDifference(SGD, LOWER).interval);
  assertEquals(
    describeComparison(found!),
    "SAM (ρ = 0.1) is lower than SGD by 1.0 points [0.9, 1.1], n = 5",
  );
});

Deno.test("seeds that only one of two has are in no pair, diverged runs neither", () => {
  const rows = [...runsOf("SGD", SGD.slice(0, 4)), ...runsOf("SAM", LOWER)]
    .map((row) => row.method === "SAM" && row.seed === 1 ? { ...row, testLoss: NaN } : row);
  const [found] = compareMethods(rows);
  assertEquals(found!.finding.n, 3);
  assertEquals(compareMethods([...runsOf("SGD", []), ...runsOf("SAM", LOWER)]), []);
});

Deno.test("all p-values of a figure are corrected together", () => {
  const rows = [...runsOf("SGD", SGD), ...runsOf("SAM", LOWER), ...runsOf("Mixup", AROUND)];
  const found = compareMethods(rows);
  assertEquals(
    found.map(({ finding }) => finding.correctedP),
    findings([pairedDifference(SGD, AROUND), pairedDifference(SGD, LOWER)])
      .map(({ correctedP }) => correctedP),
  );
  assertEquals(
    found.map(describeComparison)[0],
    "Mixup is not told apart from SGD: " +
      "0.0 points [−1.2, 1.2], n = 5",
  );
});

Deno.test("methods are compared under each condition, whatever else differs between conditions", () => {
  const conditions: Settings[] = [
    { augmentation: "none", batchAugmentation: "none", trainCount: 1000, learningRate: 0.1 },
    { augmentation: "basic", batchAugmentation: "none", trainCount: 1000, learningRate: 0.3 },
    { augmentation: "basic", batchAugmentation: "cutout", trainCount: 2000, learningRate: 0.3 },
  ];
  const rows = conditions.flatMap((settings) => [
    ...runsOf("SGD", SGD, settings),
    ...runsOf("SAM", LOWER, { ...settings, learningRate: 0.1 }),
  ]);
  assertEquals(
    compareMethods(rows).map(describeComparison),
    [
      "1,000 training images, no augmentation: SAM (ρ = 0.1)",
      "1,000 training images, flips and crops: SAM (ρ = 0.1)",
      "2,000 training images, cutout: SAM (ρ = 0.1)",
    ].map((start) => `${start} is lower than SGD by 1.0 points [0.9, 1.1], n = 5`),
  );
  assertEquals(
    resultsTable(rows).rows.map((row) => row[0])[2],
    "Fashion-MNIST, 1,000 training images, flips and crops",
  );
});

Deno.test("asymmetric noise is a condition of its own, clean labels have no kind", () => {
  const rows = ["symmetric", "asymmetric"].flatMap((labelNoiseKind) =>
    [0, 0.4].flatMap((labelNoise) => [
      ...runsOf("SGD", SGD, { labelNoise, labelNoiseKind }),
      ...runsOf("SAM", LOWER, { labelNoise, labelNoiseKind }),
    ])
  ).filter(({ labelNoise, ...row }) =>
    labelNoise > 0 || Object(row).labelNoiseKind === "symmetric"
  );
  assertEquals(compareMethods(rows).map(({ condition }) => condition), [
    "clean labels",
    "40 % label noise",
    "40 % asymmetric label noise",
  ]);
});

Deno.test("a setting's values are compared among runs that are alike otherwise", () => {
  const rows = [0.1, 0.3].flatMap((learningRate) => [
    ...runsOf("SAM", SGD, { learningRate, m: "none", groups: 1 }),
    ...runsOf("SAM", learningRate === 0.1 ? LOWER : AROUND, { learningRate, m: 5, groups: 5 }),
  ]);
  const found = compareSettings(rows, { entry: "m", from: "none", along: ["groups"] });
  assertEquals(found.map(describeComparison), [
    "SAM (ρ = 0.1, learning rate = 0.1): m = 5 is lower than none by 1.0 points [0.9, 1.1], n = 5",
    "SAM (ρ = 0.1, learning rate = 0.3): m = 5 is not told apart from none: " +
    "0.0 points [−1.2, 1.2], n = 5",
  ]);
  const label = (m: unknown) => m === "none" ? "the batch" : `groups of ${m}`;
  const named = compareSettings(rows, { entry: "m", from: "none", along: ["groups"], label });
  assert(describeComparison(named[0]!).includes("groups of 5 is lower than the batch by"));
  assertEquals(compareSettings(rows, { entry: "m", from: 7, along: ["groups"] }), []);
});

Deno.test("radii are compared, whatever their methods are called", () => {
  const rows = [...runsOf("SGD", SGD, { samRho: 0 }), ...runsOf("SAM", LOWER, { samRho: 0.1 })];
  assertEquals(compareSettings(rows, { entry: "rho", from: 0 }).map(describeComparison), [
    "ρ = 0.1 is lower than 0 by 1.0 points [0.9, 1.1], n = 5",
  ]);
});

Deno.test("runs of one setting with the same seed are refused", () => {
  const rows = [...runsOf("SGD", SGD), ...runsOf("SAM", LOWER)];
  const twice = rows.map((row) => ({ ...row, run: `${row.run} again`, nested: [1] }));
  assertThrows(
    () => compareMethods([...rows, ...twice]),
    RangeError,
    "Cannot pair the 10 runs of SAM (ρ = 0.1): they have 5 seeds",
  );
});

Deno.test("runs of different machines and of different precisions are no pairs", () => {
  const [here, there] = ["2 × A, AVX512_BF16, TensorFlow 2.21.0", "2 × A, AVX2, TensorFlow 2.21.0"];
  const on = (rows: PlottedRow[], trainedOn: string) => rows.map((row) => ({ ...row, trainedOn }));
  const rows = [...on(runsOf("SGD", SGD), here), ...on(runsOf("SAM", LOWER), there)];
  assertThrows(
    () => compareMethods(rows),
    RangeError,
    `with seed 0: they are of ${there} and of ${here}, where a seed is another draw`,
  );
  assertThrows(() => errorReduction(rows), RangeError, "where a seed is another draw");
  // Pairs of one machine each are pairs, and so is what nothing is known of.
  const both = ["SGD", "SAM"].flatMap((method) =>
    runsOf(method, method === "SGD" ? SGD : LOWER).map((row) => ({
      ...row,
      trainedOn: row.seed < 2 ? here : there,
    }))
  );
  assertEquals(compareMethods(both)[0]!.finding.n, 5);
  assertEquals(
    compareMethods([...runsOf("SGD", SGD), ...on(runsOf("SAM", LOWER), here)]).length,
    1,
  );

  const inPrecision = (method: string, errors: number[], precision: string) =>
    runsOf(method, errors, { precision });
  assertThrows(
    () =>
      compareMethods([
        ...inPrecision("SGD", SGD, "float32"),
        ...inPrecision("SAM", LOWER, "bfloat16"),
      ]),
    RangeError,
    "they are of bfloat16 and of float32",
  );
  const found = compareSettings(
    [...inPrecision("SAM", SGD, "float32"), ...inPrecision("SAM", LOWER, "bfloat16")],
    { entry: "precision", from: "float32" },
  );
  assertEquals(found[0]!.finding.verdict, "lower");
});

Deno.test("a sentence says how many runs diverged", () => {
  const rows = [...runsOf("SGD", SGD), ...runsOf("SAM", LOWER)]
    .map((row) => row.method === "SAM" && row.seed < 2 ? { ...row, testLoss: NaN } : row);
  assertEquals(
    compareMethods(rows).map(describeComparison),
    [
      "SAM (ρ = 0.1) is lower than SGD by 1.0 points [0.9, 1.2], n = 3 (2 of 10 runs diverged and are " +
      "left out)",
    ],
  );
});

Deno.test("where runs keep which images they got right, seeds and images are resampled", () => {
  const rows = [...runsOf("SGD", [0.5, 0.5]), ...runsOf("SAM", [0.25, 0.25])];
  const right = (bits: readonly boolean[]) => ({ result: { testRight: packBits(bits) } });
  const records = new Map(rows.map(({ run, method }) => [
    run!,
    right(method === "SGD" ? [true, false, false, true] : [true, true, false, true]),
  ]));
  const [found] = compareMethods(rows, { wrongImages: wrongImages(records) });
  assertAlmostEquals(found!.resampled!.value, -0.25, 1e-12);
  const table = comparisonsTable([found!]);
  assert(table.columns.includes("Seeds and images") && table.caption.includes("drawn anew"));
  records.delete(rows[0]!.run!);
  const [unknown] = compareMethods(rows, { wrongImages: wrongImages(records) });
  assertEquals(unknown!.resampled, undefined);
  assert(!comparisonsTable([unknown!]).columns.includes("Seeds and images"));
});

Deno.test("a comparison's table has both errors, the reduction and the corrected p", () => {
  const rows = [...runsOf("SGD", SGD), ...runsOf("SAM", LOWER)];
  const { columns, rows: [row] } = comparisonsTable(compareMethods(rows));
  const cells = Object.fromEntries(columns.map((column, i) => [column, row![i]]));
  assertEquals(cells, {
    "Setting": "SAM (ρ = 0.1)",
    "Beside": "SGD",
    "Errors, %": "20.4 ± 2.0 and 21.4 ± 2.1",
    "Difference": "−1.0 [−1.1, −0.9]",
    "Reduction": "5 % [4, 5]",
    "Pairs": 5,
    "p": "< 0.001",
    "The error is": "lower",
  });
});

Deno.test("only reductions that are told apart are emphasised", () => {
  const methods = ["a", "b", "c", "d", "e", "f"];
  const rows = [
    ...runsOf("SGD", SGD),
    ...runsOf("SAM", LOWER),
    // Alone each would do; beside all others none does.
    ...methods.flatMap((method) => runsOf(method, [0.19, 0.218, 0.206, 0.233, 0.197])),
  ];
  const spec = JSON.stringify(errorReduction(rows));
  const said = (series: string) =>
    new RegExp(`"series":"${series}"[^}]*"said":"([^"]*)"`).exec(spec)?.[1];
  assertEquals([said("SAM"), said("a"), said("SGD")], ["told apart", "not told apart", undefined]);
  assert(pairedDifference(SGD, [0.19, 0.218, 0.206, 0.233, 0.197]).p! < 0.05);
  assert(String(errorReduction(rows).description).includes("(not told apart)"));
});

Deno.test("labels of the forest say size, length and augmentation, ours and the published ones", async () => {
  const settings = { trainCount: 2000, augmentation: "basic" };
  const rows = [
    ...runsOf("SGD", SGD, { ...settings, epochs: 60 }),
    ...runsOf("SAM", LOWER, { ...settings, epochs: 60 }),
    ...runsOf("SGD, twice the epochs", AROUND, { ...settings, epochs: 120 }),
  ];
  const errors = ["SGD", "SAM"].map((method) => ({
    ...{ dataset: "cifar10", model: "WRN-28-10", method, rho: method === "SAM" ? 0.1 : 0 },
    ...{ testError: 0.03, details: ["50,000 training images", "200 epochs"] },
  }));
  const spec = errorReduction(rows, { published: { source: "x", errors } });
  const svg = await toSvg(spec);
  for (
    const text of [
      ...["Fashion-MNIST", "WRN-16-2, 60 epochs", "2,000 training images", "flips and crops"],
      ...["CIFAR-10", "WRN-28-10", "50,000 training images", "200 epochs"],
    ]
  ) assert(svg.includes(text), text);
  const out = Deno.env.get("PLOTS_OUT");
  if (out) await Deno.writeFile(`${out}/forest_labels.png`, await toPng(svg));
});

Deno.test("labels of the forest say of which lanes the labels are true, where others have wrong ones", () => {
  const groups = (noises: readonly number[]) => {
    const rows = noises.flatMap((labelNoise) => [
      ...runsOf("SGD", SGD, { labelNoise }),
      ...runsOf("SAM", LOWER, { labelNoise }),
    ]);
    const axis = Object(errorReduction(rows)).vconcat[0].hconcat[0].layer[0].encoding.y;
    return (axis.scale.domain as string[]).map((group) => group.split("\n").at(-1));
  };
  assertEquals(groups([0, 0.4]), ["clean labels", "40 % label noise"]);
  assertEquals(groups([0]), ["WRN-16-2, 1 epoch"]);
});

Deno.test("a map colours what is told apart from the first cell of its row, and nothing else", () => {
  const rows = ["one", "two"].flatMap((decay) => [
    ...runsOf("SGD", SGD, { decay, samRho: 0 }),
    ...runsOf("SAM", decay === "one" ? LOWER : AROUND, { decay, samRho: 0.1 }),
  ]).map((row) => ({ ...row, run: row.run! }));
  const spec = ablationHeatmap(rows, {
    x: { field: "samRho", title: "ρ" },
    y: { field: "decay", title: "Decay" },
  });
  const cells = Object(spec).data.values as {
    x: string;
    y: string;
    choice: string;
    told: number;
  }[];
  const told = cells.filter(({ choice }) => choice === "last").map((
    { x, y, told },
  ) => [y, x, told]);
  assertEquals(told, [["one", "0", 0], ["one", "0.1", -1], ["two", "0", 0], ["two", "0.1", 0]]);
  assert(String(spec.description).includes("0.1 and one, lower by 1.0 points"));
});

/** Runs of two epochs, of which the first has the lower error. */
function followed(rows: readonly PlottedRow[]) {
  return rows.flatMap((row) =>
    [0.01, 0].map((less, index) => ({
      ...row,
      run: row.run!,
      epoch: index + 1,
      testError: row.testError! - less,
    }))
  );
}

Deno.test("nothing is told apart by the epoch that test images have chosen", () => {
  const rows = followed([...runsOf("SGD", SGD), ...runsOf("SAM", LOWER)]);
  const [best] = compareMethods(rows, { epoch: "best" });
  assertEquals(best!.finding, { value: best!.finding.value, n: 5, verdict: "not told apart" });
  assertEquals(best!.reduction?.interval, undefined);
  assertEquals(compareMethods(rows)[0]!.finding.verdict, "lower");
  assert(!JSON.stringify(errorReduction(rows, { epoch: "best" })).includes('"told apart"'));
});

Deno.test("a map of runs with one evaluation has no epoch to choose, one of more concludes from the last", () => {
  const rows = ["one", "two"].flatMap((decay) => [
    ...runsOf("SGD", SGD, { decay, samRho: 0 }),
    ...runsOf("SAM", LOWER, { decay, samRho: 0.1 }),
  ]).map((row) => ({ ...row, run: row.run! }));
  const axes = { x: { field: "samRho", title: "ρ" }, y: { field: "decay", title: "Decay" } };
  const single = Object(ablationHeatmap(rows, axes));
  assertEquals([single.params, single.transform], [undefined, undefined]);
  assertEquals(single.data.values.length, 4);
  const several = Object(ablationHeatmap(followed(rows), axes));
  assertEquals(several.params.length, 1);
  const told = (choice: string) =>
    several.data.values.filter((cell: { choice: string }) => cell.choice === choice)
      .map(({ told, finding }: { told: number; finding: string }) => [told, finding]);
  const lower = [-1, "lower by 1.0 points [0.9, 1.1], n = 5"];
  assertEquals(told("last"), [[0, "–"], lower, [0, "–"], lower]);
  assertEquals(told("best"), Array(4).fill([0, "–"]));
});

Deno.test("the error axis of the forest is as long as its errors, not as the way to 0", () => {
  const axis = Object(errorReduction([...runsOf("SGD", SGD), ...runsOf("SAM", LOWER)]))
    .vconcat[0].hconcat[0].layer[0].encoding.x;
  const [from, to] = axis.scale.domain;
  assert(from > 15 && from < 19 && to > 24 && to < 28, `${from} to ${to}`);
});

Deno.test("a run whose loss leapt once does not flatten the curves of all", () => {
  const losses = (leap: number) =>
    [1, 2, 3, 4, 5].flatMap((epoch) =>
      runsOf("SGD", SGD).map((row) => ({
        ...row,
        epoch,
        testLoss: epoch === 2 && row.seed === 0 ? leap : 1,
      }))
    );
  const end = (rows: PlottedRow[]) =>
    Object(trainingCurves(rows)).vconcat[0].hconcat[0].layer[0].encoding.y.scale.domain[1];
  assert(end(losses(1)) < 2);
  // The mean leaps to 8.8, the band to 40.
  assert(end(losses(40)) < 14, `${end(losses(40))}`);
});

Deno.test("training curves say where the training error is measured", () => {
  const rows = [
    ...runsOf("SGD", SGD),
    ...runsOf("SAM", LOWER),
    ...runsOf("Mixup", AROUND, { batchAugmentation: "mixup" }),
  ];
  const subtitle = (rows: readonly PlottedRow[]) =>
    Object(trainingCurves(rows).title).subtitle.join(" ") as string;
  assert(
    subtitle(rows).includes(
      "Training curves: means over the steps, SAM's at w + ε(w), of mixed images where a method",
    ),
  );
  assert(subtitle(runsOf("SGD", SGD)).endsWith("Training curves: means over the steps"));
  const evaluated = rows.map((row) => ({ ...row, evalOnTrainLoss: 0.1, evalOnTrainError: 0.05 }));
  assert(subtitle(evaluated).includes("Training set: evaluated at w, without augmentation"));
  assert(String(trainingCurves(evaluated).description).includes("SAM: training error 5.0 %"));
  const partly = evaluated.map((row, i) => i === 0 ? rows[0]! : row);
  assert(subtitle(partly).includes("means over the steps"));
});

Deno.test("fitted labels are shares of the training set, by what is true and what is wrong", async () => {
  const fits = { labelNoise: 0.4, evalOnTrueLabelsError: 0.01, evalOnWrongLabelsError: 0.25 };
  const rows = [...runsOf("SGD", SGD, fits), ...runsOf("SAM", LOWER)];
  const spec = fittedLabels(rows);
  assert(
    String(spec.description).endsWith(
      "SGD: 99.0 % of the true labels, 75.0 % of the wrong ones.",
    ),
  );
  await toSvg(spec);
  assertThrows(() => fittedLabels(runsOf("SGD", SGD)), RangeError, "evaluateTrainingSet");
});

Deno.test("the slider of noise by epoch has a value at every stop", () => {
  const rows = [["SGD", [4, 8]], ["SGD, twice the epochs", [4, 8, 12, 16]]] as const;
  const points = rows.flatMap(([method, epochs]) =>
    epochs.flatMap((epoch) =>
      runsOf(method, SGD).map((row) => ({ ...row, epoch, testError: row.testError! / epoch }))
    )
  );
  const spec = Object(noiseByEpoch(points));
  assertEquals([spec.params[0].bind.min, spec.params[0].bind.step, spec.params[0].value], [
    4,
    4,
    16,
  ]);
  const shown = spec.data.values as { series: string; epoch: number; error: number }[];
  assertEquals(shown.map(({ series, epoch }) => `${series} ${epoch}`).sort(), [
    ...[12, 16, 4, 8].map((epoch) => `SGD ${epoch}`),
    ...[12, 16, 4, 8].map((epoch) => `SGD, twice the epochs ${epoch}`),
  ]);
  const sgd = shown.filter(({ series }) => series === "SGD").map(({ error }) => error);
  assertEquals(sgd[2], sgd[1]);
  assert(spec.title.subtitle.join(" ").includes("Shorter runs stay where they ended"));
});

Deno.test("the figures of a map can be read on every colour, on light and on dark screens", () => {
  const rows = [...runsOf("SGD", SGD, { samRho: 0 }), ...runsOf("SAM", LOWER, { samRho: 0.1 })]
    .map((row) => ({ ...row, decay: 0, run: row.run! }));
  const axes = { x: { field: "samRho", title: "ρ" }, y: { field: "decay", title: "Decay" } };
  const [cells, texts] = Object(ablationHeatmap(rows, axes)).layer;
  const [lower, middle, higher] = cells.encoding.color.scale.range as string[];
  const { condition: { test, value: strong }, value: weak } = texts.encoding.color;
  assertEquals(test, "abs(datum.told) > 0.5");
  const dark = darkColors();
  for (const on of [(color: string) => color, (color: string) => dark[color] ?? color]) {
    for (const end of [lower!, higher!]) {
      for (const share of [0.1, 0.3, 0.5, 0.51, 0.7, 1]) {
        const cell = mixed(on(middle!), on(end), share);
        const found = contrast(cell, channels(on(share > 0.5 ? strong : weak)));
        assert(found > 3.4, `${found} on ${share} of ${on(end)}`);
      }
    }
  }
});

function channels(color: string): number[] {
  return [1, 3, 5].map((i) => parseInt(color.slice(i, i + 2), 16));
}

function mixed(from: string, to: string, share: number): number[] {
  const ends = channels(to);
  return channels(from).map((value, i) => value + share * (ends[i]! - value));
}

/** As the Web Content Accessibility Guidelines 2.2 define it. */
function contrast(first: readonly number[], second: readonly number[]): number {
  const luminance = (color: readonly number[]) => {
    const [red, green, blue] = color.map((value) => value / 255).map((share) =>
      share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
    );
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const [dark, light] = [luminance(first), luminance(second)].sort((a, b) => a - b);
  return (light! + 0.05) / (dark! + 0.05);
}
