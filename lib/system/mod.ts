/**
 * What every other room stands on.
 *
 * @module
 */
export { requireFreeName } from "./free_name.ts";
