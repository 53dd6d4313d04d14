import { latestFiniteCheckpoint } from "./checkpoint.ts";

/** What of a task is told when it diverges. */
type Cause = {
  readonly gradientClipping?: number;
  readonly restore?: unknown;
  readonly config?: Readonly<Record<string, unknown>>;
};

/** A training whose loss, or whose parameters, are finite numbers no longer. */
export class DivergedError extends Error {
  override readonly name = "DivergedError";
  /** Optimizer steps done since the beginning of the run, with the one that diverged. */
  readonly step: number;
  /** Path of the latest checkpoint whose numbers are all finite, if there is one. */
  readonly checkpoint: string | undefined;

  constructor(message: string, step: number, checkpoint: string | undefined) {
    super(message);
    this.step = step;
    this.checkpoint = checkpoint;
  }
}

/** What a step measured, and what was known before it. */
export interface DivergedStep {
  readonly step: number;
  /** The epoch that is running. */
  readonly epoch: number;
  readonly loss: number;
  /** As a step measures it: before clipping, if it is not finite there. */
  readonly gradientNorm: number;
  /** Norm of all parameters after the step. */
  readonly parameterNorm: number;
  /** The same before it; NaN at the first step of a run. */
  readonly parameterNormBefore: number;
  /** Where the optimizer has one. */
  readonly learningRate?: number;
}

/** Norms of parameters of networks that train are smaller by orders of magnitude. */
const LARGE_NORM = 1e6;

/** What the field takes for ρ, weight decay and learning rate is smaller by orders of magnitude. */
const LARGE_SETTING = 100;

/** Whether a training can go on after a step. */
export function isFiniteStep(
  { loss, gradientNorm, parameterNorm }: Pick<
    DivergedStep,
    "loss" | "gradientNorm" | "parameterNorm"
  >,
): boolean {
  return [loss, gradientNorm, parameterNorm].every(Number.isFinite);
}

/** Tells what happened at which step, what is likely to have caused it, and what is left. */
export async function divergedError(
  task: Cause,
  diverged: DivergedStep,
  folder: string | undefined,
): Promise<DivergedError> {
  const { step, epoch } = diverged;
  const what = whatIsNot(diverged);
  const checkpoint = folder === undefined ? undefined : await latestFiniteCheckpoint(folder);
  const left = checkpoint === undefined
    ? "There is no checkpoint from before it"
    : `The last good checkpoint is ${checkpoint}`;
  return new DivergedError(
    `Cannot go on training: ${what} step ${step}, in epoch ${epoch}. The likely cause is ` +
      `${likelyCause(task, diverged)}. ${left}. Change that, or train on all the same (onNan: ` +
      "continue)",
    step,
    checkpoint,
  );
}

/** The first number of a step that is not finite, in the order in which they are computed. */
function whatIsNot({ loss, gradientNorm, parameterNorm }: DivergedStep): string {
  if (!Number.isFinite(loss)) return `the loss is ${loss} at`;
  if (!Number.isFinite(gradientNorm)) return `the norm of the gradient is ${gradientNorm} at`;
  return `the norm of the parameters is ${parameterNorm} after`;
}

function likelyCause(task: Cause, diverged: DivergedStep): string {
  const { step, loss, gradientNorm, parameterNormBefore, learningRate } = diverged;
  const { samRho, rho = samRho, weightDecay } = task.config ?? {};
  // No update was made before the first loss and its gradient.
  const isBeforeUpdates = step === 1 && !(Number.isFinite(loss) && Number.isFinite(gradientNorm));
  const unclipped = task.gradientClipping === undefined
    ? ", for gradients that are not clipped"
    : "";
  const suspects = [
    isLarge(rho) && `a ρ${ofValue(rho)} that is too large`,
    isLarge(weightDecay) && `a weight decay${ofValue(weightDecay)} that is too large`,
    !isBeforeUpdates && isLarge(learningRate) && tooFast(learningRate, unclipped),
  ].filter((suspect) => suspect !== false);
  if (isBeforeUpdates) {
    if (suspects.length > 0) return suspects.join(", or ");
    if (Number.isFinite(loss)) {
      return "a derivative of the loss that is not finite where the loss is";
    }
    const parameters = task.restore === undefined
      ? ""
      : ", or in the checkpoint that it began with";
    return `a number in the data that is not finite${parameters}`;
  }
  const causes = suspects.length > 0 ? suspects.join(", or ") : tooFast(learningRate, unclipped);
  if (Number.isNaN(parameterNormBefore)) return causes;
  const before = ` (before that step the norm of the parameters was ${
    parameterNormBefore.toPrecision(3)
  })`;
  if (suspects.length > 0 || parameterNormBefore > LARGE_NORM) return causes + before;
  return `${causes}, or a number in its batch that is not finite${before}`;
}

function isLarge(setting: unknown): setting is number {
  return typeof setting === "number" && setting > LARGE_SETTING;
}

function tooFast(learningRate: number | undefined, unclipped: string): string {
  return `a learning rate${ofValue(learningRate)} that is too large${unclipped}`;
}

function ofValue(setting: number | undefined): string {
  return setting === undefined ? "" : ` of ${Number(setting.toPrecision(6))}`;
}
