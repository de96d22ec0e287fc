// What this device knows of the house, kept in step with the log: tickets, alarms, conversations, who is here.

import { Client, Problem } from "./client.js";
import { Tickets, tapped } from "./staff-tickets.js";
import { Talks } from "./staff-talks.js";
import * as session from "./staff-session.js";

const SEEN_MS = 1500;

/** Events: `changed`, `event` (a frame of the log), `refused` (the token is worth nothing any more), `failed` (a tap's Problem). */
export class Sync extends EventTarget {
  /** `seen`: how things stand, or stood when they were last seen; from exactly there on by the socket. */
  constructor(token, seen, lang) {
    super();
    const { me, hotel, people, shifts } = seen;
    Object.assign(this, { token, me, hotel, people, shifts, next: seen.next });
    this.tickets = new Tickets();
    this.tickets.fill(seen.orders);
    this.incidents = new Map(seen.incidents.map((incident) => [incident.id, incident]));
    this.client = new Client(token, { account: `staff:${me.id}`, since: seen.since, log: seen.log, lang, presence: true });
    this.talks = new Talks(this.client, () => this.#tell("changed"));
    this.talks.fill(seen.talks);
    this.#listen();
    this.client.start();
    addEventListener("pagehide", this.keep);
  }

  #listen() {
    const { client } = this;
    client.on("event", (frame) => this.#take(frame));
    client.on("reset", () => this.#reset());
    client.on("refused", () => this.#tell("refused"));
    client.on("failed", (failed) => this.#failed(failed));
    client.on("typing", (frame) => this.talks.type(frame));
    for (const name of ["outbox", "cursors", "ready", "state"]) client.on(name, () => this.#tell("changed"));
  }

  stop() {
    this.client.stop();
    clearTimeout(this.keeping);
    removeEventListener("pagehide", this.keep);
  }

  get live() {
    return this.client.live;
  }

  /** For the next time the page is opened, be it without a network. */
  keep = () => {
    clearTimeout(this.keeping);
    this.keeping = undefined;
    const { me, hotel, people, shifts, next, client } = this;
    const orders = [...this.tickets.orders.values()];
    const talks = [...this.talks.list.values()];
    session.keepSeen({ me, hotel, people, shifts, next, orders, incidents: [...this.incidents.values()], talks, since: client.since, log: client.log });
  };

  async older() {
    const page = await this.client.get(`/v1/orders?limit=50&before=${this.next}`);
    this.tickets.fill(page.items);
    this.next = page.next;
    this.#tell("changed");
  }

  #take(frame) {
    const { seq, subject, data } = frame;
    switch (subject.split(".")[2]) {
      case "order":
        this.tickets.take(seq, data);
        break;
      case "incident":
        if (seq < (this.incidents.get(data.id)?.seq ?? 0)) break;
        if (data.state === "cleared") this.incidents.delete(data.id);
        else this.incidents.set(data.id, { ...data, seq });
        break;
      case "im":
        this.talks.take(frame);
        break;
      case "staff":
        this.#askWhoIsHere();
        break;
    }
    this.#tell("event", frame);
    this.#tell("changed");
    this.keeping ??= setTimeout(this.keep, SEEN_MS);
  }

  #reset() {
    this.tickets.clear();
    this.incidents.clear();
    this.talks.reset();
  }

  #askWhoIsHere() {
    clearTimeout(this.asking);
    this.asking = setTimeout(async () => {
      const { items, shifts } = await this.client.get("/v1/rota").catch(() => ({ items: this.people, shifts: this.shifts }));
      Object.assign(this, { people: items, shifts });
      this.#tell("changed");
    }, 300);
  }

  /** A tap that the service refused: what was tapped after it falls with it. */
  #failed({ item, error }) {
    if (item.frame) return; // a message tells it itself
    const order = tapped(item)?.order;
    for (const other of this.client.pending()) {
      if (other === item || (order && tapped(other)?.order === order)) this.client.dismiss(other);
    }
    this.#tell("failed", error);
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}

/** All that the page begins with. `ask`: path → its JSON. Raises `Problem`, or what fetch does without a network. */
export async function current(ask) {
  const [hotel, me] = await Promise.all([ask("/v1/property"), ask("/v1/me")]);
  if (me.kind !== "staff") throw new Problem({ status: 403, code: "forbidden" });
  const [open, recent, incidents, talks, rota] = await Promise.all([
    all(ask, "/v1/orders?state=open&limit=200"),
    ask("/v1/orders?limit=50"),
    ask("/v1/incidents"),
    ask("/v1/conversations"),
    ask("/v1/rota"),
  ]);
  return {
    hotel,
    me,
    people: rota.items,
    shifts: rota.shifts,
    orders: [...recent.items, ...open.items],
    next: recent.next,
    incidents: incidents.items,
    talks: talks.items,
    since: Math.min(open.seq, recent.seq, incidents.seq, talks.seq),
  };
}

/** All pages of a list; `seq` is that of the first. */
async function all(ask, path) {
  const first = await ask(path);
  for (let next = first.next; next; ) {
    const page = await ask(`${path}&before=${next}`);
    first.items.push(...page.items);
    next = page.next;
  }
  return first;
}
