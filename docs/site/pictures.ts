/**
 * Draws the pictures at the top of the README: from the records, and from the finished runs of
 * `deno task demo`, whose figure is drawn epoch by epoch (this needs ImageMagick):
 *
 *     deno run --allow-all docs/site/pictures.ts [runs/demo]
 *
 * @module
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { plots, runs, train } from "sam";
import { demoFigure } from "../../lib/commands/_demo_figure.ts";
import {
  demoConfig,
  demoExperiment,
  demoSeeds,
  recordedRuns,
} from "../../lib/commands/_demo_runs.ts";
import { isPlain } from "../../notebooks/experiments/figures.ts";
import experiments from "../../notebooks/experiments/noise_robustness.ts";
import { recordedRows, recordsOf } from "../../notebooks/experiments/notebook_runs.ts";

/** Epochs from one picture to the next. */
const FRAME = 4;
const DOCS = fileURLToPath(new URL("../", import.meta.url));
const [outputDir = "runs/demo"] = Deno.args;

const recordedNoise = recordedRows(experiments, await recordsOf("noise_robustness"));
const methods = Map.groupBy(recordedNoise, ({ method }) => method);
const ofSeveralRates = recordedNoise.filter((row) =>
  isPlain(row) && new Set(methods.get(row.method)!.map(({ labelNoise }) => labelNoise)).size > 1
);
const picture = await plots.toPng(plots.noiseRobustness(ofSeveralRates), { width: 1400 });
await Deno.writeFile(join(DOCS, "noise_robustness.png"), picture);

const recorded = (await recordedRuns()).flatMap(({ rows }) => rows);
const experiment = demoExperiment(demoSeeds(1), demoConfig);
const planned = new Map(runs.runsOf(experiment).map((run) => [run.id, run]));
const here = (await runs.finishedRuns(experiment, { outputDir })).flatMap(({ config, rows }) =>
  rows.map((row) => runs.runRow(row, planned.get(train.runId(config))!))
);
if (here.length === 0) throw new Error(`Cannot draw the demo: run it first, into ${outputDir}`);
const frames = await Deno.makeTempDir();
try {
  for (let count = 0; count <= here.length; count += FRAME) {
    const spec = demoFigure(recorded, here.slice(0, count), demoConfig.epochs);
    const name = `${String(count).padStart(2, "0")}.png`;
    await Deno.writeFile(join(frames, name), await plots.toPng(spec, { width: 760 }));
  }
  const last = String(here.length).padStart(2, "0");
  const { success, stderr } = await new Deno.Command("convert", {
    args: [
      ...["-delay", "30", join(frames, "*.png"), "-delay", "400", join(frames, `${last}.png`)],
      ...["-colors", "48", "-layers", "Optimize", join(DOCS, "demo.gif")],
    ],
  }).output();
  if (!success) throw new Error(`Cannot write demo.gif: ${new TextDecoder().decode(stderr)}`);
} finally {
  await Deno.remove(frames, { recursive: true });
}
