/** The error of a name that no augmentation has. */
export function unknownName(name: string, known: readonly string[]): RangeError {
  return new RangeError(`Cannot augment by "${name}": the known names are ${known.join(", ")}`);
}
