/**
 * What the harness and its peers say to each other: one JSON request a line in, one JSON answer a
 * line out. `peers/_protocol.py` is the same in Python, `peers/_serve.ts` the Deno side of a peer.
 *
 * ```text
 * {"id":1,"method":"hello","params":{}}           -> {"id":1,"result":{…Hello}}
 * {"id":2,"method":"setup","params":{…Setup}}     -> {"id":2,"result":{…}}
 * {"id":3,"method":"run","params":{"steps":3}}    -> {"id":3,"result":{…Run}}
 * {"id":4,"method":"memory","params":{}}          -> {"id":4,"result":{…Memory}}
 *                                                    {"id":4,"error":"what went wrong"}
 * ```
 */

import type { Precision } from "../lib/tensorflow/mod.ts";

/** The network: WRN-(6·blocks+4)-width on images of size × size × 3, ten classes. */
export interface Network {
  /** Residual blocks in each of the three groups. */
  readonly blocks: number;
  readonly width: number;
  readonly batch: number;
  readonly size: number;
}

/** What a peer is to do at each step. */
export interface Setup extends Network {
  /**
   * A training step, the convolutions of a SAM step alone, or one batch out of a data pipeline:
   * images in memory by the basic augmentation or AutoAugment, or random crops of JPEG files; or, on
   * Fashion-MNIST, the trainer's step with all that goes with it, that step alone, the evaluation of
   * some batches, and the network's forward pass on as many. PyTorch
   * and JAX know the training steps, TensorFlow two of the pipelines.
   */
  readonly task:
    | "sam"
    | "sgd"
    | "convolutions"
    | "pipeline"
    | "pipeline_autoaugment"
    | "pipeline_jpeg"
    | "trainer"
    | "trainer_step"
    | "evaluation"
    | "forward";
  readonly mode: "eager" | "compile";
  /** What convolutions and products compute in, PyTorch's by autocast; absent: float32. */
  readonly precision?: Precision;
}

/** Answer to `hello`, given when a first op has been computed: start-up is timed by it. */
export interface Hello {
  readonly name: string;
  readonly version: string;
  /** Threads that the peer computes with: its own default. */
  readonly threads: number;
}

/** Answer to `run`: the peer's own clock, each step up to its finished result. */
export interface Run {
  readonly ms: readonly number[];
  /** Training loss of the last step. */
  readonly loss?: number;
}

/** Answer to `memory`. */
export interface Memory {
  /** Highest resident memory since the process started (`VmHWM`, `ru_maxrss`). */
  readonly peakBytes: number;
  readonly residentBytes: number;
  /** The part of the resident memory that is a JavaScript engine's heap, where there is one. */
  readonly heapBytes?: number;
  /** Live tensors and native handles, where the peer can count them. */
  readonly tensors?: number;
}

/** The methods of a peer, as `peers/_serve.ts` takes them. */
export interface PeerMethods {
  hello(): Promise<Hello>;
  setup(setup: Setup): Promise<void>;
  run(steps: number): Promise<Run>;
  memory(): Promise<Memory>;
}

/** A number from a decoded message; throws if it is anything else. */
export function numberIn(message: unknown, key: string): number {
  const value = valueIn(message, key);
  if (typeof value !== "number") {
    throw new TypeError(`Cannot read ${key}: ${JSON.stringify(value)}`);
  }
  return value;
}

/** A value from a decoded message, or undefined. */
export function valueIn(message: unknown, key: string): unknown {
  if (typeof message !== "object" || message === null) return undefined;
  return Object.entries(message).find(([name]) => name === key)?.[1];
}

/** The lines of a byte stream, without their ends. */
export async function* linesOf(
  bytes: ReadableStream<Uint8Array<ArrayBuffer>>,
): AsyncGenerator<string> {
  let rest = "";
  for await (const text of bytes.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
  if (rest !== "") yield rest;
}
