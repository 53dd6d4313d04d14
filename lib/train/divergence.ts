import { latestFiniteCheckpoint } from "./checkpoint.ts";

/** What of a task is told when it diverges. */
type Cause = { readonly gradientClipping?: number; readonly restore?: unknown };

/** A training whose loss, or whose parameters, are no finite numbers any more. */
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
  /** Norm of all parameters after the step. */
  readonly parameterNorm: number;
  /** The same before it; NaN at the first step of a run. */
  readonly parameterNormBefore: number;
  /** Where the optimizer has one. */
  readonly learningRate?: number;
}

/** Norms of parameters of networks that train are smaller by orders of magnitude. */
const LARGE_NORM = 1e6;

/** Whether a training can go on after a step. */
export function isFiniteStep(
  { loss, parameterNorm }: Pick<DivergedStep, "loss" | "parameterNorm">,
): boolean {
  return Number.isFinite(loss) && Number.isFinite(parameterNorm);
}

/** Tells what happened at which step, what is likely to have caused it, and what is left. */
export async function divergedError(
  task: Cause,
  diverged: DivergedStep,
  folder: string | undefined,
): Promise<DivergedError> {
  const { step, epoch, loss, parameterNorm } = diverged;
  const what = Number.isFinite(loss)
    ? `the norm of the parameters is ${parameterNorm} after`
    : `the loss is ${loss} at`;
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

function likelyCause(
  { gradientClipping, restore }: Cause,
  { step, loss, parameterNormBefore, learningRate }: DivergedStep,
): string {
  // No update was made before the first loss.
  if (step === 1 && !Number.isFinite(loss)) {
    const parameters = restore === undefined ? "" : ", or in the checkpoint that it began with";
    return `a number in the data that is not finite${parameters}`;
  }
  const clipping = gradientClipping === undefined ? ", for gradients that are not clipped" : "";
  const value = learningRate === undefined ? "" : ` of ${Number(learningRate.toPrecision(6))}`;
  const rate = `a learning rate${value} that is too large${clipping}`;
  if (Number.isNaN(parameterNormBefore)) return rate;
  const before = ` (before that step the norm of the parameters was ${
    parameterNormBefore.toPrecision(3)
  })`;
  if (parameterNormBefore > LARGE_NORM) return rate + before;
  return `${rate}, or a number in its batch that is not finite${before}`;
}
