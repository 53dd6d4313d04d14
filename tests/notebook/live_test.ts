import { assert, assertEquals, assertRejects, assertStringIncludes } from "@std/assert";
import { live } from "../../lib/notebook/mod.ts";
import { type Experiment, runRow, runsOf, type SweepEvent } from "../../lib/runs/mod.ts";
import type { EpochRow, TrainEvent } from "../../lib/train/mod.ts";
import { syntheticRows } from "../plots/_synthetic_rows.ts";
import { withClock } from "../_wait.ts";
import { inNotebook, type Shown } from "./_fake_jupyter.ts";

const rows = syntheticRows({ seeds: 1, epochs: 3, methods: [{ method: "SAM", rho: 0.1 }] });

/** The events of a run, as far as they are shown. */
function training(rows: readonly EpochRow[]): TrainEvent[] {
  const step = { loss: 0.5, imagesPerSecond: 100 };
  return [
    { type: "start", stepsPerEpoch: 2, epochs: rows.length },
    ...rows.flatMap((row) => [
      { type: "step", epoch: row.epoch, step: 2 * row.epoch - 1, ...step },
      { type: "epoch", row },
    ]),
  ] as unknown as TrainEvent[];
}

const experiment: Experiment = {
  name: "two",
  base: { dataset: "synthetic", model: "wide_resnet_10_1", samRho: 0.1 },
  seeds: [0, 1],
};

/** The events of a sweep of two runs. */
function sweeping(planned = experiment): SweepEvent[] {
  const runs = runsOf(planned);
  return [
    { type: "sweep", name: "two", runs },
    ...runs.flatMap((run) => {
      const own = rows.map((row) => ({ ...row, seed: run.config.seed }));
      const found = own.map((row) => runRow(row, run));
      return [
        ...training(own).map((event) => ({ type: "train", run, event })),
        { type: "run", run, rows: found, source: "trained" },
      ];
    }),
    { type: "sweep-end", reason: "finished" },
  ] as unknown as SweepEvent[];
}

// The clock is moved between events, so that every state is shown.
async function* timed<E>(events: readonly E[], move: (seconds: number) => void) {
  for (const event of events) {
    move(2);
    yield event;
  }
}

const kinds = ({ data }: Shown) => Object.keys(data).find((key) => key !== "text/plain");
const bars = (shown: readonly Shown[]) =>
  shown.filter((one) => kinds(one) === "text/html")
    .map(({ data }) => data["text/plain"]!.replace(/^[█░]+ /, "").replace(/ · [\d.]+ s.*/, ""));

Deno.test("live: a run's bar moves, its curves are drawn in one place, the last with pictures", () =>
  withClock(async (move) => {
    const shown = await inNotebook(async () => {
      assertEquals(await live(timed(training(rows), move)), rows);
    });
    assertEquals(bars(shown), [
      "17 % · epoch 1 of 3, loss 0.500, 100 images/s",
      "50 % · epoch 2 of 3, loss 0.500, 100 images/s",
      "83 % · epoch 3 of 3, loss 0.500, 100 images/s",
      "83 % · epoch 3 of 3, loss 0.500, 100 images/s",
    ]);
    const charts = shown.filter((one) => kinds(one) !== "text/html");
    assertEquals(charts.map(kinds), [
      ...Array(3).fill("image/svg+xml"),
      "application/vnd.vegalite.v5+json",
    ]);
    assertEquals(new Set(charts.map(({ place }) => place)).size, 1);
  }));

Deno.test("live: of a run that goes on, or is finished, the rows before too", () =>
  withClock(async (move) => {
    const [start, ...rest] = training(rows);
    const resumed = (count: number) =>
      ({
        ...start,
        resumedFrom: { epoch: count, path: "", rows: rows.slice(0, count) },
      }) as TrainEvent;
    const shown = await inNotebook(async () => {
      assertEquals(await live(timed([resumed(2), ...rest.slice(4)], move)), rows);
      assertEquals(await live(timed([resumed(3)], move)), rows);
    });
    assertEquals(
      shown.filter((one) => kinds(one) === "application/vnd.vegalite.v5+json").length,
      2,
    );
  }));

Deno.test("live: curves are drawn once a second at most, or not at all", () =>
  withClock(async (move) => {
    const drawn = async (curves: boolean, seconds: number) => {
      const events = timed(training(rows), () => move(seconds));
      const shown = await inNotebook(async () => void await live(events, { curves }));
      return shown.filter((one) => kinds(one) !== "text/html").length;
    };
    assertEquals(await drawn(true, 0.1), 2);
    assertEquals(await drawn(false, 2), 0);
  }));

Deno.test("live: a sweep counts its runs, and gives the rows of finished ones, without curves", () =>
  withClock(async (move) => {
    const shown = await inNotebook(async () => {
      const found = await live(timed(sweeping(), move));
      assertEquals(found.map(({ seed, epoch }) => [seed, epoch]), [
        ...[[0, 1], [0, 2], [0, 3], [1, 1], [1, 2], [1, 3]],
      ]);
    });
    assert(shown.every((one) => kinds(one) === "text/html"), "it drew curves");
    const texts = bars(shown);
    const step = "epoch 2 of 3, loss 0.500, 100 images/s";
    assertStringIncludes(texts.join("\n"), `two · 25 % · 0 of 2 runs; SAM, seed 0: ${step}`);
    assertStringIncludes(texts.join("\n"), `two · 75 % · 1 of 2 runs; SAM, seed 1: ${step}`);
    assertEquals(texts.at(-1), "two · 100 % · 2 of 2 runs");
  }));

Deno.test("live: a sweep's curves have the rows of the run that is trained, once", () =>
  withClock(async (move) => {
    const shown = await inNotebook(async () => {
      await live(timed(sweeping(), move), { curves: true });
    });
    const charts = shown.filter((one) => kinds(one) === "image/svg+xml");
    assertEquals(charts.length, 6);
    assertStringIncludes(charts[3]!.data["image/svg+xml"]!, "2 seeds");
  }));

Deno.test("live: the run that is trained is drawn by what its sweep varies", () =>
  withClock(async (move) => {
    const batches = { ...experiment, grid: { batchSize: [25, 50] }, seeds: [0] };
    const shown = await inNotebook(async () => {
      await live(timed(sweeping(batches), move), { curves: true });
    });
    const charts = shown.filter((one) => kinds(one) === "image/svg+xml");
    assertEquals(charts.length, 6);
    assert(!charts[2]!.data["image/svg+xml"]!.includes("batch size"));
    assertStringIncludes(charts[3]!.data["image/svg+xml"]!, "SAM, batch size = 25");
  }));

Deno.test("live: what the events throw is thrown, after the last state", () =>
  withClock(async (move) => {
    async function* failing() {
      yield* timed(training(rows).slice(0, 3), move);
      throw new RangeError("no more");
    }
    const shown = await inNotebook(async () => {
      await assertRejects(() => live(failing()), RangeError, "no more");
    });
    assertEquals(kinds(shown.at(-1)!), "application/vnd.vegalite.v5+json");
  }));

Deno.test("live: an interrupted cell is told so, after the last state", () =>
  withClock(async (move) => {
    const global = globalThis as Record<symbol, unknown>;
    const stop = new AbortController();
    global[Symbol.for("jupyter.interrupt")] = {
      signal: stop.signal,
      poll: () => stop.signal.throwIfAborted(),
    };
    try {
      const shown = await inNotebook(async () => {
        stop.abort(new Error("interrupted"));
        await assertRejects(() => live(timed(training(rows), move)), Error, "interrupted");
      });
      assertEquals(kinds(shown.at(-1)!), "application/vnd.vegalite.v5+json");
    } finally {
      delete global[Symbol.for("jupyter.interrupt")];
    }
  }));
