import { type Handles, type Pointer, SavedModel, tensorflow } from "../native/mod.ts";

/** Saved models under ids, which are none of a tensor. */
export class SavedModels {
  readonly #models = new Map<number, SavedModel>();
  readonly #handles: Handles;

  constructor(handles: Handles) {
    this.#handles = handles;
  }

  get size(): number {
    return this.#models.size;
  }

  /** @param tags separated by commas */
  load(folder: string, tags: string): number {
    const id = this.#handles.nextId();
    this.#models.set(id, new SavedModel(folder, tags.split(",")));
    return id;
  }

  delete(id: number): void {
    const model = this.#find(id);
    this.#models.delete(id);
    model.delete();
  }

  /**
   * @param inputs, inputNames, outputNames handles, and `operation:index`, separated by commas
   * @returns new handles
   */
  run(id: number, inputs: number[], inputNames: string, outputNames: string): number[] {
    const names = (list: string) => list === "" ? [] : list.split(",");
    const model = this.#find(id);
    const tensors: Pointer[] = [];
    const results: Pointer[] = [];
    try {
      for (const input of inputs) tensors.push(this.#handles.resolve(input));
      results.push(...model.run(tensors, names(inputNames), names(outputNames)));
      return results.map((tensor) => this.#handles.share(tensor));
    } finally {
      for (const tensor of [...tensors, ...results]) tensorflow().TF_DeleteTensor(tensor);
    }
  }

  #find(id: number): SavedModel {
    const model = this.#models.get(id);
    if (model === undefined) throw new Error(`Cannot use saved model ${id}: it was deleted`);
    return model;
  }
}
