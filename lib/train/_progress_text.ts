import { formatSeconds } from "../terminal/mod.ts";
import type { EndEvent, EpochEvent, StartEvent, StepEvent } from "./events.ts";
import { figuresOf, type TaskRow } from "../metrics/mod.ts";

/** What the run is, in one line. */
export function describeStart(event: StartEvent<TaskRow>): string {
  const { parameterCount, trainExamples, testExamples, epochs, stepsPerEpoch } = event;
  const from = event.resumedFrom;
  const examples = [
    trainExamples === undefined ? [] : [`${count(trainExamples)} training`],
    testExamples === undefined ? [] : [`${count(testExamples)} test`],
  ].flat().join(" and ");
  return [
    `${count(parameterCount)} parameters`,
    ...examples === "" ? [] : [`${examples} examples`],
    `${count(epochs)} epochs of ${count(stepsPerEpoch)} steps`,
    ...from ? [`resumed after epoch ${from.epoch} from ${from.path}`] : [],
  ].join(", ");
}

/** The parts of a line about a running epoch, the most important ones first. */
export function describeStep(event: StepEvent, etaSeconds: number | undefined): string[] {
  const { loss: _, ...others } = event.metrics;
  return [
    ...(etaSeconds === undefined ? [] : [`ETA ${formatSeconds(etaSeconds)}`]),
    `loss ${formatLoss(event.loss)}`,
    ...Object.entries(others).filter(([name]) => !UNTOLD.test(name))
      .map(([name, value]) => describeFigure(name, value)),
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

/** What figures are of, by the first part of their names, in the order in which they are told. */
const PARTS: readonly (readonly [prefix: string, name: string])[] = [
  ["train", "train"],
  ["test", "test"],
  ["lastTest", "last parameters"],
  ["evalOnTrain", "training set"],
];

/** Figures that stand in the row alone. */
const UNTOLD = /^(?:evalOn(?:TrueLabels|WrongLabels|CorrectedLabels)|(?:trainS|s)am)[A-Z]/;

/** What there is to say of a finished epoch; the first evaluation is the one that counts. */
export function describeEpoch({ row, imagesPerSecond, seconds }: EpochEvent<TaskRow>): EpochText {
  const figures = figuresOf(row).filter(([name]) => !UNTOLD.test(name));
  const [train, ...evaluated] = PARTS.map(([prefix, name]) => {
    const own = figures.filter(([figure]) => isOf(prefix, figure));
    return own.length === 0 ? undefined : [
      name,
      ...own.map(([figure, value]) => describeFigure(figure.slice(prefix.length), value)),
    ].join(" ");
  });
  const others = figures.filter(([figure]) => !PARTS.some(([prefix]) => isOf(prefix, figure)))
    .map(([figure, value]) => describeFigure(figure, value));
  return {
    train: train!,
    evaluated: [...evaluated, ...others].filter((part) => part !== undefined),
    speed: [`${rate(imagesPerSecond)} images/s`, formatSeconds(seconds)],
  };
}

function isOf(prefix: string, figure: string): boolean {
  return figure.startsWith(prefix) && /^[^a-z]/.test(figure.slice(prefix.length));
}

/** "loss 0.1234", "error 12.00 %", "top-5 3.00 %", "perplexity 12.3400". */
function describeFigure(figure: string, value: number): string {
  if (/^top5error$/i.test(figure)) return `top-5 ${formatError(value)}`;
  if (/^error$/i.test(figure)) return `error ${formatError(value)}`;
  const words = figure.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, " ").toLowerCase();
  return `${words} ${formatLoss(value)}`;
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
