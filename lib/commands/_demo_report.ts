import { htmlReport, type HtmlSection, type HtmlTable } from "../plots/mod.ts";
import type { FinishedRun } from "../runs/mod.ts";
import { type EpochRow, isEvaluated, type RunResult, type TrainConfig } from "../train/mod.ts";
import { demoFigure } from "./_demo_figure.ts";
import { endedRows, epochsOf } from "./_demo_runs.ts";
import { demoFindings, percent, READING } from "./_demo_words.ts";

/** A run that this machine trains, or has trained. */
export interface DemoRun {
  readonly rows: readonly EpochRow[];
  /** Absent while it is trained. */
  readonly result?: RunResult;
}

/** What the report tells besides the runs of this machine. */
export interface DemoFacts {
  readonly config: TrainConfig;
  readonly recorded: readonly FinishedRun[];
  /** What is under way, or how it ended. */
  readonly status: string;
  /** Whether the page is written again while it is looked at. */
  readonly isRunning: boolean;
  /** Runtime, engine and machine in a line. */
  readonly versions: string;
}

/** The demo's page: recorded runs, and beside them those of this machine. */
export function demoReport(
  runs: readonly DemoRun[],
  { config, recorded, status, isRunning, versions }: DemoFacts,
): Promise<string> {
  const here = runs.flatMap(({ rows }) => rows);
  const rows = recorded.flatMap(({ rows }) => rows);
  const { epochs } = config;
  const sections: HtmlSection[] = [
    {
      heading: "Recorded runs, and yours beside them",
      text: paragraphs("Recorded", rows),
      chart: demoFigure(rows, here, epochs),
    },
    {
      heading: "This machine",
      text: [status, paragraphs("Here", endedRows(here, epochs))].filter(Boolean).join("\n\n"),
      table: runsTable(recorded, runs, epochs),
    },
    { heading: "How to read this", text: `${READING}\n\n${LIMITS}` },
  ];
  return htmlReport({
    title: "SAM against SGD with wrong labels",
    lead: describeSetting(config),
    sections,
    footer: versions,
    ...isRunning && { reloadAfter: 5 },
  });
}

/** What the figures do not show. */
const LIMITS =
  "SAM takes two gradients a step: it takes as long as SGD of twice the epochs. Each method has the " +
  "learning rate and weight decay, and SAM the radius, that a search of equal size chose on images that " +
  "are neither trained on nor tested. The same seed gives the same labels, the same first parameters and the same " +
  "order of images everywhere; the rounding of another processor makes another run of it all the same.";

function paragraphs(where: string, rows: readonly EpochRow[]): string {
  return demoFindings(rows).map((sentence) => `${where}. ${sentence}.`).join("\n\n");
}

function describeSetting(config: TrainConfig): string {
  const { model, dataset, trainCount, testCount, epochs, batchSize, labelNoise, samRho } = config;
  return `${model} on ${trainCount} images of ${dataset}, ${
    (100 * labelNoise).toFixed(0)
  } % of whose ` +
    `labels are wrong, ${epochs} epochs of batch size ${batchSize} without augmentation; SAM's radius ` +
    `rho is ${samRho}. Errors are of ${testCount} test images with true labels. Which labels are wrong ` +
    "nobody tells the network: one that learns them by heart errs more on the test images.";
}

/** Every run that is finished, recorded ones first. */
function runsTable(
  recorded: readonly FinishedRun[],
  here: readonly DemoRun[],
  epochs: number,
): HtmlTable {
  const line = (where: string, { rows, result }: DemoRun) => {
    const evaluated = rows.filter(isEvaluated);
    const last = evaluated.find(({ epoch, method }) => epoch === epochsOf(method, epochs));
    if (!last) return [];
    const best = Math.min(...evaluated.map(({ testError }) => testError));
    const { seconds, machine = "" } = result ?? {};
    return [[
      `${last.method}, seed ${last.seed}`,
      where,
      percent(last.testError),
      percent(best),
      seconds?.toFixed(0) ?? "–",
      machine,
    ]];
  };
  return {
    caption: "Test error of every run",
    columns: ["Run", "Where", "Last epoch", "Best epoch", "Seconds", "Machine"],
    rows: [
      ...recorded.flatMap((run) => line("recorded", run)),
      ...here.flatMap((run) => line("here", run)),
    ],
  };
}
