// One request of the guest, from received to done, and how it was.

import { LitElement, html, css, nothing, classMap } from "./vendor/lit.js";
import { look } from "./look.js";
import { icon } from "./icons.js";
import { t, orderTitle, orderDetail } from "./words.js";

const STEPS = ["sent", "accepted", "started", "done"];
const REACHED = { placed: 0, dispatched: 0, declined: 0, accepted: 1, started: 2, done: 3, rated: 3, closed: 3 };
const CANCELLABLE = new Set(["placed", "dispatched", "declined", "accepted"]);

export function isOver(order) {
  return ["rated", "closed", "cancelled"].includes(order.state);
}

class RoomOrder extends LitElement {
  static properties = { order: { attribute: false }, hotel: { attribute: false }, lang: {}, asking: { state: true }, chosen: { state: true } };

  static styles = [
    look,
    css`
      :host {
        display: block;
      }
      .order {
        padding: 14px 16px;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--card);
      }
      .head {
        display: flex;
        align-items: baseline;
        justify-content: space-between;
        gap: 12px;
      }
      h3 {
        overflow: hidden;
        font: 500 1.08rem/1.35 var(--serif);
        text-overflow: ellipsis;
      }
      h3::first-letter {
        text-transform: uppercase;
      }
      .now {
        flex: none;
        color: var(--brass);
        font-size: 0.85rem;
        font-weight: 600;
      }
      .done .now {
        color: var(--good);
      }
      .cancelled .now,
      .cancelled h3 {
        color: var(--ink-soft);
      }
      .progress {
        display: flex;
        gap: 10px;
        align-items: center;
        min-height: 4px;
        margin-top: 12px;
      }
      .steps {
        display: grid;
        flex: 1;
        grid-template-columns: repeat(4, 1fr);
        gap: 4px;
      }
      .steps li {
        height: 4px;
        border-radius: 2px;
        background: var(--line);
        transition: background-color 0.6s;
      }
      .steps .reached {
        background: var(--brass);
      }
      .done .steps .reached {
        background: var(--good);
      }
      .foot {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
        margin: 6px 0 -8px;
      }
      .stars {
        display: flex;
      }
      .star {
        display: grid;
        place-items: center;
        width: 44px;
        height: 44px;
        padding: 0;
        color: var(--brass);
      }
      .star:disabled {
        opacity: 1;
      }
      .star.full svg {
        fill: currentColor;
      }
      form {
        display: flex;
        gap: 8px;
        margin-top: 10px;
      }
      .field {
        min-width: 0;
      }
      .told {
        margin-top: 4px;
      }
      .late {
        color: var(--late);
      }
      .cancel {
        min-height: 44px;
        margin: -20px -10px -20px 0;
        padding: 0 10px;
        color: var(--ink-soft);
        font-size: 0.85rem;
        text-decoration: underline;
        text-underline-offset: 3px;
      }
    `,
  ];

  render() {
    const { order, lang } = this;
    const cancelled = order.state === "cancelled";
    const reached = REACHED[order.state] ?? -1;
    const over = reached === 3;
    const now = t(lang, `step.${cancelled ? "cancelled" : STEPS[reached]}`);
    return html`<article class=${classMap({ order: true, done: over, cancelled })} data-order=${order.id} data-state=${order.state}>
      <div class="head">
        <h3>${orderTitle(order, this.hotel, lang)}</h3>
        <span class="now" aria-live="polite">${now}</span>
      </div>
      ${orderDetail(order) ? html`<p class="small">${orderDetail(order)}</p>` : nothing}
      ${order.told && !over && !cancelled ? html`<p class="small told">${order.told}</p>` : nothing}
      ${order.late?.length && !over && !cancelled ? html`<p class="small told late">${t(lang, "step.late")}</p>` : nothing}
      ${cancelled
        ? nothing
        : html`<div class="progress">
            <ol class="steps" aria-hidden="true">${STEPS.map((_, at) => html`<li class=${at <= reached ? "reached" : ""}></li>`)}</ol>
            ${CANCELLABLE.has(order.state)
              ? html`<button class="cancel" ?disabled=${this.asking} @click=${() => this.#ask("cancel", {})}>${t(lang, "cancel")}</button>`
              : nothing}
          </div>`}
      ${order.state === "done" || order.rating ? this.#rating(order, lang) : nothing}
    </article>`;
  }

  #rating(order, lang) {
    return html`<div class="foot">
        <span class="small" id="question">${t(lang, order.rating ? "thanks" : "rate")}</span>
        <span class="stars" role="group" aria-labelledby="question">${[1, 2, 3, 4, 5].map((n) => this.#star(n, order))}</span>
      </div>
      ${this.chosen && !order.rating
        ? html`<form @submit=${this.#rate}>
            <input class="field" name="comment" maxlength="1000" autocomplete="off" placeholder=${t(lang, "rate.comment")} aria-label=${t(lang, "rate.comment")} />
            <button class="strong" ?disabled=${this.asking}>${t(lang, "rate.send")}</button>
          </form>`
        : nothing}`;
  }

  #star(n, order) {
    return html`<button class=${classMap({ star: true, full: n <= (order.rating ?? this.chosen ?? 0) })} ?disabled=${this.asking || order.rating}
      aria-label=${t(this.lang, "stars", { n })} aria-pressed=${n === (order.rating ?? this.chosen)} @click=${() => (this.chosen = n)}>${icon("star")}</button>`;
  }

  #rate(event) {
    event.preventDefault();
    this.#ask("rate", { rating: this.chosen, comment: new FormData(event.target).get("comment").trim() });
  }

  #ask(verb, body) {
    this.asking = true;
    const finished = () => (this.asking = false);
    this.dispatchEvent(new CustomEvent("step", { detail: { order: this.order.id, verb, body, finished }, bubbles: true, composed: true }));
  }
}

customElements.define("room-order", RoomOrder);
