import { notNull, type Pointer, tensorflow } from "./library.ts";
import { check, status } from "./status.ts";
import { readTensor } from "./tensor_data.ts";

/** An output of an operation. An unknown rank, as some internal outputs have, counts as 0. */
export interface TensorMetadata {
  id: number;
  shape: number[];
  dtype: number;
}

/** Handles of TensorFlow's tensors under integer ids. Each is held until it is deleted. */
export class Handles {
  readonly #pointers = new Map<number, Pointer>();
  #lastId = 0;

  get size(): number {
    return this.#pointers.size;
  }

  /** An id that nothing has yet. */
  nextId(): number {
    return ++this.#lastId;
  }

  add(handle: Pointer): number {
    const id = ++this.#lastId;
    this.#pointers.set(id, handle);
    return id;
  }

  /** @throws Error if it was deleted */
  get(id: number): Pointer {
    const handle = this.#pointers.get(id);
    if (handle === undefined) throw new Error(`Cannot use tensor ${id}: it was disposed`);
    return handle;
  }

  /** Does nothing for an id that has no handle. */
  delete(id: number): void {
    const handle = this.#pointers.get(id);
    if (handle === undefined) return;
    this.#pointers.delete(id);
    tensorflow().TFE_DeleteTensorHandle(handle);
  }

  /** The same on another thread, for what takes its time to end. */
  async deleteAsync(id: number): Promise<void> {
    const handle = this.#pointers.get(id);
    if (handle === undefined) return;
    this.#pointers.delete(id);
    await tensorflow().TFE_DeleteTensorHandleAsync(handle);
  }

  dtype(id: number): number {
    return tensorflow().TFE_TensorHandleDataType(this.get(id));
  }

  metadata(id: number): TensorMetadata {
    const library = tensorflow();
    const handle = this.get(id);
    const rank = Math.max(0, library.TFE_TensorHandleNumDims(handle, status()));
    const shape = new Array<number>(rank);
    for (let axis = 0; axis < rank; axis++) {
      shape[axis] = Number(library.TFE_TensorHandleDim(handle, axis, status()));
    }
    check("tell a tensor's shape");
    return { id, shape, dtype: library.TFE_TensorHandleDataType(handle) };
  }

  /** A new handle that shares the memory of a `TF_Tensor`. */
  share(tensor: Pointer): number {
    const handle = tensorflow().TFE_NewTensorHandle(tensor, status());
    check("create a tensor");
    return this.add(notNull(handle, "tensor handle"));
  }

  /** A new `TF_Tensor` of a handle, which shares its memory and is the caller's. */
  resolve(id: number): Pointer {
    const tensor = tensorflow().TFE_TensorHandleResolve(this.get(id), status());
    check("read a tensor");
    return notNull(tensor, "tensor");
  }

  read(id: number): ReturnType<typeof readTensor> {
    const tensor = this.resolve(id);
    try {
      return readTensor(tensor);
    } finally {
      tensorflow().TF_DeleteTensor(tensor);
    }
  }
}
