import { DType } from "../tensorflow/mod.ts";
import {
  type GraphMessage,
  type NodeMessage,
  tensorAttribute,
  type Values,
  valuesOf,
} from "./_graph.ts";

/** Inputs by which an operation takes sizes of which one may be left open, as -1: all that there is. */
const OPEN_SHAPES: Readonly<Record<string, number>> = { Reshape: 1, Slice: 2 };

/**
 * Makes a graph that was traced for one size of batch fit all: where the same function, traced for
 * another size, has another number, the shape is left open. The shape of the input stays to be done.
 *
 * @param sizes of the batches of `graph` and of `other`
 * @throws Error for a node that depends on the size of the batch in another way
 */
export function makeAnyBatch(
  graph: GraphMessage,
  other: GraphMessage,
  [size, otherSize]: readonly [number, number],
): void {
  const nodes = graph.getNodeList();
  const others = other.getNodeList();
  if (nodes.length !== others.length) throw dependent("its number of operations");
  for (const [index, node] of nodes.entries()) {
    const twin = others[index]!;
    if (node.getOp() === "Placeholder" || isSame(node, twin)) continue;
    const value = node.getAttrMap().get("value");
    if (node.getOp() !== "Const" || value === undefined) throw dependent(node.getName());
    const values = valuesOf(value.getTensor());
    const theirs = valuesOf(twin.getAttrMap().get("value")!.getTensor());
    const open = openedShape(values, theirs, [size, otherSize]);
    if (open === undefined || !isShapeOnly(node.getName(), nodes)) throw dependent(node.getName());
    node.getAttrMap().set("value", tensorAttribute(open));
  }
}

function dependent(what: string): Error {
  return new Error(`Cannot export the network for batches of any size: ${what} depends on theirs`);
}

function isSame(node: NodeMessage, twin: NodeMessage): boolean {
  return bytesOf(node) === bytesOf(twin);
}

function bytesOf(node: NodeMessage): string {
  const attributes: string[] = [];
  node.getAttrMap().forEach((value, name) => {
    attributes.push(`${name} ${value.serializeBinary()}`);
  });
  return [node.getName(), node.getOp(), ...node.getInputList(), ...attributes.sort()].join("\n");
}

/** A shape with -1 where the two differ by the sizes of their batches alone. */
function openedShape(
  values: Values,
  theirs: Values,
  [size, otherSize]: readonly [number, number],
): Values | undefined {
  if (values.dtype !== DType.int32 || values.shape.length !== 1) return undefined;
  const sizes = Array.from(values.data);
  const different = sizes.flatMap((value, axis) => value === theirs.data[axis] ? [] : [axis]);
  const [axis] = different;
  // A second open size would leave both unknown.
  if (sizes.includes(-1)) return undefined;
  if (different.length !== 1 || sizes[axis!] !== size || theirs.data[axis!] !== otherSize) {
    return undefined;
  }
  return { ...values, data: Int32Array.from(sizes.with(axis!, -1)) };
}

/** Whether a constant is used as a shape alone of which one size may be open. */
function isShapeOnly(name: string, nodes: readonly NodeMessage[]): boolean {
  return nodes.every((node) =>
    node.getInputList().every((input, position) =>
      input !== name || OPEN_SHAPES[node.getOp()] === position
    )
  );
}
