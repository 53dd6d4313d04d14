import * as tf from "@tensorflow/tfjs";
import { isBranch } from "../tree.ts";

/**
 * The structure, shapes and dtypes of a tree: what a trace is made for. Numbers, strings and other
 * plain values are part of it, since the trace holds them as constants.
 */
export type Signature =
  | TensorSignature
  | { kind: "value"; value: unknown }
  | ArraySignature
  | { kind: "record"; keys: string[]; items: Signature[] };

/** A leaf of a signature that stands for a tensor. */
export interface TensorSignature {
  kind: "tensor";
  shape: readonly number[];
  dtype: tf.DataType;
}

/** An array; all the arguments of a function are one too. */
export interface ArraySignature {
  kind: "array";
  items: Signature[];
}

/** Levels of a tree. */
const DEEPEST = 500;

/**
 * @param path where the tree stands, for the error
 * @throws TypeError for functions and objects other than tensors, arrays and plain records
 */
export function signatureOf(tree: unknown, path: string, depth = 0): Signature {
  if (depth > DEEPEST) {
    throw new TypeError(
      `Cannot compile for a tree of more than ${DEEPEST} levels, at ${
        path.slice(0, 40)
      }…: does it hold ` +
        "itself?",
    );
  }
  if (tree instanceof tf.Tensor) return { kind: "tensor", shape: tree.shape, dtype: tree.dtype };
  if (Array.isArray(tree)) {
    return {
      kind: "array",
      items: tree.map((item, index) => signatureOf(item, `${path}[${index}]`, depth + 1)),
    };
  }
  if (isBranch(tree)) {
    const record = tree as Record<string, unknown>;
    const keys = Object.keys(record);
    return {
      kind: "record",
      keys,
      items: keys.map((key) => signatureOf(record[key], `${path}.${key}`, depth + 1)),
    };
  }
  if (typeof tree === "function" || (typeof tree === "object" && tree !== null)) {
    const type = typeof tree === "function" ? "a function" : whatIs(tree);
    throw new TypeError(
      `Cannot compile for ${type} at ${path}: arguments and results are tensors, plain values, ` +
        "and arrays and records of them",
    );
  }
  return { kind: "value", value: tree };
}

function whatIs({ constructor }: object): string {
  return constructor?.name ? `a ${constructor.name}` : "an object";
}

/**
 * Whether `tree` has this signature; its tensors are appended to `tensors` on the way, in the
 * signature's order. It has to be quick, as it runs before every call of a compiled function.
 */
export function matches(signature: Signature, tree: unknown, tensors: tf.Tensor[]): boolean {
  switch (signature.kind) {
    case "tensor": {
      if (!(tree instanceof tf.Tensor) || tree.dtype !== signature.dtype) return false;
      const { shape } = signature;
      const actual = tree.shape;
      if (actual !== shape) {
        if (actual.length !== shape.length) return false;
        for (let axis = 0; axis < shape.length; axis++) {
          if (actual[axis] !== shape[axis]) return false;
        }
      }
      tensors.push(tree);
      return true;
    }
    case "value":
      return Object.is(tree, signature.value);
    case "array": {
      const { items } = signature;
      if (!Array.isArray(tree) || tree.length !== items.length) return false;
      for (let index = 0; index < items.length; index++) {
        if (!matches(items[index]!, tree[index], tensors)) return false;
      }
      return true;
    }
    case "record": {
      const { keys, items } = signature;
      if (!isBranch(tree) || Array.isArray(tree)) return false;
      const record = tree as Record<string, unknown>;
      let count = 0;
      for (const _ in record) count++;
      if (count !== keys.length) return false;
      for (let index = 0; index < keys.length; index++) {
        const key = keys[index]!;
        const value = record[key];
        if (value === undefined && !(key in record)) return false;
        if (!matches(items[index]!, value, tensors)) return false;
      }
      return true;
    }
  }
}

/** The tree of this signature whose tensors `next` gives one after the other. */
export function build(
  signature: Signature,
  next: (leaf: TensorSignature) => tf.Tensor,
): unknown {
  switch (signature.kind) {
    case "tensor":
      return next(signature);
    case "value":
      return signature.value;
    case "array":
      return signature.items.map((item) => build(item, next));
    case "record": {
      const record: Record<string, unknown> = {};
      for (let index = 0; index < signature.keys.length; index++) {
        record[signature.keys[index]!] = build(signature.items[index]!, next);
      }
      return record;
    }
  }
}

const KINDS = { tensor: "a tensor", value: "a value", array: "an array", record: "a record" };

/** The first difference between the signature and a tree, in words: why it is traced again. */
export function difference(signature: Signature, tree: unknown, path: string): string | undefined {
  if (matches(signature, tree, [])) return undefined;
  const actual = signatureOf(tree, path);
  if (actual.kind !== signature.kind) {
    return `${path} is ${KINDS[actual.kind]}, not ${KINDS[signature.kind]}`;
  }
  if (actual.kind === "array" && signature.kind === "array") {
    if (actual.items.length !== signature.items.length) {
      return `${path} has ${actual.items.length} items, not ${signature.items.length}`;
    }
    return firstDifference(signature.items, tree as unknown[], (index) => `${path}[${index}]`);
  }
  if (actual.kind === "record" && signature.kind === "record") {
    const { keys, items } = signature;
    if (actual.keys.toSorted().join() !== keys.toSorted().join()) {
      return `${path} has the keys ${actual.keys}, not ${keys}`;
    }
    const record = tree as Record<string, unknown>;
    return firstDifference(items, keys.map((key) => record[key]), (i) => `${path}.${keys[i]}`);
  }
  return `${path} is ${describe(actual)}, not ${describe(signature)}`;
}

function firstDifference(
  signatures: readonly Signature[],
  trees: readonly unknown[],
  path: (index: number) => string,
): string | undefined {
  for (const [index, signature] of signatures.entries()) {
    const found = difference(signature, trees[index], path(index));
    if (found !== undefined) return found;
  }
}

function describe(signature: Signature): string {
  if (signature.kind === "tensor") return `${signature.dtype}[${signature.shape}]`;
  return signature.kind === "value" ? Deno.inspect(signature.value) : signature.kind;
}
