// One ticket: the room large, what is wanted, how long it has waited, and the next step as one button.

import { LitElement, html, css, nothing, classMap } from "./vendor/lit.js";
import { look } from "./look.js";
import { clock } from "./api.js";
import { t, named, orderTitle, orderDetail } from "./words.js";

const WAITING = new Set(["placed", "dispatched", "declined"]);
const WORKING = new Set(["accepted", "started"]);

/** Which list a ticket stands in: waiting, working, finished, or "" for none. */
export function listOf({ state }) {
  if (WAITING.has(state)) return "waiting";
  if (WORKING.has(state)) return "working";
  return state === "cancelled" ? "" : "finished";
}

class StaffTicket extends LitElement {
  static properties = {
    order: { attribute: false },
    hotel: { attribute: false },
    me: { attribute: false },
    lang: {},
    tick: { type: Number }, // changes once a second, so that ages are drawn anew
    busy: { type: Boolean },
  };

  static styles = [
    look,
    css`
      :host {
        display: block;
      }
      .ticket {
        position: relative;
        display: grid;
        grid-template-columns: minmax(76px, auto) minmax(0, 1fr);
        gap: 2px 16px;
        padding: 16px 18px;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--card);
        box-shadow: var(--shadow);
        overflow: hidden;
        animation: arrive 0.4s ease-out;
      }
      .elapsed {
        position: absolute;
        inset: 0 auto auto 0;
        height: 4px;
        background: var(--brass);
        opacity: 0.55;
        transition: width 1s linear;
      }
      .soon .elapsed,
      .late .elapsed {
        background: var(--late);
        opacity: 1;
      }
      .late .elapsed {
        background: var(--alarm);
      }
      .room {
        font: 500 2.5rem/1.05 var(--serif);
        font-variant-numeric: lining-nums tabular-nums;
        letter-spacing: -0.01em;
      }
      h3 {
        font-size: 1.08rem;
        font-weight: 600;
        line-height: 1.35;
        overflow-wrap: anywhere;
      }
      h3::first-letter {
        text-transform: uppercase;
      }
      .words {
        margin-top: 2px;
        color: var(--ink-soft);
        font-family: var(--serif);
        overflow-wrap: anywhere;
      }
      .facts {
        display: flex;
        flex-wrap: wrap;
        grid-column: 1 / -1;
        gap: 2px 14px;
        align-items: center;
        margin-top: 10px;
        font-variant-numeric: tabular-nums;
      }
      .age {
        color: var(--ink);
        font-weight: 600;
      }
      .soon .age {
        color: var(--late);
      }
      .late .age {
        color: var(--alarm);
      }
      .escalated {
        padding: 1px 8px;
        border-radius: 999px;
        background: var(--alarm-paper);
        color: var(--alarm);
        font-weight: 600;
      }
      .holder {
        margin-left: auto;
        color: var(--ink);
        font-weight: 600;
      }
      .buttons {
        display: grid;
        grid-auto-flow: column;
        grid-auto-columns: 1fr;
        grid-column: 1 / -1;
        gap: 8px;
        margin-top: 12px;
      }
      .buttons button {
        min-height: 48px;
      }
      .finished {
        box-shadow: none;
        background: transparent;
      }
      .finished .room {
        font-size: 1.7rem;
      }
      .stars {
        color: var(--brass);
        letter-spacing: 0.1em;
      }
      @keyframes arrive {
        from {
          opacity: 0;
          transform: translateY(-8px);
        }
      }
    `,
  ];

  render() {
    const { order, hotel, lang } = this;
    const list = listOf(order);
    const { share, words } = this.#time(list);
    const detail = orderDetail(order);
    const classes = { ticket: true, soon: share > 0.6 && share < 1, late: share >= 1, [list]: true };
    return html`<article class=${classMap(classes)} data-order=${order.id} data-state=${order.state}>
      ${share === null ? nothing : html`<span class="elapsed" style=${`width:${Math.min(100, share * 100).toFixed(1)}%`}></span>`}
      <div>
        <p class="room">${order.space}</p>
        <p class="small">${t(lang, "floor", { floor: order.floor })}</p>
      </div>
      <div>
        <h3>${orderTitle(order, hotel, lang)}</h3>
        ${detail && !order.words.includes(detail) ? html`<p>${detail}</p>` : nothing}
        ${order.words ? html`<p class="words" lang=${order.lang}>${order.lang === "zh" ? `「${order.words}」` : `“${order.words}”`}</p>` : nothing}
      </div>
      <p class="facts small">
        <span class="age">${words}</span>
        ${this.me.leads ? html`<span>${named(hotel.departments[order.department], lang)}</span>` : nothing}
        ${order.level > 0 ? html`<span class="escalated">${t(lang, "level")}</span>` : nothing}
        ${order.rating ? html`<span class="stars" aria-label=${t(lang, "rated", { n: order.rating })}>${"★".repeat(order.rating)}${"☆".repeat(5 - order.rating)}</span>` : nothing}
        ${order.holder ? html`<span class="holder">${this.#holder()}</span>` : nothing}
      </p>
      ${this.#buttons()}
    </article>`;
  }

  #holder() {
    const { order, me, lang } = this;
    return order.holder === me.id ? t(lang, "mine") : named(me.colleagues[order.holder], lang) || order.holder;
  }

  #buttons() {
    const { order, lang } = this;
    const mayStep = !order.holder || order.holder === this.me.id || this.me.leads;
    const verbs = { waiting: ["accept"], working: order.state === "accepted" ? ["start", "done"] : ["done"] }[listOf(order)] ?? [];
    if (!mayStep || !verbs.length) return nothing;
    return html`<div class="buttons">
      ${verbs.map(
        (verb, at) => html`<button class=${at === 0 ? "strong" : "quiet"} data-verb=${verb} ?disabled=${this.busy}
          @click=${() => this.#step(verb)}>${t(lang, verb)}</button>`,
      )}
    </div>`;
  }

  /** The share of its time that is gone (null: it is over), and in words how it stands. */
  #time(list) {
    const { order, lang } = this;
    const at = (stamp) => Date.parse(stamp);
    if (list === "finished") return { share: null, words: span(at(order.times.done) - at(order.times.placed)) };
    const since = at(order.times.dispatched ?? order.times.placed);
    const until = at(list === "waiting" ? order.deadlines.accept : order.deadlines.done);
    const now = clock.now();
    if (!until) return { share: null, words: span(now - since) };
    const share = Math.max(0, (now - since) / (until - since));
    const age = span(now - at(order.times.placed));
    return { share, words: share >= 1 ? `${age} · ${t(lang, "late", { time: span(now - until) })}` : age };
  }

  #step(verb) {
    this.dispatchEvent(new CustomEvent("step", { detail: { order: this.order, verb }, bubbles: true, composed: true }));
  }
}

/** 4:05, 1:04:05. */
function span(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

customElements.define("staff-ticket", StaffTicket);
