/** Names that users register things by: letters, digits and `_ . @ + -`, as they become folders' names. */
const NAME = /^[A-Za-z0-9][\w.@+-]*$/;

/**
 * Checks a name before something is registered by it.
 *
 * @param kind what is registered, such as "data set"
 * @throws RangeError for a name that is taken, or that no folder could have
 */
export function requireFreeName(kind: string, name: string, isTaken: boolean): void {
  if (!NAME.test(name)) {
    throw new RangeError(
      `Cannot register the ${kind} "${name}": a name has letters, digits and _ . @ + - only, and ` +
        "begins with a letter or a digit",
    );
  }
  if (isTaken) {
    throw new RangeError(
      `Cannot register the ${kind} "${name}": the name is taken; choose another one`,
    );
  }
}

/** @throws TypeError for what is no function, and so cannot be registered */
export function requireFunction(what: string, name: string, value: unknown): void {
  if (typeof value === "function") return;
  throw new TypeError(
    `Cannot register the ${what} ${JSON.stringify(name)}: it is ${value}, and must be a function`,
  );
}
