import { backend } from "./backend/mod.ts";
import type { Place } from "./native/mod.ts";

/** In a trace, operations belong to a place from here on; elsewhere nothing happens. */
export function enterPlace(change: Partial<Place>): void {
  const { trace } = backend.binding;
  if (trace !== undefined) trace.place = { ...trace.place, ...change };
}

/** The same while `body` runs. */
export function atPlace<T>(change: Partial<Place>, body: () => T): T {
  const { trace } = backend.binding;
  if (trace === undefined) return body();
  const before = trace.place;
  trace.place = { ...before, ...change };
  try {
    return body();
  } finally {
    trace.place = before;
  }
}

/**
 * In a trace, the operations of `body` run on a device; elsewhere nothing happens.
 *
 * @param device as `listDevices` names it
 */
export function onDevice<T>(device: string, body: () => T): T {
  const { trace } = backend.binding;
  if (trace === undefined) return body();
  const { graph } = trace;
  const before = graph.device;
  graph.device = device;
  try {
    return body();
  } finally {
    graph.device = before;
  }
}
