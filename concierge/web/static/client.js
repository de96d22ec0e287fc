// The client of the service: live sync by sequence, an outbox that survives a reload, message states, requests.
// One module for the pages and the mini-program: it knows no DOM. What it needs of its surroundings is `environment`.
//
//   const client = new Client(token, { account, since, log, lang, presence, environment });
//     account  who the token names, as the log's `by` has it ("staff:li_na", "guest:<stay>"). The outbox belongs to it.
//     since    the last seq that is held already: everything after it comes. 0: all of it. null: only what is new.
//     log      the log's incarnation that `since` belongs to (client.log of the session before)
//     presence true: who of the house is here is wanted too (for staff)
//   client.start()  client.stop()  client.drop() (gives up this connection, another follows)
//   client.on(name, fn) → a function that takes fn off again. Names, and what fn gets:
//     "event"      an event frame {seq, subject, event, at, by, data}: in order, none missing, none twice
//     "ready"      {seq, log}: everything missed has come       "reset"  another log: forget all, everything comes again
//     "state"      "live" | "waiting"                           "refused" the token is worth nothing any more
//     "outbox"     the pending items changed                    "failed"  {item, error}: refused for good
//     "cursors"    {conversation, who, seq, kind: "read" | "delivered"}: one moved on
//     "typing"     {conversation, by}                           "presence" {who, state: "online" | "offline"}
//     "voice"      any other frame (push-to-talk: heard, reply, …)
//   client.send(conversation, text | {text, kind, file, reply_to, mentions, card, lang}) → item. Never lost: it is kept until
//     the service has it on its log, over reloads, and is there once, in the order typed. `file` is a hash from upload().
//   client.edit(conversation, seq, text) → item      client.withdraw(conversation, seq) → item
//   client.act(path, body) → item: a POST that is kept like a message (a tap in a dead spot); done gives its answer
//     item: {client_id, state: "waiting" | "failed", at (ms), frame or path and body, error, done: a promise}
//   client.pending(conversation?) → items, oldest first     client.again(item)  client.dismiss(item): of a failed one
//   client.read(conversation, seq): read up to there. Cursors only advance.      client.typing(conversation)
//   client.statesOf(frame) of an own `said` → {state, read: [who], delivered: [who]}, where state is
//     "sent"       it is durable on the log (the service's ack)
//     "delivered"  a client of another participant holds it: each tells so by a frame `got` once it has come
//     "read"       another participant's read cursor, which is on the log, has reached it
//   client.take(conversations): the cursors of GET /v1/conversations, from before `since`
//   client.raw(data): one frame as it is (voice and its PCM); false while there is no connection
//   client.get(path)  client.post(path, body, key)  client.upload(blob, name) → {hash, type, bytes, url, …}
//
//   environment (browser below has the defaults): connect(url) → {send, close, onopen, onmessage, onclose}, origin, fetch,
//     storage {keys(), get(key), set(key, text), remove(key)} or null, setTimeout, clearTimeout, setInterval, clearInterval,
//     now(), id(), jitter() in 0–1, onWake(fn) → off: calls fn when the network or the page is back

import { Problem, get, post } from "./api.js";
import { Cursors } from "./cursors.js";
import { browser } from "./environment.js";
import { Outbox } from "./outbox.js";

export { clock, get, post, Problem } from "./api.js";
export { browser };

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 10_000;
const PING_MS = 20_000;
const SILENCE_MS = 45_000;
const PROBE_MS = 4000;
const GOT_MS = 300;
const TYPING_MS = 3000;
const AGAIN_MS = 1000;
const PASSING = new Set(["unavailable", "conflict"]);
const KEPT = "concierge.outbox.";

export class Client {
  #token;
  #env;
  #ws = null;
  #wait = FIRST_WAIT_MS;
  #retry = 0;
  #heard = 0;
  #pulse = 0;
  #stopped = true;
  #asleep = () => {};
  #listeners = new Map();
  #outbox;
  #inFlight = null; // the item that is with the service now: one at a time, so that the order stands
  #posting = false;
  #cursors = new Cursors();
  #reading = new Map(); // conversation → what was read here, until the service says so too
  #got = new Map();
  #gotTimer = 0;
  #typed = new Map();

  constructor(token, { account = "", since = null, log = null, lang = null, presence = false, environment = browser } = {}) {
    this.#token = token;
    this.#env = environment;
    this.#outbox = new Outbox(account && environment.storage, `${KEPT}${account}.`);
    this.account = account;
    this.since = since;
    this.log = log;
    this.lang = lang;
    this.presence = presence;
    this.live = false;
  }

  on(name, listener) {
    if (!this.#listeners.has(name)) this.#listeners.set(name, new Set());
    this.#listeners.get(name).add(listener);
    return () => this.#listeners.get(name).delete(listener);
  }

  start() {
    this.#stopped = false;
    this.#asleep = this.#env.onWake(() => this.#wake());
    this.#connect();
    this.#post();
  }

  stop() {
    this.#stopped = true;
    this.#asleep();
    this.#env.clearTimeout(this.#retry);
    this.drop();
  }

  drop() {
    const ws = this.#ws;
    if (!ws) return;
    this.#lost(ws, 1000); // at once: a dead line would take its time to tell that it is closed
    ws.close();
  }

  // what goes up

  send(conversation, message) {
    const said = typeof message === "string" ? { text: message } : message;
    return this.#queue({ frame: { type: "send", lang: this.lang, ...said, conversation } });
  }

  edit(conversation, message, text) {
    return this.#queue({ frame: { type: "edit", conversation, message, text } });
  }

  withdraw(conversation, message) {
    return this.#queue({ frame: { type: "withdraw", conversation, message } });
  }

  act(path, body) {
    return this.#queue({ path, body });
  }

  pending(conversation) {
    return this.#outbox.all().filter((item) => !conversation || item.frame?.conversation === conversation);
  }

  again(item) {
    this.#outbox.put(Object.assign(item, { state: "waiting", error: undefined }));
    this.#changed();
  }

  dismiss(item) {
    this.#outbox.remove(item.client_id);
    this.#emit("outbox");
  }

  read(conversation, seq) {
    if (seq <= Math.max(this.#reading.get(conversation) ?? 0, this.#cursors.of("read", conversation, this.account))) return;
    this.#reading.set(conversation, seq);
    this.raw({ type: "read", conversation, seq });
  }

  typing(conversation) {
    if (this.#env.now() - (this.#typed.get(conversation) ?? -TYPING_MS) < TYPING_MS) return;
    this.#typed.set(conversation, this.#env.now());
    this.raw({ type: "typing", conversation });
  }

  raw(data) {
    if (!this.live) return false;
    const binary = data instanceof ArrayBuffer || ArrayBuffer.isView(data);
    this.#ws.send(binary || typeof data === "string" ? data : JSON.stringify(data));
    return true;
  }

  get(path) {
    return get(path, this.#token, this.#env);
  }

  post(path, body, key = this.#env.id()) {
    return post(path, body, this.#token, key, this.#env);
  }

  upload(blob, name = "") {
    const form = new FormData();
    form.append("file", blob, name);
    return post("/v1/files", form, this.#token, this.#env.id(), this.#env);
  }

  // how messages stand

  statesOf({ subject, seq }) {
    return this.#cursors.statesOf(subject.split(".")[3], seq, this.account);
  }

  take(conversations) {
    for (const { id, cursors } of conversations) {
      for (const [who, seq] of Object.entries(cursors ?? {})) this.#advance("read", id, who, seq);
    }
  }

  #advance(kind, conversation, who, seq) {
    if (!this.#cursors.advance(kind, conversation, who, seq)) return;
    if (kind === "read" && who === this.account && seq >= this.#reading.get(conversation)) this.#reading.delete(conversation);
    this.#emit("cursors", { conversation, who, seq, kind });
  }

  // the connection

  #connect() {
    const ws = this.#env.connect(`${this.#env.origin.replace(/^http/, "ws")}/v1/socket`);
    this.#ws = ws;
    this.#heard = this.#env.now();
    this.#env.clearInterval(this.#pulse);
    this.#pulse = this.#env.setInterval(() => this.#beat(), PING_MS);
    ws.onopen = () => {
      const hello = { type: "hello", token: this.#token };
      if (this.since !== null) hello.since = this.since;
      if (this.log) hello.log = this.log;
      if (this.presence) hello.presence = true;
      ws.send(JSON.stringify(hello));
    };
    ws.onmessage = ({ data }) => {
      if (ws !== this.#ws) return;
      this.#heard = this.#env.now();
      this.#take(JSON.parse(data));
    };
    ws.onclose = ({ code }) => this.#lost(ws, code);
  }

  #lost(ws, code) {
    if (ws !== this.#ws) return;
    this.#ws = null;
    this.#inFlight = null;
    this.#env.clearInterval(this.#pulse);
    this.#setLive(false);
    if (code === 4401) {
      this.stop();
      this.#emit("refused");
    } else if (!this.#stopped) {
      // Full jitter: a hundred rooms do not come back in the same moment.
      this.#retry = this.#env.setTimeout(() => this.#connect(), this.#env.jitter() * this.#wait);
      this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
    }
  }

  /** The network or the page is back. A line that slept may be dead without having been told so. */
  #wake() {
    if (this.#stopped) return;
    this.#post();
    if (!this.#ws) {
      this.#env.clearTimeout(this.#retry);
      this.#wait = FIRST_WAIT_MS;
      this.#connect();
      return;
    }
    const [ws, asked] = [this.#ws, this.#env.now()];
    this.raw({ type: "ping" });
    this.#env.setTimeout(() => ws === this.#ws && this.#heard < asked && this.drop(), PROBE_MS);
  }

  #beat() {
    if (this.#env.now() - this.#heard > SILENCE_MS) this.drop();
    else this.raw({ type: "ping" });
  }

  #take(frame) {
    switch (frame.type) {
      case "event":
        this.since = frame.seq;
        this.#note(frame);
        this.#emit("event", frame);
        break;
      case "ready":
        this.since = Math.max(this.since ?? 0, frame.seq);
        this.log = frame.log;
        this.#wait = FIRST_WAIT_MS;
        this.#setLive(true);
        this.#emit("ready", frame);
        for (const [conversation, seq] of this.#reading) this.raw({ type: "read", conversation, seq });
        this.#tellGot();
        this.#outbox.load(); // another page of this device may have left something and gone
        this.#changed();
        break;
      case "reset":
        this.since = 0;
        this.log = frame.log;
        this.#cursors.clear();
        this.#reading.clear();
        this.#got.clear();
        this.#emit("reset");
        break;
      case "pong": // says up to where everything has come, also what is not for us: less to read after a sleep
        if (frame.seq > this.since) this.since = frame.seq;
        break;
      case "ack":
        this.#settle(frame.client_id, frame.seq);
        break;
      case "error":
        this.#refused(frame);
        break;
      case "cursor":
        this.#advance("read", frame.conversation, this.account, frame.seq);
        break;
      case "delivered":
        this.#advance("delivered", frame.conversation, frame.by, frame.seq);
        break;
      case "typing":
      case "presence":
        this.#emit(frame.type, frame);
        break;
      default:
        this.#emit("voice", frame);
    }
  }

  /** What an event says of cursors and of our own messages, which it settles before their ack does. */
  #note({ seq, subject, event, by, data }) {
    const [, , kind, conversation] = subject.split(".");
    if (kind !== "im") return;
    if (event === "read") this.#advance("read", conversation, by, Math.min(data.seq, seq));
    if (event !== "said") return;
    if (by === this.account) this.#settle(data.client_id, seq);
    else if (!by.startsWith("service:")) {
      this.#got.set(conversation, seq);
      this.#gotTimer ||= this.#env.setTimeout(() => this.#tellGot(), GOT_MS);
    }
  }

  #tellGot() {
    this.#env.clearTimeout(this.#gotTimer);
    this.#gotTimer = 0;
    for (const [conversation, seq] of this.#got) this.raw({ type: "got", conversation, seq });
  }

  #setLive(live) {
    if (live === this.live) return;
    this.live = live;
    this.#emit("state", live ? "live" : "waiting");
  }

  // the outbox

  #queue(content) {
    const item = this.#outbox.put({ ...content, client_id: this.#env.id(), at: this.#env.now(), state: "waiting" });
    this.#changed();
    return item;
  }

  #changed() {
    this.#emit("outbox");
    this.#pump();
    this.#post();
  }

  #pump() {
    if (!this.live || this.#inFlight) return;
    const next = this.#outbox.all().find((item) => item.frame && item.state === "waiting");
    if (!next) return;
    this.#inFlight = next.client_id;
    this.raw({ ...next.frame, client_id: next.client_id });
  }

  #settle(clientId, seq) {
    if (!clientId) return;
    if (this.#inFlight === clientId) this.#inFlight = null;
    if (this.#outbox.settle(clientId, seq)) this.#emit("outbox");
    this.#pump();
  }

  #refused(frame) {
    const item = frame.client_id && this.#outbox.find(frame.client_id);
    if (!item) return;
    this.#inFlight = null;
    if (PASSING.has(frame.code)) this.#env.setTimeout(() => this.#pump(), AGAIN_MS);
    else {
      this.#fail(item, new Problem({ code: frame.code, detail: frame.detail }));
      this.#pump();
    }
  }

  #fail(item, error) {
    this.#outbox.put(Object.assign(item, { state: "failed", error: { code: error.code, detail: error.detail } }));
    this.#outbox.reject(item, error);
    this.#emit("outbox");
    this.#emit("failed", { item, error });
  }

  async #post() {
    if (this.#posting || this.#stopped) return;
    this.#posting = true;
    for (;;) {
      const item = this.#outbox.all().find((one) => one.path && one.state === "waiting");
      if (!item) break;
      try {
        this.#outbox.settle(item.client_id, await this.post(item.path, item.body, item.client_id));
        this.#emit("outbox");
      } catch (error) {
        if (!(error instanceof Problem) || error.status === 401 || error.status === 429 || error.status >= 500) {
          // the network, a log-in or the service must come back first
          this.#env.setTimeout(() => this.#post(), LONGEST_WAIT_MS);
          break;
        }
        this.#fail(item, error);
      }
    }
    this.#posting = false;
  }

  #emit(name, detail) {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) listener(detail);
  }
}
