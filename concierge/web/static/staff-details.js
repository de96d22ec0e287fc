// All of one ticket: what was said, its history, notes and photos, and what is seldom done with it.

import { LitElement, html, nothing } from "./vendor/lit.js";
import { look } from "./look.js";
import { detailsLook } from "./staff-details-look.js";
import { icon } from "./icons.js";
import { isOpen } from "./staff-tickets.js";
import { quoted } from "./staff-ticket.js";
import { clockTime } from "./times.js";
import { t, named, orderTitle, orderDetail } from "./words.js";
import "./file-view.js";

const SHOWN_EVENTS = ["placed", "dispatched", "declined", "accepted", "started", "changed", "reminded", "escalated", "late", "done", "rated", "cancelled", "closed"];

class StaffDetails extends LitElement {
  static properties = {
    order: { attribute: false },
    hotel: { attribute: false },
    me: { attribute: false },
    people: { attribute: false }, // of the rota, with `on_duty`
    lang: {},
    token: {},
    sending: { type: Boolean }, // a photo
  };

  static styles = [look, detailsLook];

  firstUpdated() {
    this.renderRoot.querySelector("dialog").showModal();
  }

  render() {
    const { order, hotel, lang } = this;
    const detail = orderDetail(order);
    return html`<dialog aria-labelledby="title" @close=${() => this.#tell("closed")} @click=${this.#outside}>
      <header>
        <p class="room">${order.space}</p>
        <div>
          <h2 id="title">${orderTitle(order, hotel, lang)}</h2>
          <p class="small">${t(lang, "floor", { floor: order.floor })} · ${named(hotel.departments[order.department], lang)}</p>
        </div>
        <button class="icon" aria-label=${t(lang, "close")} @click=${this.close}>${icon("close")}</button>
      </header>
      ${order.words ? html`<p class="words" lang=${order.lang}>${quoted(order.words, order.lang)}</p>` : nothing}
      ${detail && !order.words.includes(detail) ? html`<p>${detail}</p>` : nothing}
      ${order.comment ? html`<p class="words">${quoted(order.comment)}</p>` : nothing}
      ${this.#photos()} ${this.#notes()} ${isOpen(order) ? this.#seldom() : nothing}
      <section>
        <h3 class="section">${t(lang, "history")}</h3>
        <ol class="history">${this.#history()}</ol>
      </section>
    </dialog>`;
  }

  #photos() {
    const { order, lang, token } = this;
    const over = ["closed", "cancelled"].includes(order.state);
    if (over && !order.photos.length) return nothing;
    return html`<section class="photos">
      ${order.photos.map((hash) => html`<file-view .hash=${hash} .token=${token} .lang=${lang} kind="image"></file-view>`)}
      ${over
        ? nothing
        : html`<label class="quiet add" ?data-busy=${this.sending}>${icon("photo")} ${t(lang, "photo.add")}
            <input class="hidden-but-read" type="file" accept="image/*" capture="environment" ?disabled=${this.sending} @change=${this.#photo} /></label>`}
    </section>`;
  }

  #notes() {
    const { order, lang } = this;
    return html`<section>
      <ul class="notes">
        ${[...order.refusals, ...order.notes].map(
          ({ by, at, text }) => html`<li><span class="small">${this.#name(by)} ${at ? clockTime(at, lang) : t(lang, "pending")}</span> ${text || t(lang, "event.declined")}</li>`,
        )}
      </ul>
      ${order.state === "closed"
        ? nothing
        : html`<form @submit=${this.#note}>
            <input class="field" name="text" maxlength="1000" autocomplete="off" placeholder=${t(lang, "note.add")} aria-label=${t(lang, "note.add")} required />
            <button class="quiet">${t(lang, "note.save")}</button>
          </form>`}
    </section>`;
  }

  /** Assigning is for those who lead; handing back for whose ticket it is, or might be. */
  #seldom() {
    const { order, me, lang, people } = this;
    const mayDecline = ["dispatched", "accepted"].includes(order.state) && (!order.holder || order.holder === me.id || me.leads);
    const mayAssign = me.leads && ["dispatched", "accepted", "started"].includes(order.state);
    const workers = people.filter((one) => one.department === order.department);
    return html`${mayAssign
      ? html`<section>
          <label class="assign"><span>${t(lang, "assign")}</span>
            <select class="field" name="assign" @change=${this.#assign}>
              <option value="" ?selected=${!order.assignee}>${t(lang, "assign.all")}</option>
              ${workers.map(
                (one) => html`<option value=${one.id} ?selected=${one.id === (order.holder ?? order.assignee)}>
                  ${named(one.name, lang)}${one.on_duty ? "" : ` (${t(lang, "off.duty")})`}
                </option>`,
              )}
            </select></label>
        </section>`
      : nothing}
    ${mayDecline
      ? html`<form class="decline" @submit=${this.#decline}>
          <input class="field" name="reason" maxlength="1000" autocomplete="off" placeholder=${t(lang, "decline.why")} aria-label=${t(lang, "decline.why")} />
          <button class="quiet" data-verb="decline">${t(lang, "decline.do")}</button>
        </form>`
      : nothing}`;
  }

  #history() {
    const { order, lang } = this;
    return SHOWN_EVENTS.filter((event) => order.times[event])
      .sort((a, b) => Date.parse(order.times[a]) - Date.parse(order.times[b]))
      .map((event) => html`<li><span>${t(lang, `event.${event}`)}</span><time datetime=${order.times[event]}>${clockTime(order.times[event], lang)}</time></li>`);
  }

  #name(who) {
    const [kind, id] = who.split(":");
    if (kind === "guest") return t(this.lang, "talk.guest");
    return named(this.me.colleagues[id], this.lang) || t(this.lang, "talk.concierge");
  }

  close() {
    this.renderRoot.querySelector("dialog").close();
  }

  #outside(event) {
    if (event.target === event.currentTarget) this.close();
  }

  #note(event) {
    event.preventDefault();
    this.#tell("step", { verb: "note", body: { text: new FormData(event.target).get("text").trim() } });
    event.target.reset();
  }

  #decline(event) {
    event.preventDefault();
    this.#tell("step", { verb: "decline", body: { reason: new FormData(event.target).get("reason").trim() } });
    this.close();
  }

  #assign({ target }) {
    this.#tell("step", { verb: "assign", body: { to: target.value || null } });
    this.close();
  }

  #photo({ target }) {
    const [file] = target.files;
    if (file) this.#tell("photo", { file });
    target.value = "";
  }

  #tell(name, detail = {}) {
    this.dispatchEvent(new CustomEvent(name, { detail: { order: this.order, ...detail }, bubbles: true, composed: true }));
  }
}

customElements.define("staff-details", StaffDetails);
