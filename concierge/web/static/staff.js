// /staff: the tickets of one's department, live; one tap a step; alarms above everything.

import { LitElement, html, nothing, repeat, classMap } from "./vendor/lit.js";
import { look } from "./look.js";
import { staffLook } from "./staff-look.js";
import { Client, get, post, Problem } from "./client.js";
import { t, named, chosenLanguage, otherLanguage } from "./words.js";
import { listOf } from "./staff-ticket.js";
import "./staff-incident.js";
import "./staff-login.js";

const KEPT = "concierge.staff";
const LISTS = ["waiting", "working", "finished"];
const TOAST_MS = 4000;
const FINISHED_SHOWN_MS = 12 * 3600 * 1000;

class ConciergeStaff extends LitElement {
  static properties = {
    lang: { state: true },
    hotel: { state: true },
    me: { state: true },
    view: { state: true }, // loading, login, tickets
    list: { state: true }, // the one that a phone shows
    live: { state: true },
    toast: { state: true },
    tick: { state: true },
  };

  static styles = [look, staffLook];

  constructor() {
    super();
    this.lang = chosenLanguage();
    this.view = "loading";
    this.list = "waiting";
    this.orders = new Map();
    this.incidents = new Map();
    this.busy = new Set();
  }

  connectedCallback() {
    super.connectedCallback();
    this.ticking = setInterval(() => (this.tick = Date.now()), 1000);
    this.#open();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.ticking);
  }

  async #open() {
    const given = new URLSearchParams(location.hash.slice(1)).get("token");
    if (given) history.replaceState(null, "", location.pathname);
    try {
      this.hotel = await get("/v1/property");
      const token = given ?? sessionStorage.getItem(KEPT);
      if (token) await this.#enter(token);
      else this.view = "login";
    } catch {
      this.#leave();
    }
  }

  async #enter(token) {
    const me = await get("/v1/me", token);
    if (me.kind !== "staff") throw new Problem({ status: 403, code: "forbidden" });
    sessionStorage.setItem(KEPT, token);
    this.token = token;
    this.me = me;
    document.documentElement.lang = this.lang;
    await this.#load();
    this.view = "tickets";
  }

  /** The tickets as they stand, and from exactly there on by the socket. */
  async #load() {
    const [orders, incidents] = await Promise.all([get("/v1/orders?limit=200", this.token), get("/v1/incidents", this.token)]);
    this.orders = new Map(orders.items.map((order) => [order.id, order]));
    this.incidents = new Map(incidents.items.map((incident) => [incident.id, incident]));
    this.socket?.stop();
    this.socket = new Client(this.token, { account: `staff:${this.me.id}`, since: Math.min(orders.seq, incidents.seq) });
    this.socket.on("event", (frame) => this.#take(frame));
    this.socket.on("state", (state) => (this.live = state === "live"));
    this.socket.on("reset", () => this.#load());
    this.socket.on("refused", () => this.#leave());
    this.socket.start();
  }

  #take({ seq, subject, data }) {
    const kind = subject.split(".")[2];
    const entities = { order: this.orders, incident: this.incidents }[kind];
    if (!entities || seq < (entities.get(data.id)?.seq ?? 0)) return;
    if (kind === "incident" && data.state === "cleared") entities.delete(data.id);
    else entities.set(data.id, { ...data, seq });
    this.requestUpdate();
  }

  #leave() {
    this.socket?.stop();
    sessionStorage.removeItem(KEPT);
    this.me = null;
    this.view = "login";
  }

  render() {
    if (this.view === "login") {
      return html`<staff-login .hotel=${this.hotel} .lang=${this.lang} @entered=${this.#entered}></staff-login>`;
    }
    if (this.view !== "tickets") return nothing;
    const { lang, me } = this;
    const lists = this.#lists();
    document.title = `${lists.waiting.length ? `(${lists.waiting.length}) ` : ""}Concierge · ${t(lang, "tickets")}`;
    return html`
      <header>
        <div class="who">
          <h1>${named(me.name, lang)}</h1>
          <p class="small">
            <span class=${classMap({ dot: true, live: this.live })}></span>${this.live ? named(this.hotel.departments[me.department], lang) : t(lang, "reconnecting")}
          </p>
        </div>
        <button class="quiet" aria-label=${t(lang, "language.label")} @click=${() => (this.lang = otherLanguage(lang))}>${t(lang, "language")}</button>
        <button class="quiet" @click=${this.#leave}>${t(lang, "logout")}</button>
      </header>
      ${this.incidents.size
        ? html`<section class="incidents" aria-label=${t(lang, "incident")} @answer=${this.#answer}>
            ${repeat(
              [...this.incidents.values()].reverse(),
              (incident) => incident.id,
              (incident) => html`<staff-incident .incident=${incident} .me=${me} .lang=${lang} ?busy=${this.busy.has(incident.id)}></staff-incident>`,
            )}
          </section>`
        : nothing}
      <nav>
        ${LISTS.map(
          (list) => html`<button class=${list === this.list ? "chosen" : ""} aria-pressed=${list === this.list} @click=${() => (this.list = list)}>
            ${t(lang, list)}<span class="count">${lists[list].length || ""}</span>
          </button>`,
        )}
      </nav>
      <main @step=${this.#step}>${LISTS.map((list) => this.#column(list, lists[list]))}</main>
      ${this.toast ? html`<p class="toast" role="status">${this.toast}</p>` : nothing}
    `;
  }

  #column(list, orders) {
    const { lang } = this;
    return html`<section class=${classMap({ list: true, chosen: list === this.list })} data-list=${list}>
      <h2 class="section">${t(lang, list)}<span class="count">${orders.length || ""}</span></h2>
      ${orders.length
        ? html`<div class="tickets">
            ${repeat(
              orders,
              (order) => order.id,
              (order) => html`<staff-ticket .order=${order} .hotel=${this.hotel} .me=${this.me} .lang=${lang} .tick=${this.tick} ?busy=${this.busy.has(order.id)}></staff-ticket>`,
            )}
          </div>`
        : html`<p class="none">${t(lang, `none.${list}`)}</p>`}
    </section>`;
  }

  /** Newest first; what one holds oneself before what others hold. */
  #lists() {
    const lists = { waiting: [], working: [], finished: [] };
    const recent = Date.now() - FINISHED_SHOWN_MS;
    for (const order of this.orders.values()) {
      const list = listOf(order);
      if (list && !(list === "finished" && Date.parse(order.times.done) < recent)) lists[list].push(order);
    }
    const newest = (a, b) => Date.parse(b.times.placed) - Date.parse(a.times.placed);
    const mine = (order) => Number(order.holder === this.me.id);
    lists.waiting.sort(newest);
    lists.working.sort((a, b) => mine(b) - mine(a) || newest(a, b));
    lists.finished.sort((a, b) => Date.parse(b.times.done) - Date.parse(a.times.done));
    return lists;
  }

  async #entered({ detail }) {
    try {
      await this.#enter(detail);
    } catch {
      this.#leave();
    }
  }

  #step({ detail: { order, verb } }) {
    return this.#ask(order.id, `/v1/orders/${order.id}/${verb}`, (done) => {
      if (done.seq >= (this.orders.get(done.id)?.seq ?? 0)) this.orders.set(done.id, done);
      if (verb === "accept") this.list = "working";
    });
  }

  #answer({ detail: { incident, verb } }) {
    return this.#ask(incident.id, `/v1/incidents/${incident.id}/${verb}`, (done) => {
      if (done.state === "cleared") this.incidents.delete(done.id);
      else this.incidents.set(done.id, done);
    });
  }

  async #ask(id, path, took) {
    this.busy.add(id);
    this.requestUpdate();
    try {
      took(await post(path, undefined, this.token));
    } catch (error) {
      this.#say(error);
    }
    this.busy.delete(id);
    this.requestUpdate();
  }

  #say(error) {
    const { lang } = this;
    if (error.status === 401) this.#leave();
    const holder = error.holder && named(this.me?.colleagues[error.holder.replace("staff:", "")], lang);
    if (error.code === "illegal_step") this.toast = holder ? t(lang, "taken", { name: holder }) : t(lang, "taken.state");
    else this.toast = error instanceof Problem ? error.detail : t(lang, "error.offline");
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => (this.toast = ""), TOAST_MS);
  }
}

customElements.define("concierge-staff", ConciergeStaff);
