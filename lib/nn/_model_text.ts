import type { VariableShapes } from "./variable_shapes.ts";

/** The layers of a model as lines: path, output shape, parameters. */
export function modelText(shapes: VariableShapes, inputShape: readonly number[]): string {
  const { params, layers, output } = shapes;
  const own = (layer: string) =>
    Array.from(params).filter(([path]) => path.slice(0, path.lastIndexOf("/")) === layer)
      .reduce((sum, [, shape]) => sum + sizeOf(shape), 0);
  const all = Array.from(params.values()).reduce((sum, shape) => sum + sizeOf(shape), 0);
  const rows = [
    ["Layer", "Output shape", "Parameters"],
    ...Array.from(layers, ([path, shape]) => [path, `[${shape.join(", ")}]`, counted(own(path))]),
    ["all", `[${output.join(", ")}]`, counted(all)],
  ];
  const width = (column: number) => Math.max(...rows.map((row) => row[column]!.length));
  const lines = rows.map(([path = "", shape = "", count = ""]) =>
    `${path.padEnd(width(0))}  ${shape.padEnd(width(1))}  ${count.padStart(width(2))}`
  );
  return [`Model for input [${inputShape.join(", ")}]`, ...lines].join("\n");
}

function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

function counted(count: number): string {
  return count.toLocaleString("en");
}
