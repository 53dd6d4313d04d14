/**
 * The kernel that clients talk to.
 *
 * @module
 */
export { Relay, type RelayOptions } from "./_relay.ts";
