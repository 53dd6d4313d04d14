import { comms, KINDS, Widget } from "./_widgets.ts";

/** Something that the reader of a notebook sets, with its current value. */
export interface Control<Value> {
  readonly label: string;
  readonly value: Value;
  /** Shows it; undefined outside of a notebook. */
  open(changed: () => Promise<void>): Promise<Widget>;
}

/** Options of {@linkcode slider}. */
export interface SliderOptions {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  /** Default `min`. */
  readonly value?: number;
}

/**
 * A slider for a number. It reports its value when it is released.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { slider } from "sam/notebook";
 *
 * assertEquals(slider("ρ", { min: 0, max: 0.5, step: 0.05, value: 0.1 }).value, 0.1);
 * ```
 *
 * @throws RangeError unless min < max, step > 0, and the value is between min and max
 */
export function slider(
  label: string,
  { min, max, step, value: first = min }: SliderOptions,
): Control<number> {
  if (!(min < max && step > 0 && first >= min && first <= max)) {
    throw new RangeError(
      `Cannot make the slider ${label} from ${min} to ${max} by ${step} at ${first}: it needs ` +
        "min < max, step > 0, and a value between them",
    );
  }
  let value = first;
  return {
    label,
    get value() {
      return value;
    },
    async open(changed) {
      const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
      const widget = await control(KINDS.floatSlider, KINDS.sliderStyle, label, {
        min,
        max,
        step,
        value,
        behavior: "drag-tap",
        continuous_update: false,
        orientation: "horizontal",
        readout: true,
        readout_format: `.${digits}f`,
      });
      widget.onChange = async (changes) => {
        if (changes.value === value || typeof changes.value !== "number") return;
        value = changes.value;
        await changed();
      };
      return widget;
    },
  };
}

/**
 * A drop-down list.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { select } from "sam/notebook";
 *
 * assertEquals(select("method", ["SGD", "SAM"]).value, "SGD");
 * ```
 *
 * @param options the choices; the first is chosen unless `value` says otherwise
 * @throws RangeError if there are no options, or the value is none of them
 */
export function select<Option extends string | number>(
  label: string,
  options: readonly Option[],
  { value: first = options[0] }: { readonly value?: Option } = {},
): Control<Option> {
  if (first === undefined || !options.includes(first)) {
    throw new RangeError(
      `Cannot make the list ${label} of ${
        options.join(", ") || "nothing"
      } at ${first}: the value ` +
        "must be one of the options",
    );
  }
  let value = first;
  return {
    label,
    get value() {
      return value;
    },
    async open(changed) {
      const widget = await control(KINDS.dropdown, KINDS.descriptionStyle, label, {
        _options_labels: options.map(String),
        index: options.indexOf(value),
      });
      widget.onChange = async ({ index }) => {
        const chosen = typeof index === "number" ? options[index] : undefined;
        if (chosen === undefined || chosen === value) return;
        value = chosen;
        await changed();
      };
      return widget;
    },
  };
}

/**
 * A button; its value counts the clicks.
 *
 * @example
 * ```ts
 * import { assertEquals } from "@std/assert";
 * import { button } from "sam/notebook";
 *
 * assertEquals(button("Train").value, 0); // clicks so far
 * ```
 */
export function button(label: string): Control<number> {
  let value = 0;
  return {
    label,
    get value() {
      return value;
    },
    async open(changed) {
      const widget = await control(KINDS.button, KINDS.buttonStyle, label, {
        button_style: "",
        icon: "",
      });
      widget.onCustom = async ({ event }) => {
        if (event !== "click") return;
        value++;
        await changed();
      };
      return widget;
    },
  };
}

/** Whether the notebook's kernel learns what a reader sets. */
export function hasControls(): boolean {
  return comms() !== undefined;
}

async function control(
  kind: Parameters<typeof Widget.open>[0],
  style: Parameters<typeof Widget.open>[0],
  label: string,
  state: Readonly<Record<string, unknown>>,
): Promise<Widget> {
  const layout = await Widget.open(KINDS.layout, {});
  // Labels are shown whole, however long they are.
  const width = style === KINDS.buttonStyle ? {} : { description_width: "initial" };
  const look = await Widget.open(style, width);
  return await Widget.open(kind, {
    _dom_classes: [],
    description: label,
    description_allow_html: false,
    disabled: false,
    layout: layout.reference,
    style: look.reference,
    tabbable: null,
    tooltip: null,
    ...state,
  });
}
