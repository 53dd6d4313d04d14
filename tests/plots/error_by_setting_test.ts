import { assert, assertEquals, assertStringIncludes, assertThrows } from "@std/assert";
import { axisRange } from "../../lib/plots/_axis_range.ts";
import { placesOf } from "../../lib/plots/_places.ts";
import { errorBySetting, type PlottedRow, toSvg } from "../../lib/plots/mod.ts";
import { syntheticRows } from "./_synthetic_rows.ts";

const methods = [{ method: "SGD", rho: 0 }, { method: "SGD, twice the epochs", rho: 0 }]
  .concat({ method: "SAM", rho: 0.05 });

/** Made-up runs, once for each size, of errors that fall with it. */
const rows = [5000, 1000, 2000].flatMap((trainCount) =>
  syntheticRows({ methods, epochs: 2 }).map((row): PlottedRow & { trainCount: number } => ({
    ...row,
    trainCount,
    run: JSON.stringify([row.method, row.rho, row.seed, trainCount]),
    testError: row.testError! * 1000 / trainCount,
  }))
);
const bySize = (changed: readonly PlottedRow[] = rows, options = {}) =>
  errorBySetting(changed, { entry: "trainCount", scale: "log", ...options });

/** The layers of the first panel. */
function layersOf(spec: unknown) {
  return Object(spec).vconcat[0].hconcat[0].layer as {
    mark: { type: string; filled?: boolean };
    data: { values: { series: string; at: number; place: number; error: number }[] };
    // deno-lint-ignore no-explicit-any
    encoding: any;
  }[];
}

Deno.test("error by setting: ticks are the values, ascending, on the scale that is asked for", () => {
  for (const scale of ["log", "linear"] as const) {
    const { x } = layersOf(bySize(rows, { scale }))[0]!.encoding;
    assertEquals(x.axis.values, [1000, 2000, 5000]);
    assertEquals(x.scale.type ?? "linear", scale);
  }
});

Deno.test("error by setting: every method has one line over all values, and its name in sentences", () => {
  const [line] = layersOf(bySize());
  const lines = Map.groupBy(line!.data.values, ({ series }) => series);
  assertEquals([...lines.keys()], ["SGD", "SGD (twice the epochs)", "SAM (ρ = 0.05)"]);
  for (const means of lines.values()) {
    assertEquals(means.map(({ at }) => at), [1000, 2000, 5000]);
  }
});

Deno.test("error by setting: the last epoch counts, and a mean is of one value's seeds", () => {
  const last = rows.filter((row) => row.epoch === 2 && row.method === "SAM");
  const mean = (trainCount: number) => {
    const errors = last.flatMap((row) => row.trainCount === trainCount ? row.testError! : []);
    return (100 * errors.reduce((sum, one) => sum + one, 0) / errors.length).toFixed(2);
  };
  const words = String(bySize().description).split("SAM (ρ = 0.05): ")[1];
  for (const size of [1000, 2000, 5000]) {
    assert(new RegExp(`${mean(size)} ± [\\d.]+ at ${size.toLocaleString("en")}`).test(words!));
  }
});

Deno.test("error by setting: marks at one value stand side by side, as far apart at each", () => {
  const series = ["a", "b", "c"].map((label) => ({ label })) as never;
  for (const scale of ["log", "linear"] as const) {
    const values = scale === "log" ? [1000, 2000, 5000] : [1, 2, 5];
    const { domain, place } = placesOf({ title: "", values, scale }, series, 500);
    const pixels = (at: number, label: string) => {
      const ahead = scale === "log" ? Math.log10 : (x: number) => x;
      const [start, end, here] = [...domain, place(at, label)].map(ahead);
      return 500 * (here! - start!) / (end! - start!);
    };
    for (const at of values) {
      const [a, b, c] = ["a", "b", "c"].map((label) => pixels(at, label));
      assert(Math.abs(b! - a! - 13) < 0.1 && Math.abs(c! - b! - 13) < 0.1, `${a} ${b} ${c}`);
      assertEquals(place(at, "b"), at);
    }
  }
});

Deno.test("error by setting: where values are close, marks stay nearer to their own", () => {
  const series = Array.from({ length: 5 }, (_, i) => ({ label: `${i}` })) as never;
  const values = [1, 2, 100];
  const { place } = placesOf({ title: "", values, scale: "linear" }, series, 300);
  assert(place(1, "4") < place(2, "0"));
});

Deno.test("error by setting: marks are hollow that are not told apart from the baseline", async () => {
  // SAM's errors are half of SGD's at 1,000, and SGD's own at 2,000.
  const changed = rows.filter(({ trainCount }) => trainCount < 5000).map((row) => {
    const base = rows.find((one) =>
      one.method === "SGD" && one.seed === row.seed && one.trainCount === row.trainCount &&
      one.epoch === row.epoch
    )!;
    if (row.method !== "SAM") return row;
    return { ...row, testError: base.testError! / (row.trainCount === 1000 ? 2 : 1) };
  });
  const spec = bySize(changed, { baseline: "SGD" });
  const marks = layersOf(spec).filter(({ mark }) => mark.type === "point");
  const at = (filled: boolean) =>
    marks.find(({ mark }) => mark.filled === filled)!.data.values
      .filter(({ series }) => series.startsWith("SAM")).map(({ at }) => at);
  assertEquals([at(true), at(false)], [[1000], [2000]]);
  assertStringIncludes(String(spec.description), "at 1,000 (lower than SGD by");
  assertStringIncludes(await toSvg(spec), "Hollow: not told apart from SGD");
  assert(!(await toSvg(bySize(changed))).includes("Hollow"));
});

Deno.test("error by setting: a panel for each condition; of one data set they share an axis", async () => {
  const changed = ["one", "two"].flatMap((dataset) =>
    ["none", "basic", "cutout"].flatMap((augmentation, i) =>
      rows.map((row) => ({
        ...{ ...row, dataset, augmentation, run: `${row.run} ${dataset} ${augmentation}` },
        testError: row.testError! * (1 - i / 4) / (dataset === "one" ? 1 : 2),
      }))
    )
  );
  const spec = bySize(changed);
  // deno-lint-ignore no-explicit-any
  const panels: any[][] = Object(spec).vconcat.map(({ hconcat }: { hconcat: unknown[] }) =>
    hconcat
  );
  assertEquals(panels.map((row) => row.length), [2, 1, 2, 1]);
  assertEquals(panels[0]![1]!.title.text, "one, flips and crops");
  const domains = panels.flat().map(({ layer }) => String(layer[0].encoding.y.scale.domain));
  assertEquals(new Set(domains.slice(0, 3)).size, 1);
  assertEquals(new Set(domains).size, 2);
  await toSvg(spec);
});

Deno.test("error by setting: the radius is an entry, and no part of the names then", () => {
  const radii = [0, 0.05, 0.2].map((rho) => ({ method: "SAM", rho }));
  const spec = errorBySetting(syntheticRows({ methods: radii, epochs: 2 }), { entry: "rho" });
  const [line] = layersOf(spec);
  assertEquals(line!.data.values.map(({ series, at }) => [series, at]), [
    ["SAM", 0],
    ["SAM", 0.05],
    ["SAM", 0.2],
  ]);
  assertStringIncludes(String(spec.description), "Test error against ρ");
});

Deno.test("error by setting: entries that cannot be an axis are refused by name", () => {
  const refused = (changed: readonly PlottedRow[], message: string, options = {}) =>
    assertThrows(() => bySize(changed, options), RangeError, message);
  const without = rows.map(({ trainCount: _, ...row }, i) =>
    i === 0 ? row : { ...row, trainCount: 1 }
  );
  refused(
    without.slice(0, 1),
    "trainCount: the run of SGD with seed 0 on made-up has no such setting",
  );
  refused(rows.map(({ run: _, ...row }, i) => ({ ...row, epoch: i + 1 })), "has no such setting");
  const words = rows.map((row) => ({ ...row, trainCount: "all" }));
  refused(words as PlottedRow[], 'it is "all", and must be a number');
  refused(rows.filter((row) => row.trainCount === 1000), "every run has 1000; pass runs of two");
  refused(rows.map((row) => ({ ...row, trainCount: row.trainCount - 1000 })), "= 0 on a log scale");
  refused(rows, "with ASAM: the rows hold no run of it", { baseline: "ASAM" });
  refused([], "Cannot plot 0 rows");
});

Deno.test("an axis that need not hold 0 has room for points, and half as much for intervals", () => {
  assertEquals(axisRange([10, 20], [8, 40]), [7.5, 25.5]);
  assertEquals(axisRange([10, 20], []), [9.5, 20.5]);
  assertEquals(axisRange([1, 99], [-40, 180], [0, 100]), [0, 100]);
  const [low, high] = axisRange([5], []);
  assert(low < 5 && high > 5);
});
