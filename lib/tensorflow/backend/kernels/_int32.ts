const END = 2 ** 31;

/**
 * @param what the values are to the operation, for the error
 * @throws RangeError for a value that an integer of 32 bits does not hold, which JavaScript would cut
 */
export function requireInt32(operation: string, what: string, values: readonly number[]): void {
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (value >= -END && value < END) continue;
    throw new RangeError(
      `Cannot run ${operation} with ${what} ${value}: it does not fit into 32 bits`,
    );
  }
}
