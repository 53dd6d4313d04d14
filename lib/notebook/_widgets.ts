/**
 * The models of Jupyter's standard widgets, as JupyterLab's ipywidgets front end knows them.
 *
 * Source: "Widget messaging protocol" 2.1 (packages/schema/messages.md of ipywidgets 8).
 *
 * @module
 */
type State = Readonly<Record<string, unknown>>;

/** A message of the front end. */
interface CommMessage {
  readonly data: Readonly<Record<string, unknown>>;
}

interface Comm {
  readonly id: string;
  onMessage: ((message: CommMessage) => unknown) | undefined;
  send(data: State): Promise<void>;
}

/** What the kernel "Deno (SAM)" offers for conversations with the front end. */
interface Comms {
  open(
    target: string,
    data: State,
    options: { readonly id: string; readonly metadata: State },
  ): Promise<Comm>;
  register(target: string, opened: (comm: Comm) => unknown): void;
}

/** Undefined outside of a notebook on the kernel "Deno (SAM)". */
export function comms(): Comms | undefined {
  return (globalThis as Record<symbol, unknown>)[Symbol.for("jupyter.comms")] as Comms | undefined;
}

const VERSION = "2.1.0";
const CONTROLS = "@jupyter-widgets/controls", BASE = "@jupyter-widgets/base";

/** A kind of model: whose it is, and the view that draws it. */
interface Kind {
  readonly name: string;
  readonly module: string;
  readonly viewModule: string;
  readonly view: string;
  readonly version: string;
}

function kind(name: string, module = CONTROLS, viewModule = module, view = `${name}View`): Kind {
  return { name: `${name}Model`, module, viewModule, view, version: "2.0.0" };
}

export const KINDS = {
  layout: kind("Layout", BASE),
  sliderStyle: kind("SliderStyle", CONTROLS, BASE, "StyleView"),
  descriptionStyle: kind("DescriptionStyle", CONTROLS, BASE, "StyleView"),
  buttonStyle: kind("ButtonStyle", CONTROLS, BASE, "StyleView"),
  floatSlider: kind("FloatSlider"),
  dropdown: kind("Dropdown"),
  button: kind("Button"),
  box: kind("VBox"),
  output: { ...kind("Output", "@jupyter-widgets/output"), version: "1.0.0" },
} as const satisfies Record<string, Kind>;

/** All models of this kernel, for a page that is reloaded. */
const models = new Map<string, Widget>();

/** One model, whose state is the same here and in every page that shows it. */
export class Widget {
  readonly id: string = crypto.randomUUID().replaceAll("-", "");
  /** Called with what the front end changed, after {@linkcode state} has it. */
  onChange: ((changes: State) => unknown) | undefined;
  /** Called with a message that is not a change of state, such as a click. */
  onCustom: ((content: State) => unknown) | undefined;
  #state: State;
  #comm: Comm | undefined;

  private constructor(kind: Kind, state: State) {
    this.#state = {
      _model_name: kind.name,
      _model_module: kind.module,
      _model_module_version: kind.version,
      _view_name: kind.view,
      _view_module: kind.viewModule,
      _view_module_version: kind.version,
      _view_count: null,
      ...state,
    };
  }

  /** Makes a model here and in the front end; outside a notebook, only here. */
  static async open(kind: Kind, state: State): Promise<Widget> {
    const widget = new Widget(kind, state);
    const { id } = widget;
    widget.#comm = await comms()?.open("jupyter.widget", {
      state: widget.#state,
      buffer_paths: [],
    }, { id, metadata: { version: VERSION } });
    if (widget.#comm) {
      answerNewPages();
      models.set(id, widget);
      widget.#comm.onMessage = ({ data }) => widget.#receive(data);
    }
    return widget;
  }

  get state(): State {
    return this.#state;
  }

  /** How another model's state names this one. */
  get reference(): string {
    return `IPY_MODEL_${this.id}`;
  }

  /** Changes the state here and in the front end. */
  async set(changes: State): Promise<void> {
    this.#state = { ...this.#state, ...changes };
    await this.#comm?.send({ method: "update", state: changes, buffer_paths: [] });
  }

  async #receive(data: CommMessage["data"]): Promise<void> {
    switch (data.method) {
      case "request_state":
        return await this.#comm?.send({ method: "update", state: this.#state, buffer_paths: [] });
      case "update": {
        const changes = data.state as State;
        this.#state = { ...this.#state, ...changes };
        await this.#comm?.send({ method: "echo_update", state: changes, buffer_paths: [] });
        return await this.onChange?.(changes) as undefined;
      }
      case "custom":
        return await this.onCustom?.(data.content as State) as undefined;
    }
  }
}

/** A page asks for all states at once when it connects to a running kernel. */
function answerNewPages(): void {
  if (models.size > 0) return;
  comms()?.register("jupyter.widget.control", (comm) => {
    comm.onMessage = async ({ data }) => {
      if (data.method !== "request_states") return;
      const states = Array.from(models, ([id, { state }]) => [id, {
        model_name: state._model_name,
        model_module: state._model_module,
        model_module_version: state._model_module_version,
        state,
      }]);
      await comm.send({
        method: "update_states",
        states: Object.fromEntries(states),
        buffer_paths: [],
      });
    };
  });
}
