/** A flag that cannot be followed; its message is one line. */
export class UsageError extends Error {}
