/** What tfjs-node's kernels call and current runtimes have removed. */
import util from "node:util";

Object.assign(util, {
  isNullOrUndefined: (value: unknown) => value === null || value === undefined,
  isArray: Array.isArray,
});
