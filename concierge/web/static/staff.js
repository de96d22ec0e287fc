// /staff: tickets, conversations and oneself, live; alarms above everything. It opens without a network too, with what was seen last.

import { LitElement, html, nothing, repeat, classMap } from "./vendor/lit.js";
import { look } from "./look.js";
import { staffLook } from "./staff-look.js";
import { icon } from "./icons.js";
import { clock, get, Problem } from "./client.js";
import { remove } from "./api.js";
import { t, named, chosenLanguage, otherLanguage } from "./words.js";
import { Sync, current } from "./staff-sync.js";
import * as session from "./staff-session.js";
import { Alerts } from "./staff-alerts.js";
import "./staff-board.js";
import "./staff-details.js";
import "./staff-incident.js";
import "./staff-login.js";
import "./staff-me.js";
import "./staff-messages.js";

const TABS = ["tickets", "talks", "me"];
const TOAST_MS = 5000;

class ConciergeStaff extends LitElement {
  static properties = {
    lang: { state: true },
    view: { state: true }, // loading, login, in
    tab: { state: true },
    toast: { state: true },
    tick: { state: true },
    open: { state: true }, // the ticket whose details are shown
    talk: { state: true }, // the conversation that is looked at
    sending: { state: true },
  };

  static styles = [look, staffLook];

  constructor() {
    super();
    this.lang = chosenLanguage();
    this.view = "loading";
    this.tab = "tickets";
  }

  connectedCallback() {
    super.connectedCallback();
    document.documentElement.lang = this.lang;
    this.ticking = setInterval(() => (this.tick = clock.now()), 1000);
    addEventListener("hashchange", () => this.#go());
    this.#begin();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.ticking);
  }

  /** `#token=…`, `#tab=talks&talk=…`: wiped from the address, a token must not stay in the history. */
  #go() {
    const asked = new URLSearchParams(location.hash.slice(1));
    if (location.hash) history.replaceState(null, "", location.pathname);
    if (TABS.includes(asked.get("tab"))) Object.assign(this, { tab: asked.get("tab"), talk: asked.get("talk") });
    return asked.get("token");
  }

  async #begin() {
    const given = this.#go();
    const token = given ?? session.keptToken();
    const seen = given ? null : session.lastSeen();
    if (token && seen) this.#show(token, seen);
    try {
      if (token) await this.#enter(token);
      else this.#door(await get("/v1/property"));
    } catch (error) {
      // Without a network what was seen stands; without anything seen there is only the door.
      if (error instanceof Problem || !seen) this.#leave(error instanceof Problem);
    }
  }

  async #enter(token) {
    const now = await current((path) => get(path, token));
    session.keep(token);
    this.#show(token, now);
  }

  #show(token, seen) {
    this.sync?.stop();
    this.alerts?.stop();
    this.sync = new Sync(token, seen, this.lang);
    this.alarmed = new Set();
    this.sync.addEventListener("changed", () => this.#changed());
    this.sync.addEventListener("refused", () => this.#leave());
    this.sync.addEventListener("failed", ({ detail }) => this.#say(detail));
    this.alerts = new Alerts(this.sync, () => this.lang, () => this.requestUpdate());
    if (this.view === "login") scrollTo(0, 0);
    this.view = "in";
  }

  /** A new alarm is seen whatever was being read. */
  #changed() {
    const raised = [...this.sync.incidents.values()].filter(({ state }) => state === "raised").map(({ id }) => id);
    if (raised.some((id) => !this.alarmed.has(id))) {
      this.open = null;
      this.renderRoot.querySelector("staff-me")?.uncover();
    }
    this.alarmed = new Set(raised);
    this.requestUpdate();
  }

  #door(hotel) {
    Object.assign(this, { hotel, view: "login", open: null });
  }

  /** `forgets`: the token is worth nothing any more; else only the network is away. */
  #leave(forgets = true) {
    const hotel = this.sync?.hotel ?? this.hotel;
    this.sync?.stop();
    this.alerts?.stop();
    if (forgets) session.forget();
    this.sync = null;
    this.#door(hotel);
    if (!hotel) get("/v1/property").then((found) => this.view === "login" && this.#door(found), () => {});
  }

  async #logout() {
    await this.alerts.off();
    await remove("/v1/sessions/current", this.sync.token).catch(() => {}); // without a network it ends with the shift
    this.#leave();
  }

  render() {
    const { lang, sync } = this;
    if (this.view === "loading") return nothing;
    if (this.view === "login") {
      return html`<staff-login .hotel=${this.hotel} .lang=${lang} @entered=${this.#entered} @language=${this.#switch}></staff-login> ${this.#toast()}`;
    }
    const { me, live } = sync;
    const lists = sync.tickets.lists(sync.client.pending(), me, clock.now());
    const waiting = lists.mine.filter((order) => !order.holder).length;
    const badges = { tickets: waiting, talks: sync.talks.unread };
    document.title = `${waiting ? `(${waiting}) ` : ""}Concierge · ${t(lang, `tab.${this.tab}`)}`;
    return html`
      <header>
        <div class="who">
          <h1>${named(me.name, lang)}</h1>
          <p class="small" role="status"><span class=${classMap({ dot: true, live })}></span>${this.#standing()}</p>
        </div>
        <button class="quiet" lang=${lang === "zh" ? "en" : "zh"} aria-label=${t(lang, "language.label")} @click=${this.#switch}>${t(lang, "language")}</button>
      </header>
      ${sync.incidents.size ? this.#incidents() : nothing}
      <main @step=${this.#step} @details=${({ detail }) => (this.open = detail.order.id)} @say=${({ detail }) => this.#say(detail)}>${this.#page(lists)}</main>
      ${this.#details(lists)}
      <nav aria-label=${t(lang, "tabs")}>
        ${TABS.map(
          (tab) => html`<button data-page=${tab} class=${classMap({ chosen: tab === this.tab })} aria-current=${tab === this.tab ? "page" : nothing} @click=${() => (this.tab = tab)}>
            ${icon(tab)}<span>${t(lang, `tab.${tab}`)}</span>${badges[tab] ? html`<b class="badge">${badges[tab] > 99 ? "99+" : badges[tab]}</b>` : nothing}
          </button>`,
        )}
      </nav>
      ${this.#toast()}
    `;
  }

  #standing() {
    const { live, hotel, me, client } = this.sync;
    if (live) return named(hotel.departments[me.department], this.lang);
    const waiting = client.pending().length;
    return t(this.lang, waiting ? "offline.pending" : "offline", { n: waiting });
  }

  #page(lists) {
    const { lang, sync } = this;
    const { me, hotel, live } = sync;
    switch (this.tab) {
      case "tickets":
        return html`<staff-board .lists=${lists} .hotel=${hotel} .me=${me} .lang=${lang} .tick=${this.tick} ?live=${live} ?more=${Boolean(sync.next)} @older=${this.#older}></staff-board>`;
      case "talks":
        return html`<staff-messages .sync=${sync} .lang=${lang} .chosen=${this.talk} .drawn=${{}} @chosen=${({ detail }) => (this.talk = detail)}></staff-messages>`;
      default:
        return html`<staff-me .sync=${sync} .alerts=${this.alerts} .lang=${lang} .drawn=${{}} @logout=${this.#logout}></staff-me>`;
    }
  }

  #incidents() {
    return html`<section class="incidents" aria-label=${t(this.lang, "incident")} @answer=${this.#answer} @discuss=${this.#discuss}>
      ${repeat(
        [...this.sync.incidents.values()].reverse(),
        (incident) => incident.id,
        (incident) => html`<staff-incident .incident=${incident} .me=${this.sync.me} .lang=${this.lang}></staff-incident>`,
      )}
    </section>`;
  }

  #details(lists) {
    const order = this.open && Object.values(lists).flat().find(({ id }) => id === this.open);
    if (!order) return nothing;
    const { hotel, me, people, token } = this.sync;
    return html`<staff-details .order=${order} .hotel=${hotel} .me=${me} .people=${people} .lang=${this.lang} .token=${token} ?sending=${this.sending}
      @step=${this.#step} @photo=${this.#photo} @closed=${() => (this.open = null)}></staff-details>`;
  }

  #toast() {
    return html`<div class="toast" role="alert" ?hidden=${!this.toast}>${this.toast}</div>`;
  }

  async #entered({ detail }) {
    try {
      await this.#enter(detail);
    } catch (error) {
      this.#leave();
      this.#say(error);
    }
  }

  #switch() {
    this.lang = otherLanguage(this.lang);
    if (!this.sync) return;
    this.sync.client.lang = this.lang;
    this.alerts.renew();
  }

  /** Kept until the service has it: a tap in a dead spot counts. */
  #step({ detail: { order, verb, body } }) {
    this.sync.client.act(`/v1/orders/${order.id}/${verb}`, body);
  }

  #answer({ detail: { incident, verb } }) {
    this.sync.client.act(`/v1/incidents/${incident.id}/${verb}`);
  }

  #discuss({ detail }) {
    Object.assign(this, { tab: "talks", talk: `incident-${detail}` });
  }

  async #photo({ detail: { order, file } }) {
    this.sending = true;
    try {
      const { hash } = await this.sync.client.upload(file, file.name);
      this.sync.client.act(`/v1/orders/${order.id}/photo`, { hash });
    } catch (error) {
      this.#say(error instanceof Problem ? error : t(this.lang, "photo.failed"));
    }
    this.sending = false;
  }

  #older() {
    this.sync.older().catch((error) => this.#say(error));
  }

  #say(what) {
    const { lang } = this;
    const id = what.holder?.replace("staff:", "");
    const holder = id !== this.sync?.me.id && named(this.sync?.me.colleagues[id], lang);
    if (typeof what === "string") this.toast = what;
    else if (what.code === "illegal_step") this.toast = holder ? t(lang, "taken", { name: holder }) : t(lang, "taken.state");
    else this.toast = what instanceof Problem ? t(lang, "refused", { why: what.detail }) : t(lang, "error.offline");
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => (this.toast = ""), TOAST_MS);
  }
}

customElements.define("concierge-staff", ConciergeStaff);
if (isSecureContext) navigator.serviceWorker?.register("/worker.js", { scope: "/staff" });
