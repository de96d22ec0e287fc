// /room: the guest talks or types, sees what was heard, what is being done, and the room as it really is.

import { LitElement, html, nothing, repeat, classMap } from "./vendor/lit.js";
import { look } from "./look.js";
import { roomLook } from "./room-look.js";
import { icon } from "./icons.js";
import { Client, get, post, Problem } from "./client.js";
import { Call } from "./call.js";
import { RoomState } from "./room-state.js";
import { keep, kept, takeFromAddress } from "./room-token.js";
import { t, named, chosenLanguage, otherLanguage } from "./words.js";
import { isOver } from "./room-order.js";
import "./room-conversation.js";
import "./room-device.js";
import "./room-entry.js";
import "./room-talk.js";

const SILENT_SHOWN_MS = 5000;
const TROUBLE_SHOWN_MS = 5000;
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
    sending: { state: true }, // a picture
    trouble: { state: true },
  };

  static styles = [look, roomLook];

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
    const account = `guest:${this.me.stay}`;
    this.socket = new Client(this.token, { account, since: 0 });
    this.socket.on("event", (frame) => this.#take(frame));
    this.socket.on("reset", () => this.state.reset());
    this.socket.on("ready", () => {
      this.ready = true;
      this.requestUpdate();
      this.#toTheEnd();
    });
    for (const name of ["outbox", "cursors"]) this.socket.on(name, () => this.requestUpdate());
    this.socket.on("state", (state) => {
      clearTimeout(this.patience);
      if (state === "live") this.connected = true;
      else this.patience = setTimeout(() => (this.connected = false), 1200); // a blink is not worth a word
    });
    this.socket.on("refused", () => this.#closed(new Problem({ status: 401, code: "unauthorized" })));
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
    if (changed === "message") this.#read(frame);
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
        <main class="talk" aria-label=${t(lang, "conversation")}><room-conversation .state=${this.state} .socket=${this.socket} .me=${me} .hotel=${hotel} .lang=${lang} .token=${this.token} .ready=${Boolean(this.ready)} .drawn=${{}}
          @say=${({ detail }) => this.#say(detail)}></room-conversation></main>
        <footer>
          <room-talk .lang=${lang} .call=${this.call} ?speaking=${this.speaking} @talk=${this.#talk}></room-talk>
          <form @submit=${this.#type}>
            <input class="field" name="text" autocomplete="off" enterkeyhint="send" maxlength="4000" placeholder=${t(lang, "type")} aria-label=${t(lang, "type")} />
            <button aria-label=${t(lang, "send")}>${icon("send")}</button>
            <label class="picture" title=${t(lang, "picture")}>${icon("photo")}
              <input class="hidden-but-read" type="file" accept="image/*" aria-label=${t(lang, "picture")} ?disabled=${this.sending} @change=${this.#picture} /></label>
          </form>
        </footer>
        <div class="offline" role="status" ?hidden=${this.connected && !this.trouble}>${this.trouble || t(lang, "reconnecting")}</div>
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

  #say(message) {
    this.socket.send(this.#talkId, message);
    this.#toTheEnd();
  }

  async #picture({ target }) {
    const [file] = target.files;
    target.value = "";
    if (!file) return;
    this.sending = true;
    try {
      const { hash } = await this.socket.upload(file, file.name);
      this.#say({ file: hash, kind: "image" });
    } catch {
      this.#tell(t(this.lang, "picture.failed"));
    }
    this.sending = false;
  }

  #tell(words) {
    this.trouble = words;
    clearTimeout(this.telling);
    this.telling = setTimeout(() => (this.trouble = ""), TROUBLE_SHOWN_MS);
  }

  get #talkId() {
    return `stay-${this.me.stay}`;
  }

  /** What staff wrote has been read once it stands on a page that is looked at. */
  #read({ seq, by }) {
    if (by.startsWith("staff:") && !document.hidden) this.socket.read(this.#talkId, seq);
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
    await this.renderRoot.querySelector("room-conversation")?.updateComplete;
    const talk = this.renderRoot.querySelector(".talk");
    talk?.scrollTo({ top: talk.scrollHeight, behavior: "smooth" });
  }
}

customElements.define("concierge-room", ConciergeRoom);
