/**
 * Hyper-parameters for TensorBoard's HParams plugin, as events.
 *
 * Source: TensorBoard's `plugins/hparams/plugin_data.proto` and its `summary_v2`.
 *
 * @module
 */
import { bytesField, doubleField, integerField } from "../system/mod.ts";

const PLUGIN = "hparams";
const FLOAT = 1;
const SUCCESS = 1;

/**
 * The start of a session, by which TensorBoard lists a run with its settings; undefined for settings of
 * which none is a number, a text or a truth value.
 *
 * @param time seconds since 1970
 */
export function encodeHyperparameters(
  settings: Readonly<Record<string, unknown>>,
  time: number,
): Uint8Array | undefined {
  const entries = Object.entries(settings).flatMap(([name, value]) => {
    const encoded = valueOf(value);
    const entry = encoded && [...bytesField(1, name), ...bytesField(2, encoded)];
    return entry === undefined ? [] : [bytesField(1, entry)];
  });
  if (entries.length === 0) return undefined;
  const started = [...entries.flat(), ...doubleField(5, time)];
  return event("_hparams_/session_start_info", bytesField(3, started), time);
}

/** The end of a session that was successful. */
export function encodeSessionEnd(time: number): Uint8Array {
  const ended = [...integerField(1, SUCCESS), ...doubleField(2, time)];
  return event("_hparams_/session_end_info", bytesField(4, ended), time);
}

/** A `google.protobuf.Value`. */
function valueOf(value: unknown): number[] | undefined {
  switch (typeof value) {
    case "number":
      return doubleField(2, value);
    case "string":
      return bytesField(3, value);
    case "boolean":
      return integerField(4, value);
    default:
      return Array.isArray(value) ? bytesField(3, value.join(",")) : undefined;
  }
}

/** `Event { wall_time, summary { value { tag, metadata { plugin_data }, tensor } } }`. */
function event(tag: string, data: readonly number[], time: number): Uint8Array {
  const plugin = [...bytesField(1, PLUGIN), ...bytesField(2, data)];
  // Without values, as TensorBoard's own.
  const tensor = [...integerField(1, FLOAT), ...bytesField(2, bytesField(2, []))];
  const value = [
    ...bytesField(1, tag),
    ...bytesField(9, bytesField(1, plugin)),
    ...bytesField(8, tensor),
  ];
  return Uint8Array.from([...doubleField(1, time), ...bytesField(5, bytesField(1, value))]);
}
