// One message of a conversation: whose it is, what it holds, how it stands with the others, and what may be done with it.

import { LitElement, html, css, nothing, classMap } from "./vendor/lit.js";
import { look } from "./look.js";
import { authorOf, gist } from "./staff-talks.js";
import { clockTime } from "./times.js";
import { t } from "./words.js";
import "./file-view.js";

const EDITABLE_MS = 24 * 3600 * 1000;

class StaffMessage extends LitElement {
  static properties = {
    message: { attribute: false }, // with `item` of the outbox while it is not on the log
    answered: { attribute: false }, // the message it replies to, if it is known here
    standing: { attribute: false }, // {state, read} of one's own
    sync: { attribute: false },
    lang: {},
  };

  static styles = [
    look,
    css`
      :host {
        display: grid;
      }
      .message {
        justify-self: start;
        max-width: min(84%, 34rem);
      }
      .mine {
        justify-self: end;
      }
      .author {
        margin: 0 0 2px 4px;
        color: var(--ink-soft);
        font-size: 0.8rem;
      }
      .body {
        padding: 9px 14px;
        border: 1px solid var(--line);
        border-radius: 18px 18px 18px 5px;
        background: var(--card);
        overflow-wrap: anywhere;
      }
      .text {
        white-space: pre-wrap;
      }
      .mine .body {
        border-color: transparent;
        border-radius: 18px 18px 5px 18px;
        background: color-mix(in srgb, var(--brass) 18%, var(--paper));
      }
      .mentions .body {
        border-color: var(--brass);
        box-shadow: 0 0 0 1px var(--brass);
      }
      .waits .body,
      .withdrawn .body {
        color: var(--ink-soft);
      }
      .answered {
        display: block;
        max-height: 3em;
        margin-bottom: 4px;
        padding-left: 8px;
        border-left: 3px solid var(--brass);
        color: var(--ink-soft);
        font-size: 0.85rem;
        overflow: hidden;
      }
      file-view {
        width: min(62vw, 280px);
      }
      .foot {
        display: flex;
        gap: 8px;
        align-items: center;
        justify-content: flex-end;
        min-height: 24px;
        margin: 1px 4px 0;
        color: var(--ink-soft);
        font-size: 0.75rem;
        font-variant-numeric: tabular-nums;
      }
      .message:not(.mine) .foot {
        justify-content: flex-start;
      }
      .foot button {
        min-height: 32px;
        padding: 0 6px;
        color: var(--ink-soft);
        text-decoration: underline;
        text-underline-offset: 3px;
      }
      .failed {
        color: var(--alarm);
      }
      summary {
        display: grid;
        place-items: center;
        width: 32px;
        min-height: 32px;
        cursor: pointer;
        list-style: none;
      }
      summary::-webkit-details-marker {
        display: none;
      }
      details[open] {
        display: flex;
      }
    `,
  ];

  render() {
    const { message, lang, sync } = this;
    const { me, client } = sync;
    const mine = message.by === client.account;
    const classes = { message: true, mine, waits: message.item, withdrawn: message.withdrawn, mentions: message.mentions?.includes(me.id) };
    return html`<article class=${classMap(classes)} data-seq=${message.seq ?? nothing}>
      ${mine ? nothing : html`<p class="author">${authorOf(message.by, me, lang)}</p>`}
      <div class="body">${this.answered ? html`<span class="answered">${gist(this.answered, lang)}</span>` : nothing}${this.#content()}</div>
      ${this.#foot(mine)}
    </article>`;
  }

  #content() {
    const { message, lang, sync } = this;
    if (message.withdrawn) return t(lang, "talk.withdrawn");
    const hash = message.file?.hash ?? message.file;
    const text = message.text ? html`<span class="text">${message.text}</span>` : nothing;
    if (!hash) return message.card ? gist(message, lang) : text;
    return html`<file-view .hash=${hash} .kind=${message.kind} .seconds=${message.file?.seconds ?? 0} .token=${sync.token} .lang=${lang}></file-view>${message.kind === "voice" && !message.item
        ? html`<p class="transcript">${message.transcript || html`<span class="small">${t(lang, "talk.unheard")}</span>`}</p>`
        : nothing}${text}`;
  }

  #foot(mine) {
    const { message, lang, standing } = this;
    if (message.item) return this.#waiting(message.item);
    return html`<div class="foot">
      ${message.edited ? html`<span>${t(lang, "talk.edited")}</span>` : nothing}
      <time datetime=${message.at}>${clockTime(message.at, lang)}</time>
      ${mine && standing
        ? html`<span data-state=${standing.state}>${standing.read.length > 1 ? t(lang, "message.reads", { n: standing.read.length }) : t(lang, `message.${standing.state}`)}</span>`
        : nothing}
      ${message.withdrawn
        ? nothing
        : html`<details>
            <summary aria-label=${t(lang, "talk.actions")}>⋯</summary>
            <button @click=${() => this.#tell("reply")}>${t(lang, "talk.reply")}</button>
            ${mine && message.text && Date.now() - Date.parse(message.at) < EDITABLE_MS ? html`<button @click=${() => this.#tell("edit")}>${t(lang, "talk.edit")}</button>` : nothing}
            ${mine ? html`<button @click=${() => this.#tell("withdraw")}>${t(lang, "talk.withdraw")}</button>` : nothing}
          </details>`}
    </div>`;
  }

  #waiting(item) {
    const { lang } = this;
    const { client } = this.sync;
    if (item.state !== "failed") return html`<div class="foot"><span data-state="waiting">${t(lang, "message.waiting")}</span></div>`;
    return html`<div class="foot"><span class="failed" data-state="failed">${t(lang, "message.failed")}</span>
      <button @click=${() => client.again(item)}>${t(lang, "talk.retry")}</button>
      <button @click=${() => client.dismiss(item)}>${t(lang, "talk.drop")}</button></div>`;
  }

  #tell(verb) {
    this.renderRoot.querySelector("details").open = false;
    this.dispatchEvent(new CustomEvent("about", { detail: { verb, message: this.message }, bubbles: true, composed: true }));
  }
}

customElements.define("staff-message", StaffMessage);
