/**
 * Jupyter's messages over ZeroMQ, and a place to log.
 *
 * @module
 */
export { type Connection, readConnection } from "./_connection.ts";
export { log } from "./_log.ts";
export {
  Codec,
  type Draft,
  type Header,
  isJson,
  type Json,
  type Message,
  MessageError,
  type Parent,
  textOf,
} from "./_message.ts";
export { MAX_WAITING } from "./_outgoing.ts";
export { Socket } from "./_zmtp_socket.ts";
