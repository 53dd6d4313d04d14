import { type Bundle, Slot } from "./_display.ts";
import { KINDS, Widget } from "./_widgets.ts";
import { type Control, hasControls } from "./controls.ts";

/** The values of controls, by their names. */
export type Values<Controls> = {
  readonly [Name in keyof Controls]: Controls[Name] extends Control<infer Value> ? Value : never;
};

/**
 * Shows controls with what a function makes of their values, and calls it again whenever one of
 * them is moved. While it runs, the kernel is busy and can be interrupted; of the values that are
 * set meanwhile, only the last ones count.
 *
 * Where there is no widgets front end (exports, other programs, a page without a kernel), what the
 * first values gave is shown instead.
 *
 * @example
 * ```ts
 * import { interact, slider, table } from "sam/notebook";
 *
 * await interact(
 *   { rho: slider("ρ", { min: 0, max: 0.5, step: 0.05 }) },
 *   ({ rho }) => table({ caption: "Radius", columns: ["ρ"], rows: [[rho]] }),
 * );
 * ```
 *
 * @param show returns a chart, a table, or anything else that shows itself
 * @throws what `show` throws for the first values; later errors are shown in place of the output
 */
export async function interact<const Controls extends Record<string, Control<unknown>>>(
  controls: Controls,
  show: (values: Values<Controls>) => unknown,
): Promise<void> {
  const bundle = async () => await bundleOf(await show(valuesOf(controls)));
  const first = await bundle();
  if (!hasControls()) return await new Slot().finish(first);

  const layout = await Widget.open(KINDS.layout, {});
  const output = await Widget.open(KINDS.output, {
    _dom_classes: [],
    layout: layout.reference,
    msg_id: "",
    outputs: [outputOf(first)],
  });
  const changed = async () => {
    try {
      await output.set({ outputs: [outputOf(await bundle())] });
    } catch (error) {
      await output.set({ outputs: [errorOf(error)] });
    }
  };
  const children = [];
  for (const control of Object.values(controls)) children.push(await control.open(changed));
  const box = await Widget.open(KINDS.box, {
    _dom_classes: [],
    box_style: "",
    children: [...children, output].map(({ reference }) => reference),
    layout: layout.reference,
    tabbable: null,
    tooltip: null,
  });
  await new Slot().update({
    ...first,
    "application/vnd.jupyter.widget-view+json": {
      model_id: box.id,
      version_major: 2,
      version_minor: 0,
    },
  });
}

function valuesOf<Controls extends Record<string, Control<unknown>>>(
  controls: Controls,
): Values<Controls> {
  const entries = Object.entries(controls).map(([name, { value }]) => [name, value]);
  return Object.fromEntries(entries);
}

async function bundleOf(value: unknown): Promise<Bundle> {
  const shown = value as { [key: symbol]: (() => Bundle | Promise<Bundle>) | undefined } | null;
  const bundle = await shown?.[Symbol.for("Jupyter.display")]?.();
  if (bundle !== undefined) return bundle;
  return { "text/plain": typeof value === "string" ? value : Deno.inspect(value) };
}

function outputOf(data: Bundle): unknown {
  return { output_type: "display_data", data, metadata: {} };
}

function errorOf(error: unknown): unknown {
  const { name, message, stack } = error instanceof Error ? error : new Error(String(error));
  return {
    output_type: "error",
    ename: name,
    evalue: message,
    traceback: (stack ?? message).split("\n"),
  };
}
