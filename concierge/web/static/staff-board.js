// The tickets: mine, the others' and what is done; a list a tab on a phone, side by side on a desk.

import { LitElement, html, nothing, repeat, classMap } from "./vendor/lit.js";
import { look } from "./look.js";
import { boardLook } from "./staff-board-look.js";
import { t, named } from "./words.js";
import "./staff-ticket.js";

const LISTS = ["mine", "others", "finished"];

class StaffBoard extends LitElement {
  static properties = {
    lists: { attribute: false }, // of Tickets.lists
    hotel: { attribute: false },
    me: { attribute: false },
    lang: {},
    live: { type: Boolean },
    more: { type: Boolean }, // whether there are older finished ones
    tick: { type: Number },
    list: { state: true }, // the one that a phone shows
    department: { state: true }, // what who leads looks at; empty: all
  };

  static styles = [look, boardLook];

  constructor() {
    super();
    this.list = "mine";
    this.department = "";
  }

  willUpdate(changed) {
    // Who leads seldom has tickets of their own: they begin with everybody's.
    if (changed.has("me") && this.me.leads && !this.lists.mine.length) this.list = "others";
  }

  render() {
    const { lang } = this;
    const shown = Object.fromEntries(LISTS.map((list) => [list, this.#filtered(list)]));
    return html`
      <nav aria-label=${t(lang, "tab.tickets")}>
        ${LISTS.map(
          (list) => html`<button data-tab=${list} aria-pressed=${list === this.list} class=${classMap({ chosen: list === this.list })} @click=${() => (this.list = list)}>
            ${this.#title(list)}${list === "finished" ? nothing : html`<span class="count">${shown[list].length || ""}</span>`}
          </button>`,
        )}
      </nav>
      <div class="columns">${LISTS.map((list) => this.#column(list, shown[list]))}</div>
    `;
  }

  #filtered(list) {
    const orders = this.lists[list];
    return this.department && list !== "mine" ? orders.filter((order) => order.department === this.department) : orders;
  }

  #title(list) {
    return t(this.lang, list === "others" && this.me.leads ? "others.all" : list);
  }

  #column(list, orders) {
    const { lang, me, hotel } = this;
    return html`<section class=${classMap({ list: true, chosen: list === this.list })} data-list=${list} aria-label=${this.#title(list)}>
      <h2 class="section">${this.#title(list)}<span class="count">${list === "finished" ? "" : orders.length || ""}</span></h2>
      ${list === "others" && me.leads ? this.#departments() : nothing}
      ${orders.length
        ? html`<div class="tickets">
            ${repeat(
              orders,
              (order) => order.id,
              (order) => html`<staff-ticket .order=${order} .hotel=${hotel} .me=${me} .lang=${lang} .tick=${this.tick} ?live=${this.live}></staff-ticket>`,
            )}
          </div>`
        : html`<p class="none">${t(lang, `none.${list}`)}</p>`}
      ${list === "finished" && this.more
        ? html`<button class="quiet older" @click=${() => this.dispatchEvent(new Event("older", { bubbles: true, composed: true }))}>${t(lang, "older")}</button>`
        : nothing}
    </section>`;
  }

  #departments() {
    const { lang, hotel } = this;
    return html`<select class="field" aria-label=${t(lang, "others")} @change=${({ target }) => (this.department = target.value)}>
      <option value="">${t(lang, "others.all")}</option>
      ${Object.entries(hotel.departments).map(([id, name]) => html`<option value=${id} ?selected=${id === this.department}>${named(name, lang)}</option>`)}
    </select>`;
  }
}

customElements.define("staff-board", StaffBoard);
