import type { Json } from "../wire/mod.ts";

/**
 * The answer to a message of the Debug Adapter Protocol: front ends that ask although
 * `supported_features` names no debugger are not to wait.
 */
export function debugRefusal({ seq, command }: Json): Json {
  return {
    seq: 0,
    type: "response",
    request_seq: typeof seq === "number" ? seq : 0,
    success: false,
    command: typeof command === "string" ? command : "",
    message: "Cannot debug: this kernel has no debugger; stack traces name cells and lines",
  };
}
