// One ticket: the room large, what is wanted and in which words, how long it has waited, and the next step as one button.

import { LitElement, html, nothing, classMap } from "./vendor/lit.js";
import { look } from "./look.js";
import { ticketLook } from "./staff-ticket-look.js";
import { clock } from "./api.js";
import { icon } from "./icons.js";
import { dueAt, isLater, isOpen } from "./staff-tickets.js";
import { clockTime, span } from "./times.js";
import { t, named, orderTitle, orderDetail } from "./words.js";

/** What one may do next with an order, the likeliest first; nothing with what a colleague holds. */
export function stepsOf(order, me) {
  if (order.state === "dispatched") return ["accept"];
  if (!isOpen(order) || !(order.holder === me.id || me.leads)) return [];
  return order.state === "accepted" ? ["start", "done"] : ["done"];
}

/** Guests' words, in the quotation marks of their language. */
export function quoted(words, lang) {
  return (lang ?? (/[\u4e00-\u9fff]/.test(words) ? "zh" : "en")) === "zh" ? `「${words}」` : `“${words}”`;
}

class StaffTicket extends LitElement {
  static properties = {
    order: { attribute: false }, // with `pending`: the verbs that wait for the network
    hotel: { attribute: false },
    me: { attribute: false },
    lang: {},
    live: { type: Boolean }, // whether what is tapped gets through now
    tick: { type: Number }, // changes once a second, so that ages are drawn anew
  };

  static styles = [look, ticketLook];

  render() {
    const { order, hotel, me, lang } = this;
    const open = isOpen(order);
    const waits = order.pending && !this.live;
    const { share, words } = this.#time(open);
    const detail = orderDetail(order);
    const title = orderTitle(order, hotel, lang);
    const steps = stepsOf(order, me);
    const classes = { ticket: true, soon: share > 0.6 && share < 1, late: share >= 1, finished: !open, bare: !steps.length, pending: waits };
    return html`<article class=${classMap(classes)} data-order=${order.id} data-state=${order.state} aria-label=${`${order.space} ${title}`}>
      ${share === null ? nothing : html`<span class="elapsed" style=${`width:${Math.min(100, share * 100).toFixed(1)}%`}></span>`}
      <div class="place">
        <p class="room">${order.space}</p>
        <p class="floor">${t(lang, "floor", { floor: order.floor })}</p>
      </div>
      <div class="what">
        <h3>${title}</h3>
        ${detail && !order.words.includes(detail) ? html`<p>${detail}</p>` : nothing}
        ${order.words ? html`<p class="words" lang=${order.lang}>${quoted(order.words, order.lang)}</p>` : nothing}
      </div>
      <p class="facts small">
        <span class="age">${words}</span>
        ${order.priority === "normal" ? nothing : html`<span class=${`mark ${order.priority}`}>${t(lang, order.priority)}</span>`}
        ${open && order.level ? html`<span class="mark">${t(lang, order.level > 1 ? "level.n" : "level", { n: order.level })}</span>` : nothing}
        ${order.reminders.length ? html`<span class="mark soft">${t(lang, "reminded", { n: order.reminders.length })}</span>` : nothing}
        ${me.leads ? html`<span>${named(hotel.departments[order.department], lang)}</span>` : nothing}
        ${order.notes.length ? html`<span>${t(lang, "notes", { n: order.notes.length })}</span>` : nothing}
        ${order.photos.length ? html`<span>${t(lang, "photos", { n: order.photos.length })}</span>` : nothing}
        ${order.rating ? html`<span class="stars" role="img" aria-label=${t(lang, "rated", { n: order.rating })}>${"★".repeat(order.rating)}${"☆".repeat(5 - order.rating)}</span>` : nothing}
        ${waits ? html`<span class="waits">${t(lang, "pending")}</span>` : html`<span class="holder">${this.#whose(open)}</span>`}
      </p>
      <div class="buttons">
        ${steps.map(
          (verb, at) => html`<button class=${at === 0 ? "strong" : "quiet"} data-verb=${verb} @click=${() => this.#tell("step", verb)}>${t(lang, verb)}</button>`,
        )}
        <button class="more" data-details aria-haspopup="dialog" aria-label=${`${t(lang, "details")} ${order.space} ${title}`}
          @click=${() => this.#tell("details")}>${open ? icon("more") : t(lang, "details")}</button>
      </div>
    </article>`;
  }

  #whose(open) {
    const { order, me, lang } = this;
    const name = (id) => (id === me.id ? t(lang, "by.me") : named(me.colleagues[id], lang) || id);
    if (order.holder) return name(order.holder);
    return open && order.assignee ? t(lang, "for", { name: name(order.assignee) }) : "";
  }

  /** The share of its time that is gone (null: it is over, or not yet begun), and in words how it stands. */
  #time(open) {
    const { order, lang } = this;
    const at = (stamp) => Date.parse(stamp);
    if (!open) return { share: null, words: `${clockTime(order.times.done ?? order.times.placed, lang)} · ${span(at(order.times.done) - at(order.times.placed))}` };
    const planned = order.planned && t(lang, "planned", { time: clockTime(order.planned, lang) });
    if (isLater(order)) return { share: null, words: planned };
    const since = at(order.times.dispatched ?? order.times.placed);
    const [until, now] = [dueAt(order), clock.now()];
    const age = planned || span(now - at(order.times.placed));
    if (!until) return { share: null, words: age };
    const share = Math.max(0, (now - since) / (until - since));
    return { share, words: share >= 1 ? `${t(lang, "late", { time: span(now - until) })} · ${age}` : age };
  }

  #tell(name, verb) {
    this.dispatchEvent(new CustomEvent(name, { detail: { order: this.order, verb }, bubbles: true, composed: true }));
  }
}

customElements.define("staff-ticket", StaffTicket);
