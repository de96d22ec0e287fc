// /room: the guest talks or types, sees what was heard, what is being done, and the room as it really is.

import { LitElement, html, css, nothing, repeat, classMap } from "./vendor/lit.js";
import { look } from "./look.js";
import { icon } from "./icons.js";
import { get, post, Problem } from "./api.js";
import { Socket } from "./socket.js";
import { Call } from "./call.js";
import { RoomState } from "./room-state.js";
import { t, named, chosenLanguage, otherLanguage } from "./words.js";
import { isOver } from "./room-order.js";
import "./room-device.js";
import "./room-entry.js";
import "./room-talk.js";

const KEPT = "concierge.room";
const SILENT_SHOWN_MS = 5000;
const OVER_SHOWN_MS = 30 * 60 * 1000;

class ConciergeRoom extends LitElement {
  static properties = {
    lang: { state: true },
    hotel: { state: true },
    me: { state: true },
    view: { state: true }, // loading, entry, room
    notice: { state: true },
    connected: { state: true },
    call: { state: true },
    speaking: { state: true },
  };

  static styles = [
    look,
    css`
      :host {
        display: block;
        height: 100dvh;
        background: var(--paper);
      }
      .page {
        display: flex;
        flex-direction: column;
        height: 100%;
      }
      .side {
        display: contents; /* on a phone its parts stand in the page's one column */
      }
      .devices {
        order: 1;
      }
      .orders {
        order: 2;
      }
      .talk {
        order: 3;
        flex: 1;
        min-height: 0;
      }
      footer {
        order: 4;
      }
      header {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 12px;
        padding: 14px 20px 10px;
      }
      h1 {
        font: 500 1.7rem/1.15 var(--serif);
      }
      .devices {
        display: flex;
        flex: none;
        gap: 10px;
        padding: 4px 20px 12px;
        overflow-x: auto;
        scroll-padding: 0 20px;
        scrollbar-width: none;
      }
      .devices::-webkit-scrollbar {
        display: none;
      }
      .devices room-device {
        flex: 0 0 132px;
      }
      .devices room-device.wide {
        flex-basis: 198px;
      }
      .orders {
        display: flex;
        flex: none;
        gap: 10px;
        align-items: flex-start;
        padding: 0 20px 12px;
        overflow-x: auto;
        scrollbar-width: none;
      }
      .orders room-order {
        flex: 0 0 100%;
      }
      .orders.many room-order {
        flex-basis: min(88%, 340px);
      }
      .side .section {
        display: none;
      }
      .talk {
        display: flex;
        flex-direction: column;
        gap: 14px;
        padding: 12px 20px 16px;
        overflow-y: auto;
        border-top: 1px solid var(--line);
      }
      .talk::before {
        content: "";
        margin-top: auto;
      }
      .line {
        animation: arrive 0.35s ease-out;
        overflow-wrap: anywhere;
      }
      .theirs {
        max-width: 34rem;
        padding-right: 2.5rem;
        font: 400 1.22rem/1.5 var(--serif);
        text-wrap: pretty;
      }
      .theirs::first-letter {
        text-transform: uppercase;
      }
      .earlier .theirs {
        color: color-mix(in srgb, var(--ink) 72%, transparent);
      }
      .mine {
        align-self: flex-end;
        max-width: min(30rem, 84%);
        padding: 9px 15px;
        border-radius: 18px 18px 5px 18px;
        background: var(--paper-deep);
      }
      .mine::first-letter {
        text-transform: uppercase;
      }
      .waiting,
      .filler {
        color: var(--ink-soft);
      }
      .interim::after {
        content: "…";
      }
      .colleague {
        display: block;
        color: var(--ink-soft);
        font: 0.8rem/1.4 var(--sans);
      }
      .hello h2 {
        font: 500 2rem/1.25 var(--serif);
      }
      .hello p {
        margin-top: 6px;
        color: var(--ink-soft);
      }
      .hints {
        display: flex;
        flex-wrap: wrap;
        gap: 8px;
        margin-top: 16px;
      }
      footer {
        display: grid;
        gap: 12px;
        padding: 10px 20px calc(14px + env(safe-area-inset-bottom));
        background: linear-gradient(to top, var(--paper) 82%, transparent);
      }
      form {
        position: relative;
        display: flex;
      }
      form .field {
        padding-right: 56px;
      }
      form button {
        position: absolute;
        inset: 2px 2px 2px auto;
        display: grid;
        place-items: center;
        width: 44px;
        height: 44px;
        border-radius: 50%;
        background: var(--brass);
        color: var(--brass-ink);
        transition: opacity 0.2s;
      }
      form .field:placeholder-shown + button {
        opacity: 0;
        pointer-events: none;
      }
      .offline {
        position: fixed;
        z-index: 2;
        inset: 8px auto auto 50%;
        padding: 6px 14px;
        transform: translateX(-50%);
        border-radius: 999px;
        background: var(--ink);
        color: var(--paper);
        font-size: 0.85rem;
      }
      @keyframes arrive {
        from {
          opacity: 0;
          transform: translateY(8px);
        }
      }

      @media (min-width: 960px) {
        .page {
          display: grid;
          grid-template-columns: minmax(0, 1fr) 436px;
          grid-template-rows: auto minmax(0, 1fr) auto;
        }
        header,
        .talk,
        footer {
          grid-column: 1;
          width: min(100%, 820px);
          margin: 0 auto;
          padding-inline: 40px;
        }
        header {
          padding-top: 24px;
        }
        .talk {
          border-top: 0;
        }
        .side {
          display: flex;
          flex-direction: column;
          grid-column: 2;
          grid-row: 1 / -1;
          gap: 12px;
          padding: 28px 28px;
          overflow-y: auto;
          border-left: 1px solid var(--line);
          background: var(--paper-deep);
        }
        .side .section {
          display: block;
        }
        .side > * {
          order: 0;
        }
        .devices {
          display: grid;
          grid-template-columns: repeat(3, minmax(0, 1fr));
          flex: none;
          padding: 0;
          overflow: visible;
        }
        .devices room-device.wide {
          grid-column: span 2;
        }
        .orders {
          flex-direction: column;
          align-items: stretch;
          padding: 0 0 12px;
          overflow: visible;
        }
        .orders room-order,
        .orders.many room-order {
          flex: none;
        }
        .mine {
          background: var(--card);
        }
      }
    `,
  ];

  constructor() {
    super();
    this.lang = chosenLanguage();
    this.view = "loading";
    this.connected = true;
    this.state = new RoomState();
    this.waiting = new Set();
    this.silent = new Set();
  }

  connectedCallback() {
    super.connectedCallback();
    this.#open();
  }

  async #open() {
    const { token, code } = takeFromAddress();
    try {
      this.hotel = await get("/v1/property");
      const entered = token ?? (code ? (await post("/v1/room-token", { code })).token : kept());
      if (entered) await this.#enter(entered);
      else this.view = "entry";
    } catch (error) {
      this.#closed(error);
    }
  }

  async #enter(token) {
    const me = await get("/v1/me", token);
    if (me.kind !== "guest") throw new Problem({ status: 403, code: "forbidden" });
    this.token = token;
    keep(token);
    this.me = me;
    this.lang = chosenLanguage(me.language);
    document.documentElement.lang = this.lang;
    this.state = new RoomState();
    this.state.takeDevices(await get(`/v1/devices/${me.space}`, token));
    this.view = "room";
    this.#sync();
  }

  #sync() {
    this.socket = new Socket(this.token, { since: 0 });
    this.socket.addEventListener("event", ({ detail }) => this.#take(detail));
    this.socket.addEventListener("reset", () => this.state.reset());
    this.socket.addEventListener("ready", () => {
      this.ready = true;
      this.requestUpdate();
      this.#toTheEnd();
    });
    this.socket.addEventListener("state", ({ detail }) => {
      clearTimeout(this.patience);
      if (detail === "live") this.connected = true;
      else this.patience = setTimeout(() => (this.connected = false), 1200); // a blink is not worth a word
    });
    this.socket.addEventListener("refused", () => this.#closed(new Problem({ status: 401, code: "unauthorized" })));
    this.socket.start();
  }

  #take(frame) {
    const changed = this.state.take(frame);
    if (changed === "device" && this.ready) {
      const id = frame.subject.split(".")[4];
      this.waiting.delete(id);
      this.silent.delete(id);
      this.#show(id);
    }
    if (changed) this.requestUpdate();
    if (changed === "message" && this.ready) this.#toTheEnd();
  }

  #closed(error) {
    const ended = error instanceof Problem && (error.status === 401 || error.status === 403);
    if (ended && (kept() || this.me)) this.notice = t(this.lang, "entry.ended");
    if (ended) keep(null);
    this.call?.stop();
    this.socket?.stop();
    this.call = null;
    this.me = null;
    this.ready = false;
    this.view = "entry";
    if (!ended) this.notice = t(this.lang, "error.offline");
  }

  render() {
    switch (this.view) {
      case "entry":
        return html`<room-entry .hotel=${this.hotel} .lang=${this.lang} .notice=${this.notice ?? ""} @entered=${this.#entered}></room-entry>`;
      case "room":
        return this.#room();
      default:
        return nothing;
    }
  }

  #room() {
    const { lang, me, hotel } = this;
    return html`
      <div class="page" data-ready=${this.ready ? "yes" : "no"}>
        <header>
          <div>
            <p class="section">${named(hotel.name, lang)}</p>
            <h1>${named(me.space_name, lang)}</h1>
          </div>
          <button class="quiet" aria-label=${t(lang, "language.label")} @click=${this.#switch}>${t(lang, "language")}</button>
        </header>
        <aside class="side">${this.#orders()} ${this.#devices()}</aside>
        <main class="talk" aria-label=${t(lang, "conversation")}>${this.#conversation()}</main>
        <footer>
          <room-talk .lang=${lang} .call=${this.call} ?speaking=${this.speaking} @talk=${this.#talk}></room-talk>
          <form @submit=${this.#type}>
            <input class="field" name="text" autocomplete="off" enterkeyhint="send" maxlength="4000" placeholder=${t(lang, "type")} aria-label=${t(lang, "type")} />
            <button aria-label=${t(lang, "send")}>${icon("send")}</button>
          </form>
        </footer>
        ${this.connected ? nothing : html`<div class="offline" role="status">${t(lang, "reconnecting")}</div>`}
      </div>
    `;
  }

  #orders() {
    const recent = Date.now() - OVER_SHOWN_MS;
    const shown = [...this.state.orders.values()]
      .filter((order) => !isOver(order) || Math.max(...Object.values(order.times).map(Date.parse)) > recent)
      .sort((a, b) => Number(isOver(a)) - Number(isOver(b)) || Date.parse(b.times.placed) - Date.parse(a.times.placed));
    if (!shown.length) return nothing;
    return html`<p class="section">${t(this.lang, "requests")}</p>
      <div class=${classMap({ orders: true, many: shown.length > 1 })} @step=${this.#step}>
        ${repeat(shown, (order) => order.id, (order) => html`<room-order .order=${order} .hotel=${this.hotel} .lang=${this.lang}></room-order>`)}
      </div>`;
  }

  #devices() {
    return html`<p class="section">${t(this.lang, "devices")}</p>
      <div class="devices" @ask=${this.#ask}>
        ${repeat(
          this.state.devices.values(),
          (device) => device.id,
          (device) => html`<room-device class=${device.kind === "ac" ? "wide" : ""} data-device=${device.id}
            data-power=${device.state?.power ?? "unknown"} data-position=${device.state?.position ?? "unknown"}
            .device=${device} .lang=${this.lang} ?waiting=${this.waiting.has(device.id)} ?silent=${this.silent.has(device.id)}></room-device>`,
        )}
      </div>`;
  }

  #conversation() {
    const { messages, live } = this.state;
    if (!messages.length && !live.length) return this.ready ? this.#hello() : nothing;
    return html`
      <div class="earlier" style="display:contents">
        ${repeat(messages.slice(-80, -2), (message) => message.seq, (message) => this.#line(message))}
      </div>
      <div aria-live="polite" style="display:contents">
        ${repeat(messages.slice(-2), (message) => message.seq, (message) => this.#line(message))}
        ${live.map((line) => this.#line(line))}
      </div>
    `;
  }

  #line(line) {
    if (line.mine) return html`<p class=${classMap({ line: true, mine: true, waiting: line.interim || line.pending, interim: line.interim })}>${line.text}</p>`;
    return html`<p class=${classMap({ line: true, theirs: true, filler: line.filler })}>
      ${line.staff ? html`<span class="colleague">${named(this.hotel.name, this.lang)}</span>` : nothing}${line.text}
    </p>`;
  }

  #hello() {
    const hour = new Date().getHours();
    const greeting = t(this.lang, hour < 5 || hour >= 18 ? "evening" : hour < 12 ? "morning" : "afternoon");
    const name = this.me.name ? (this.lang === "zh" ? `，${this.me.name}` : `, ${this.me.name}`) : "";
    return html`<div class="hello line">
      <h2>${greeting}${name}</h2>
      <p>${t(this.lang, "welcome")}</p>
      <div class="hints">${t(this.lang, "hints").map((hint) => html`<button class="quiet" @click=${() => this.#say(hint)}>${hint}</button>`)}</div>
    </div>`;
  }

  // what the guest does

  #entered({ detail }) {
    this.notice = "";
    this.#enter(detail).catch((error) => this.#closed(error));
  }

  #switch() {
    this.lang = otherLanguage(this.lang);
  }

  #type(event) {
    event.preventDefault();
    const field = event.target.elements.text;
    if (field.value.trim()) this.#say(field.value.trim());
    field.value = "";
  }

  #say(text) {
    const line = this.state.typed(text);
    this.requestUpdate();
    this.#toTheEnd();
    this.socket.send(`stay-${this.me.stay}`, text).catch(() => {
      this.state.drop(line);
      this.requestUpdate();
    });
  }

  #talk() {
    if (this.call && ["connecting", "live"].includes(this.call.state)) {
      this.call.stop();
      return;
    }
    this.call = new Call(this.token, { iceServers: this.hotel.ice_servers });
    this.call.addEventListener("event", ({ detail }) => this.#hear(detail));
    this.call.addEventListener("state", ({ detail }) => {
      if (detail !== "ended") return;
      this.speaking = false;
      this.state.hungUp();
      this.requestUpdate();
    });
    this.call.start();
  }

  #hear(line) {
    if (line.type === "speaking") this.speaking = true;
    if (line.type === "stopped") this.speaking = false;
    if (line.type === "confirmed" && !line.ok) this.#notAnswering(line.device);
    if (this.state.hear(line)) {
      this.requestUpdate();
      this.#toTheEnd();
    }
  }

  async #ask({ detail: { device, change } }) {
    this.waiting.add(device);
    this.silent.delete(device);
    this.requestUpdate();
    try {
      await post(`/v1/devices/${this.me.space}/${device}/set`, change, this.token);
    } catch (error) {
      if (error.code === "not_confirmed") this.#notAnswering(device);
    }
    this.waiting.delete(device);
    this.requestUpdate();
  }

  #notAnswering(device) {
    this.silent.add(device);
    this.requestUpdate();
    setTimeout(() => {
      this.silent.delete(device);
      this.requestUpdate();
    }, SILENT_SHOWN_MS);
  }

  async #step({ detail: { order, verb, body, finished } }) {
    try {
      await post(`/v1/orders/${order}/${verb}`, body, this.token); // what came of it arrives on the socket
    } catch {
      /* the order as it stands is on its way, or is there already */
    }
    finished();
  }

  // where the eye is led

  async #show(device) {
    await this.updateComplete;
    const strip = this.renderRoot.querySelector(".devices");
    const card = strip?.querySelector(`[data-device="${device}"]`);
    if (strip && strip.scrollWidth > strip.clientWidth) {
      strip.scrollTo({ left: card.offsetLeft - (strip.clientWidth - card.offsetWidth) / 2, behavior: "smooth" });
    }
  }

  async #toTheEnd() {
    await this.updateComplete;
    const talk = this.renderRoot.querySelector(".talk");
    talk?.scrollTo({ top: talk.scrollHeight, behavior: "smooth" });
  }
}

/** `#token=…`, `#code=…` or `?code=…` of the address, which is then wiped: it must not stay in the history. */
function takeFromAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const code = given.get("code") ?? new URLSearchParams(location.search).get("code");
  const token = given.get("token");
  if (token || code) history.replaceState(null, "", location.pathname);
  return { token, code };
}

function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

function keep(token) {
  try {
    if (token) localStorage.setItem(KEPT, token);
    else localStorage.removeItem(KEPT);
  } catch {
    /* a browser that keeps nothing: the QR code opens the room again */
  }
}

customElements.define("concierge-room", ConciergeRoom);
