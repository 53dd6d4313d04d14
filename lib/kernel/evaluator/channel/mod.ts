/**
 * What both ends of the side channel have to agree on.
 *
 * @module
 */
export { TextLineStream } from "./_lines.ts";
export {
  FIRST,
  LAST,
  MAX_OUTPUT_BYTES,
  MAX_PIECE,
  MESSAGE,
  type MessageHead,
  type Output,
  PIECE_HEAD,
  RecordReader,
  STDERR,
  STDOUT,
} from "./_records.ts";
