/** A front end that keeps what it is sent, in place of the kernel's. */
type State = Readonly<Record<string, unknown>>;

interface Comm {
  readonly id: string;
  onMessage?: (message: { data: State }) => unknown;
  send(data: State): Promise<void>;
}

const COMMS = Symbol.for("jupyter.comms");

/** Registered once in a kernel's life. */
let pageOpened: (comm: Comm) => unknown = () => {};

export class FrontEnd {
  /** The models in the order in which they were opened. */
  readonly models: { readonly id: string; readonly state: State }[] = [];
  /** What was sent after that, by model. */
  readonly sent: { readonly id: string; readonly data: State }[] = [];
  readonly #comms = new Map<string, Comm>();

  /** The model of a name, such as "FloatSliderModel". */
  model(name: string): { readonly id: string; readonly state: State } {
    const found = this.models.find(({ state }) => state._model_name === name);
    if (!found) throw new Error(`No model ${name} was opened`);
    return found;
  }

  /** What a page sends to the model of a name. */
  async send(name: string, data: State): Promise<void> {
    await this.#comms.get(this.model(name).id)!.onMessage?.({ data });
  }

  /** A page that was loaded anew asks for everything. @returns what it gets */
  async loadPage(): Promise<State> {
    const answers: State[] = [];
    const comm: Comm = { id: "page", send: (data) => Promise.resolve(void answers.push(data)) };
    await pageOpened(comm);
    await comm.onMessage!({ data: { method: "request_states" } });
    return answers[0]!;
  }

  /** The outputs that the page shows under the controls. */
  get outputs(): readonly State[] {
    const { id, state } = this.model("OutputModel");
    const update = this.sent.findLast((message) => message.id === id)?.data.state as State;
    return (update ?? state).outputs as State[];
  }

  /** Runs with this front end connected. */
  async connected(run: () => Promise<void>): Promise<void> {
    const global = globalThis as Record<symbol, unknown>;
    global[COMMS] = {
      open: (_target: string, data: { state: State }, { id }: { id: string }) => {
        const comm: Comm = {
          id,
          send: (data) => Promise.resolve(void this.sent.push({ id, data })),
        };
        this.#comms.set(id, comm);
        this.models.push({ id, state: data.state });
        return Promise.resolve(comm);
      },
      register: (_target: string, opened: (comm: Comm) => unknown) => pageOpened = opened,
    };
    try {
      await run();
    } finally {
      delete global[COMMS];
    }
  }
}
