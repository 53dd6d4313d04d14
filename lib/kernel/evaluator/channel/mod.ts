/**
 * What both ends of the side channel have to agree on.
 *
 * @module
 */
export { TextLineStream } from "./_lines.ts";
export {
  type EvaluatorOutput,
  FIRST,
  LAST,
  MAX_OUTPUT_BYTES,
  MAX_PIECE,
  MESSAGE,
  type MessageHead,
  PIECE_HEAD,
  RecordReader,
  STDERR,
  STDOUT,
} from "./_records.ts";
