/** Throws a RangeError unless each size of a network, given by its name, is a positive integer. */
export function checkPositive(network: string, sizes: Readonly<Record<string, number>>): void {
  for (const [name, size] of Object.entries(sizes)) {
    if (!Number.isInteger(size) || size < 1) {
      throw new RangeError(
        `Cannot build ${network} of ${name} ${size}: it must be a positive integer`,
      );
    }
  }
}

/**
 * The whole number of blocks in a group, for a depth of perBlock · blocks + rest.
 *
 * @throws RangeError if there is none above 0
 */
export function blocksOf(network: string, depth: number, perBlock: number, rest: number): number {
  const blocks = (depth - rest) / perBlock;
  if (Number.isInteger(blocks) && blocks >= 1) return blocks;
  throw new RangeError(
    `Cannot build ${network} of depth ${depth}: it must be ${perBlock}n + ${rest}`,
  );
}
