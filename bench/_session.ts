import type { Checkout } from "./_checkout.ts";
import type { Precision } from "../lib/tensorflow/mod.ts";
import type { Network } from "./_protocol.ts";
import type { Row } from "./_report.ts";

/** The network that the required figures are about: WRN-16-4 on batches of 64 CIFAR-like images. */
export const WRN_16_4: Network = { blocks: 2, width: 4, batch: 64, size: 32 };

/** The smallest that takes the same path, for `--quick` and for counting what leaks. */
export const WRN_10_1: Network = { blocks: 1, width: 1, batch: 16, size: 16 };

/** "WRN-16-4 on 64×32×32×3". */
export function networkName({ blocks, width, batch, size }: Network): string {
  return `WRN-${6 * blocks + 4}-${width} on ${batch}×${size}×${size}×3`;
}

/** What a bench works with. */
export interface Session {
  /** Python of the benches' environment; undefined where only our side is timed. */
  readonly python: string | undefined;
  /** Another commit to be compared with. */
  readonly against?: Checkout | undefined;
  readonly network: Network;
  /** What products compute in; that of PyTorch by its autocast. */
  readonly precision: Precision;
  readonly rounds: number;
  /** Steps of a contestant in each round. */
  readonly steps: number;
  readonly quick: boolean;
  /** Every peer that has said hello, with its version. */
  readonly versions: Set<string>;
  /** What could not be measured, and why. */
  readonly missing: Set<string>;
}

/** One bench: a name for `--only`, a line for `--help`, and the measuring. */
export interface Bench {
  readonly name: string;
  readonly about: string;
  run(session: Session): Promise<Row[]>;
}
