import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { swarmLevels } from "../../lib/plots/_swarm.ts";
import {
  compareMethods,
  errorRateReductions,
  type PublishedError,
  toSvg,
} from "../../lib/plots/mod.ts";
import { diverge, syntheticRows } from "./_synthetic_rows.ts";

/** SAM's errors are half of SGD's on "one", and nearly the same on "two". */
const rows = syntheticRows({ datasets: ["one", "two"], epochs: 2 }).map((row, _, all) => {
  const base = all.find((one) =>
    one.method === "SGD" && one.dataset === row.dataset && one.seed === row.seed &&
    one.epoch === row.epoch
  )!;
  if (row.method === "SGD") return row;
  const factor = row.dataset === "one" ? 0.5 : 1 + (row.seed - 1) / 10;
  return { ...row, testError: base.testError! * factor };
});
const comparisons = compareMethods(rows);

const published = (dataset: string, sgd: number, sam: number, more = {}): PublishedError[] =>
  [["SGD", sgd], ["SAM", sam]].map(([method, testError]) => ({
    ...{ dataset, model: "big", rho: 0, augmentation: "basic", epochs: 200 },
    ...{ method: method as string, testError: testError as number, ...more },
  }));
const paper = (errors: PublishedError[]) => ({ published: { source: "a paper", errors } });

/** The marks of a kind in a block. */
// deno-lint-ignore no-explicit-any
function values(spec: unknown, block: number, mark: (mark: any) => boolean): any[] {
  // deno-lint-ignore no-explicit-any
  const layers = Object(spec).vconcat[block].layer as any[];
  return layers.filter((layer) => mark(layer.mark)).flatMap(({ data }) => data.values);
}

Deno.test("reductions: what is told apart is solid, the rest hollow, both with intervals", () => {
  const spec = errorRateReductions(comparisons);
  const points = (filled: boolean) =>
    values(spec, 0, (mark) => mark.shape === "circle" && mark.filled === filled);
  assertEquals(points(true).map(({ dataset, text }) => [dataset, text.split(" [")[0]]), [
    ["one", "50.0 %"],
  ]);
  assertEquals(points(false).map(({ dataset }) => dataset), ["two"]);
  for (const { low, high, reduction } of [...points(true), ...points(false)]) {
    assert(low <= reduction && reduction <= high);
  }
});

Deno.test("reductions: of published errors those pair that are of the same augmentation and epochs", () => {
  const errors = [
    ...published("cifar10", 0.04, 0.03),
    ...published("cifar10", 0.02, 0.01, { augmentation: "cutout" }),
    ...published("cifar10", 0.05, 0.06, { epochs: 1800 }),
    ...published("svhn", 0.02, 0.01, { epochs: undefined }),
  ];
  const spec = errorRateReductions(comparisons, paper(errors));
  const found = values(spec, 1, ({ shape }) => shape === "diamond");
  assertEquals(found.map(({ reduction }) => reduction), [25, 50, -20, 50]);
  assertEquals(found[0].errors, "SGD 4.00 %, SAM 3.00 %");
  assertStringIncludes(
    String(spec.description),
    "CIFAR-10: 3 settings, median 25 %; SVHN: 1 setting",
  );
});

Deno.test("reductions: no published point hides another", () => {
  const errors = Array.from(
    { length: 12 },
    (_, i) => published("cifar10", 0.04, 0.03 + 0.0001 * (i % 3), { model: `net ${i}` }),
  ).flat();
  const spec = errorRateReductions(comparisons, paper(errors));
  const places = values(spec, 1, ({ shape }) => shape === "diamond")
    .map(({ reduction, y }) => `${reduction} ${y}`);
  assertEquals(new Set(places).size, 12);
});

Deno.test("a swarm keeps points of one level apart, and is as narrow as that allows", () => {
  assertEquals(swarmLevels([0, 0, 0, 5, 10], 10), [0, -1, 1, -2, 0]);
  assertEquals(swarmLevels([30, 0, 15], 10), [0, 0, 0]);
  assertEquals(swarmLevels([], 10), []);
});

Deno.test("reductions: labels name what differs, and lines of long ones have room", async () => {
  const sized = ["none", "basic"].flatMap((augmentation, i) =>
    rows.map((row) => ({
      ...{ ...row, augmentation, trainCount: 1000 * (i + 1), epochs: 40 },
      run: JSON.stringify([row.dataset, row.method, row.seed, augmentation]),
    }))
  );
  const spec = errorRateReductions(compareMethods(sized));
  assertStringIncludes(
    String(spec.description),
    "one, no augmentation, 1,000 training images: 50.0",
  );
  const svg = await toSvg(spec);
  assertStringIncludes(svg, "flips and crops, 2,000 training images");
  assert(Number(/<svg [^>]*width="([\d.]+)"/.exec(svg)![1]) < 720);
});

Deno.test("reductions: diverged runs are told in words", async () => {
  const spec = errorRateReductions(compareMethods(diverge(rows, { method: "SAM", seed: 0 }, 2)));
  assertStringIncludes(await toSvg(spec), "2 of 12 runs diverged and are in no pair");
});

Deno.test("reductions: what gives none is refused", () => {
  const refused = (errors: PublishedError[], message: string) =>
    assertThrows(() => errorRateReductions(comparisons, paper(errors)), RangeError, message);
  assertThrows(() => errorRateReductions([]), RangeError, "Cannot plot 0 comparisons");
  refused(published("svhn", 0.02, 2), "the published error 2");
  refused(published("svhn", 0.02, 0.01).slice(1), "of SAM on svhn with big: there is none of SGD");
  refused(published("svhn", 0.02, 0.01).slice(0, 1), "no published error is one of SAM");
});
