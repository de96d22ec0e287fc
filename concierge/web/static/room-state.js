// What the guest's page knows: a view of the log, folded from its events, and what is being said right now.

const TOLD = new Set(["accepted", "started"]);

/** `devices`: id → device; `orders`: id → order, with `told`: the last that the guest was told of it; `messages`: in order;
 * `live`: lines that are not on the log yet. */
export class RoomState {
  constructor() {
    this.devices = new Map();
    this.orders = new Map();
    this.messages = [];
    this.live = [];
    this.devicesFrom = 0;
  }

  /** The devices as the service knows them; older events on the socket say nothing new about them. */
  takeDevices({ items, seq }) {
    this.devices = new Map(items.map((device) => [device.id, device]));
    this.devicesFrom = seq;
  }

  /** Another log: everything comes again. */
  reset() {
    this.orders.clear();
    this.messages = [];
    this.devicesFrom = 0;
  }

  /** One entry of the log. Returns what changed: "device", "order", "message" or "". */
  take({ seq, subject, event, by, at, data }) {
    const [, , kind, , id] = subject.split(".");
    if (kind === "device" && seq > this.devicesFrom) {
      const device = this.devices.get(id);
      if (device) this.devices.set(id, { ...device, state: data.state });
      return "device";
    }
    if (kind === "order") {
      this.orders.set(data.id, { ...data, seq, told: this.orders.get(data.id)?.told });
      return "order";
    }
    return kind === "im" ? this.#takeMessage({ seq, subject, event, by, at, data }) : "";
  }

  #takeMessage({ seq, subject, event, by, at, data }) {
    const about = this.messages.find((message) => message.seq === data.message);
    if (event === "said") {
      const mine = by.startsWith("guest:");
      this.messages.push({ seq, subject, mine, staff: by.startsWith("staff:"), at, ...data });
      const order = this.orders.get(data.order);
      if (order && TOLD.has(data.event)) this.orders.set(order.id, { ...order, told: data.text });
      if (data.via === "voice") this.live = this.live.filter((line) => !(line.turn === data.turn && line.mine === mine));
    } else if (event === "edited" && about) {
      about.text = data.text;
    } else if (event === "withdrawn") {
      this.messages = this.messages.filter((message) => message !== about);
    } else return "";
    return "message";
  }

  /** One line of the call's data channel. Returns whether it shows. */
  hear({ type, turn, text, final, kind }) {
    if (type === "heard") {
      const line = this.live.find((other) => other.turn === turn && other.mine);
      if (line) Object.assign(line, { text, interim: !final });
      else this.live.push({ turn, mine: true, text, interim: !final });
      return true;
    }
    if (type === "reply") {
      this.live = this.live.filter((line) => !(line.turn === turn && line.filler));
      this.live.push({ turn, mine: false, text, filler: kind === "filler" });
      return true;
    }
    return false;
  }

  /** A call is over: what was only interim was not said. */
  hungUp() {
    this.live = this.live.filter((line) => !line.interim);
  }
}
