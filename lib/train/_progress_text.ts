import { formatSeconds } from "../terminal/mod.ts";
import type { EndEvent, EpochEvent, StartEvent, StepEvent } from "./events.ts";

/** What the run is, in one line. */
export function describeStart(event: StartEvent): string {
  const { parameterCount, trainExamples, testExamples, epochs, stepsPerEpoch } = event;
  const from = event.resumedFrom;
  return `${count(parameterCount)} parameters, ${count(trainExamples)} training and ` +
    `${count(testExamples)} test examples, ${count(epochs)} epochs of ${
      count(stepsPerEpoch)
    } steps` +
    (from ? `, resumed after epoch ${from.epoch} from ${from.path}` : "");
}

/** The parts of a line about a running epoch, the most important ones first. */
export function describeStep(event: StepEvent, etaSeconds: number | undefined): string[] {
  return [
    ...(etaSeconds === undefined ? [] : [`ETA ${formatSeconds(etaSeconds)}`]),
    `loss ${formatLoss(event.loss)}`,
    `error ${formatError(event.error)}`,
    `${rate(event.stepsPerSecond)} steps/s`,
    `${rate(event.imagesPerSecond)} images/s`,
  ];
}

/** "epoch  3/20", always as wide as the last one. */
export function describeEpochNumber(epoch: number, epochs: number): string {
  return `epoch ${`${epoch}`.padStart(`${epochs}`.length)}/${epochs}`;
}

/** The parts of a line about a finished epoch, in its order. */
export interface EpochText {
  readonly train: string;
  /** None for an epoch without evaluation. */
  readonly evaluated: readonly string[];
  readonly speed: readonly string[];
}

/** What there is to say of a finished epoch; the first evaluation is the one that counts. */
export function describeEpoch({ row, imagesPerSecond, seconds }: EpochEvent): EpochText {
  return {
    train: describeFigures("train", row.trainLoss, row.trainError)!,
    evaluated: [
      describeFigures("test", row.testLoss, row.testError, row.testTop5Error),
      describeFigures(
        "last parameters",
        row.lastTestLoss,
        row.lastTestError,
        row.lastTestTop5Error,
      ),
      describeFigures(
        "training set",
        row.evalOnTrainLoss,
        row.evalOnTrainError,
        row.evalOnTrainTop5Error,
      ),
    ].filter((part) => part !== undefined),
    speed: [`${rate(imagesPerSecond)} images/s`, formatSeconds(seconds)],
  };
}

function describeFigures(
  name: string,
  loss: number | undefined,
  error: number | undefined,
  top5Error?: number,
): string | undefined {
  if (loss === undefined || error === undefined) return undefined;
  const top5 = top5Error === undefined ? "" : ` top-5 ${formatError(top5Error)}`;
  return `${name} loss ${formatLoss(loss)} error ${formatError(error)}${top5}`;
}

/** How the run ended; `checkpoint` is the last one's path. */
export function describeEnd(event: EndEvent, checkpoint: string | undefined): string {
  const { reason, epoch, step, seconds, sha256 } = event;
  const resume = reason === "interrupted" && checkpoint
    ? `, the same command resumes from ${checkpoint}`
    : "";
  return `${reason} after epoch ${epoch}, step ${count(step)}, in ${formatSeconds(seconds)}` +
    `${resume}\nsha256 of the parameters: ${sha256}`;
}

function formatLoss(loss: number): string {
  return Math.abs(loss) >= 1000 ? loss.toExponential(2) : loss.toFixed(4);
}

function formatError(error: number): string {
  return `${(100 * error).toFixed(2).padStart(5)} %`;
}

function rate(perSecond: number): string {
  return perSecond < 9.95 ? perSecond.toFixed(1) : count(Math.round(perSecond));
}

function count(value: number): string {
  return value.toLocaleString("en-US");
}
