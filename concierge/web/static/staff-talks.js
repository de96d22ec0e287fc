// The conversations as this device knows them: who said what, what is unread, who is typing. Folded from the log's events.

import { named, t } from "./words.js";

const TYPING_MS = 5000;
const PAGE = 50;

/** `changed` is called whenever there is something new to draw. */
export class Talks {
  constructor(client, changed) {
    this.client = client;
    this.changed = changed;
    this.list = new Map(); // id → conversation, as GET /v1/conversations has it
    this.threads = new Map(); // id → {messages: seq → message, next, loaded}
    this.typists = new Map(); // id → {by, until}
  }

  /** `items`: of GET /v1/conversations, or what was kept of them. */
  fill(items) {
    this.list = new Map(items.map((item) => [item.id, item]));
    this.client.take(items);
    this.changed();
  }

  async refresh() {
    clearTimeout(this.refreshing);
    this.refreshing = setTimeout(() => this.client.get("/v1/conversations").then(({ items }) => this.fill(items), () => {}), 300);
  }

  /** Those with something unread. */
  get unread() {
    return [...this.list.values()].filter((talk) => talk.unread).length;
  }

  /** The latest first; then those where nothing was said yet. */
  get sorted() {
    return [...this.list.values()].sort((a, b) => (b.last?.seq ?? 0) - (a.last?.seq ?? 0));
  }

  /** What was said, in order, and what is on its way. */
  messagesOf(id) {
    const known = [...(this.threads.get(id)?.messages.values() ?? [])].sort((a, b) => a.seq - b.seq);
    const waiting = this.client.pending(id).filter((item) => item.frame.type === "send");
    return [...known, ...waiting.map((item) => ({ ...item.frame, by: this.client.account, at: new Date(item.at).toISOString(), item }))];
  }

  hasOlder(id) {
    return Boolean(this.threads.get(id)?.next);
  }

  typing(id) {
    const typist = this.typists.get(id);
    return typist && typist.until > Date.now() ? typist.by : null;
  }

  /** The conversation is looked at: its latest page, once. */
  async open(id) {
    if (!this.threads.has(id)) this.threads.set(id, { messages: new Map(), next: null, loaded: false });
    if (!this.threads.get(id).loaded) await this.#page(id, "");
  }

  older(id) {
    return this.#page(id, `&before=${this.threads.get(id).next}`);
  }

  async #page(id, before) {
    const thread = this.threads.get(id);
    const { items, next } = await this.client.get(`/v1/conversations/${id}/messages?limit=${PAGE}${before}`);
    for (const message of items) if (!thread.messages.has(message.seq)) thread.messages.set(message.seq, message);
    Object.assign(thread, { next, loaded: true });
    this.changed();
  }

  read(id) {
    const last = this.list.get(id)?.last;
    if (last && !document.hidden) this.client.read(id, last.seq);
  }

  type({ conversation, by }) {
    this.typists.set(conversation, { by, until: Date.now() + TYPING_MS });
    setTimeout(this.changed, TYPING_MS);
    this.changed();
  }

  /** Another log: what was said comes again. */
  reset() {
    this.threads.clear();
    this.refresh();
  }

  /** An event of a conversation. */
  take({ seq, subject, event, at, by, data }) {
    const id = subject.split(".")[3];
    const talk = this.list.get(id);
    const thread = this.threads.get(id);
    const message = event === "said" ? { ...data, seq, at, by, conversation: id } : thread?.messages.get(data.message);
    switch (event) {
      case "said":
        thread?.messages.set(seq, message);
        this.typists.delete(id);
        if (!talk) this.refresh();
        else if (seq > (talk.last?.seq ?? 0)) Object.assign(talk, { last: message, unread: talk.unread + (by === this.client.account ? 0 : 1) });
        break;
      case "edited":
        if (message) thread.messages.set(data.message, { ...message, text: data.text, edited: at });
        if (talk?.last?.seq === data.message) talk.last = { ...talk.last, text: data.text };
        break;
      case "withdrawn":
        if (message) thread.messages.set(data.message, { ...message, text: "", withdrawn: true });
        if (talk?.last?.seq === data.message) talk.last = { ...talk.last, text: "", withdrawn: true };
        break;
      case "read":
        if (by === this.client.account && data.seq >= (talk?.last?.seq ?? 0)) talk && (talk.unread = 0);
        break;
      default: // joined, left, named: the members and the name
        this.refresh();
    }
    this.changed();
  }
}

/** What a conversation is called. */
export function titleOf({ id, kind, name, members, space }, { hotel, me, shifts }, lang) {
  const of = id.slice(kind.length + 1);
  switch (kind) {
    case "stay":
      return t(lang, "talk.room", { room: space ?? "" });
    case "dept":
      return named(hotel.departments[of], lang) || of;
    case "floor":
      return t(lang, "floor", { floor: of });
    case "shift":
      return named(shifts?.[of]?.name, lang) || of;
    case "direct":
      return named(me.colleagues[(members?.length ? members : of.split("--")).find((one) => one !== me.id)], lang) || of;
    case "incident":
      return t(lang, "incident");
    default:
      return name || of;
  }
}

/** Who said something, as its readers call them. */
export function authorOf(by, me, lang) {
  const [kind, id] = by.split(":");
  if (kind === "guest") return t(lang, "talk.guest");
  return kind === "staff" ? named(me.colleagues[id], lang) || id : t(lang, "talk.concierge");
}

/** A message in a line. */
export function gist(message, lang) {
  if (message.withdrawn) return t(lang, "talk.withdrawn");
  const what = { image: "talk.photo", voice: "talk.voice", card: "talk.card" }[message.kind];
  return [what && t(lang, what), message.text || message.transcript].filter(Boolean).join(" ");
}

/** The conversation of two of the staff. */
export function ofTwo(one, other) {
  return `direct-${[one, other].sort().join("--")}`;
}
