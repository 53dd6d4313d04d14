import * as tf from "@tensorflow/tfjs";

/** Handles by shape. */
export interface Views {
  readonly shapes: (readonly number[])[];
  readonly ids: number[];
}

/** Counts the outputs of a call that are left. */
export interface Call {
  left: number;
}

/** What the backend holds of a tensor. It is its own data id, which spares looking it up. */
export class TensorData {
  readonly shape: number[];
  dtype: number;
  /** The binding's id, or -1 while the values wait to be needed by an operation. */
  id: number;
  values: tf.backend_util.BackendValues | null;
  refCount: number;
  /** Whether the values were written inside a trace, where they are a constant. */
  traced = false;
  /** What all outputs of a call hold. */
  readonly call: Call | undefined;
  /** Handles of the same values in other shapes. */
  views: Views | undefined;
  /** Whether it is in a {@linkcode TensorMap} under its own id. */
  isHeld = false;

  constructor(
    shape: number[],
    dtype: number,
    { id = -1, values = null, refCount = 1, call }: {
      readonly id?: number;
      readonly values?: tf.backend_util.BackendValues | null;
      readonly refCount?: number;
      readonly call?: Call;
    },
  ) {
    this.shape = shape;
    this.dtype = dtype;
    this.id = id;
    this.values = values;
    this.refCount = refCount;
    this.call = call;
  }
}

/**
 * Data by id. Most are their own; those that came from another backend have an id from there. A
 * step makes and drops hundreds of tensors, which in TensorFlow.js's own table, a `WeakMap`, is a
 * fifth of what calling it costs.
 */
export class TensorMap extends tf.DataStorage<TensorData> {
  #held = 0;

  hold(data: TensorData): TensorData {
    data.isHeld = true;
    this.#held++;
    return data;
  }

  override get(dataId: object): TensorData {
    return isHeld(dataId) ? dataId : super.get(dataId);
  }

  override has(dataId: object): boolean {
    return isHeld(dataId) || super.has(dataId);
  }

  override delete(dataId: object): boolean {
    if (!isHeld(dataId)) return super.delete(dataId);
    dataId.isHeld = false;
    dataId.values = null;
    this.#held--;
    return true;
  }

  override numDataIds(): number {
    return this.#held + super.numDataIds();
  }
}

function isHeld(dataId: object): dataId is TensorData {
  return dataId instanceof TensorData && dataId.isHeld;
}

export function isSameShape(a: readonly number[], b: readonly number[]): boolean {
  if (a === b) return true;
  if (a.length !== b.length) return false;
  for (let axis = 0; axis < a.length; axis++) if (a[axis] !== b[axis]) return false;
  return true;
}
