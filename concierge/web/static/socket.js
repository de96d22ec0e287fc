// Live sync by sequence: "I have 812" → everything after 812, then live. Survives sleep, loss and restarts.

import { random } from "./api.js";

const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 10_000;
const PING_MS = 15_000;
const SILENCE_MS = 40_000;

/**
 * Events: `event` (detail: an event frame), `ready`, `reset`, `state` (detail: "live" | "waiting"), `refused`
 * (the token is worth nothing any more), `voice` (any other frame).
 */
export class Socket extends EventTarget {
  #token;
  #since;
  #log;
  #ws = null;
  #wait = FIRST_WAIT_MS;
  #retry = 0;
  #heard = 0;
  #pulse = 0;
  #stopped = true;
  #unsent = new Map(); // client id → {frame, resolve, reject}

  constructor(token, { since = null, log = null } = {}) {
    super();
    this.#token = token;
    this.#since = since;
    this.#log = log;
    this.live = false;
    this.wake = () => {
      if (!document.hidden && !this.#stopped && !this.live) this.#reconnectNow();
    };
  }

  start() {
    this.#stopped = false;
    addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    this.#connect();
  }

  stop() {
    this.#stopped = true;
    removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
    clearTimeout(this.#retry);
    clearInterval(this.#pulse);
    this.#ws?.close();
    this.#setLive(false);
  }

  /** Gives up this connection; another one follows by itself. */
  drop() {
    this.#ws?.close();
  }

  /** Resolves with the message's sequence once it is durable. It is sent again after a lost connection, never twice. */
  send(conversation, text, lang) {
    const frame = { type: "send", client_id: random(), conversation, text, lang };
    return new Promise((resolve, reject) => {
      this.#unsent.set(frame.client_id, { frame, resolve, reject });
      if (this.live) this.#ws.send(JSON.stringify(frame));
    });
  }

  #connect() {
    const ws = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/v1/socket`);
    this.#ws = ws;
    ws.onopen = () => {
      this.#heard = Date.now();
      const hello = { type: "hello", token: this.#token };
      if (this.#since !== null) hello.since = this.#since;
      if (this.#log) hello.log = this.#log;
      ws.send(JSON.stringify(hello));
    };
    ws.onmessage = ({ data }) => {
      this.#heard = Date.now();
      this.#take(JSON.parse(data));
    };
    ws.onclose = ({ code }) => {
      if (ws !== this.#ws) return;
      clearInterval(this.#pulse);
      this.#setLive(false);
      if (code === 4401) {
        this.stop();
        this.dispatchEvent(new Event("refused"));
      } else if (!this.#stopped) {
        // Full jitter: a hundred rooms do not come back in the same moment.
        this.#retry = setTimeout(() => this.#connect(), Math.random() * this.#wait);
        this.#wait = Math.min(this.#wait * 2, LONGEST_WAIT_MS);
      }
    };
  }

  #reconnectNow() {
    clearTimeout(this.#retry);
    this.#wait = FIRST_WAIT_MS;
    if (this.#ws?.readyState > WebSocket.OPEN) this.#connect();
  }

  #take(frame) {
    switch (frame.type) {
      case "event":
        this.#since = frame.seq;
        this.dispatchEvent(new CustomEvent("event", { detail: frame }));
        break;
      case "ready":
        this.#since = Math.max(this.#since ?? 0, frame.seq);
        this.#log = frame.log;
        this.#wait = FIRST_WAIT_MS;
        this.#setLive(true);
        this.dispatchEvent(new CustomEvent("ready", { detail: frame }));
        for (const { frame: unsent } of this.#unsent.values()) this.#ws.send(JSON.stringify(unsent));
        this.#pulse = setInterval(() => this.#beat(), PING_MS);
        break;
      case "reset":
        this.#since = 0;
        this.#log = frame.log;
        this.dispatchEvent(new Event("reset"));
        break;
      case "ack":
      case "error": {
        const waiting = this.#unsent.get(frame.client_id);
        this.#unsent.delete(frame.client_id);
        if (frame.type === "ack") waiting?.resolve(frame.seq);
        else if (waiting) waiting.reject(Object.assign(new Error(frame.detail), frame));
        break;
      }
      case "pong":
        break;
      default:
        this.dispatchEvent(new CustomEvent("voice", { detail: frame }));
    }
  }

  #beat() {
    if (Date.now() - this.#heard > SILENCE_MS) this.drop();
    else this.#ws.send('{"type":"ping"}');
  }

  #setLive(live) {
    if (live === this.live) return;
    this.live = live;
    this.dispatchEvent(new CustomEvent("state", { detail: live ? "live" : "waiting" }));
  }
}
