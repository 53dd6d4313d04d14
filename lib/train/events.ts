/**
 * What the training loop tells whoever listens: the terminal, a notebook, TensorBoard.
 *
 * A classifier's losses are mean cross-entropies without weight decay, its errors fractions in [0, 1]
 * (never per cent); times are seconds. Epochs and steps count from 1; steps count over the whole run,
 * also across a resume.
 */
import type { EpochRow, TaskRow } from "../metrics/mod.ts";
import type { Outcome } from "./task.ts";

/** The first event of a run, before the first step. */
export interface StartEvent<Row extends TaskRow = EpochRow> {
  readonly type: "start";
  /** The run's configuration, as it was written beside the metrics; empty if the task has none. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Trainable numbers in the model. */
  readonly parameterCount: number;
  /** Where the data say how many they are. */
  readonly trainExamples?: number;
  readonly testExamples?: number;
  readonly stepsPerEpoch: number;
  /** Epochs of the whole run, those before a resume included. */
  readonly epochs: number;
  /**
   * The checkpoint that the run goes on from, the last epoch that it holds, and the lines of
   * `metrics.jsonl` up to that one, where the run has a folder: of a run that is finished all of them.
   */
  readonly resumedFrom?: {
    readonly epoch: number;
    readonly path: string;
    readonly rows?: readonly Row[];
  };
}

/** One optimizer step is done. */
export interface StepEvent {
  readonly type: "step";
  /** Optimizer steps done since the beginning of the run. */
  readonly step: number;
  /** The epoch that is running. */
  readonly epoch: number;
  /** Steps done in this epoch. */
  readonly stepInEpoch: number;
  /** Loss of this step's batch (for SAM: of the second pass). */
  readonly loss: number;
  /** What the task's loss measured of this batch, by name; `loss` too, and a classifier's `error`. */
  readonly metrics: Readonly<Record<string, number>>;
  /** L2 norm of the gradient that the optimizer was given, clipped where the task clips. */
  readonly gradientNorm: number;
  /** Where the optimizer has one. */
  readonly learningRate?: number;
  /** Recent speed in optimizer steps per second. */
  readonly stepsPerSecond: number;
  /** Recent speed in training examples per second. */
  readonly imagesPerSecond: number;
}

/** One epoch is done, and evaluated where that was due. */
export interface EpochEvent<Row extends TaskRow = EpochRow> {
  readonly type: "epoch";
  /** The epoch's line of `metrics.jsonl`. */
  readonly row: Row;
  /** Optimizer steps done since the beginning of the run. */
  readonly step: number;
  /** Learning rate of the epoch's last step, where the optimizer has one. */
  readonly learningRate?: number;
  /** Mean over the epoch's steps of the gradient's L2 norm, clipped where the task clips. */
  readonly gradientNorm: number;
  /** Mean over the epoch's steps of the L2 norm of all parameters, after the update. */
  readonly parameterNorm: number;
  /** L2 norm of the gradient of the epoch's last step, clipped where the task clips. */
  readonly lastGradientNorm: number;
  /** L2 norm of all parameters after the epoch. */
  readonly lastParameterNorm: number;
  /** Seconds that the epoch took, its evaluation included. */
  readonly seconds: number;
  /** Training examples per second over the epoch, without its evaluation. */
  readonly imagesPerSecond: number;
  /** Of the epoch, without its evaluation; since the run was resumed, if that was in its middle. */
  readonly millisecondsPerStep: number;
}

/** A checkpoint is on the disk, whole. */
export interface CheckpointEvent {
  readonly type: "checkpoint";
  readonly path: string;
  /** Epochs that it holds. */
  readonly epoch: number;
}

/** Something that the reader should know and that does not stop the run. */
export interface WarningEvent {
  readonly type: "warning";
  /** A sentence without full stop. */
  readonly message: string;
}

/** The last event of a run. */
export interface EndEvent {
  readonly type: "end";
  readonly reason: "finished" | "interrupted";
  /** Epochs done since the beginning of the run. */
  readonly epoch: number;
  /** Optimizer steps done since the beginning of the run. */
  readonly step: number;
  /** Digest of the final parameters (`parametersSha256`), in hex, to compare runs by. */
  readonly sha256: string;
  /** Seconds since the start event. */
  readonly seconds: number;
  /** What is kept of the last evaluation, unless an earlier process made it. */
  readonly outcome?: Outcome;
}

/** Everything that the training loop yields; `type` tells the variants apart. */
export type TrainEvent<Row extends TaskRow = EpochRow> =
  | StartEvent<Row>
  | StepEvent
  | EpochEvent<Row>
  | CheckpointEvent
  | WarningEvent
  | EndEvent;
