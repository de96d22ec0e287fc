// What the guest and the house have said to each other, what is being said right now, and what waits to be sent.

import { LitElement, html, css, nothing, repeat, classMap } from "./vendor/lit.js";
import { look } from "./look.js";
import { t, named } from "./words.js";
import "./file-view.js";

class RoomConversation extends LitElement {
  static properties = {
    state: { attribute: false }, // a RoomState, which changes by itself: hence `drawn`
    drawn: { attribute: false }, // anything new: it is drawn anew with its page
    socket: { attribute: false },
    me: { attribute: false },
    hotel: { attribute: false },
    token: {},
    lang: {},
    ready: { type: Boolean },
  };

  static styles = [
    look,
    css`
      :host {
        display: contents;
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
        background: color-mix(in srgb, var(--ink) 7%, var(--paper));
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
      file-view {
        width: min(60vw, 280px);
        margin: 2px 0;
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
      @keyframes arrive {
        from {
          opacity: 0;
          transform: translateY(8px);
        }
      }
      @media (min-width: 960px) {
        .mine {
          background: var(--card);
        }
      }
    `,
  ];

  render() {
    const { messages } = this.state;
    const live = [...this.state.live, ...this.#pending()];
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

  /** What was typed and is not on the log yet. */
  #pending() {
    const waiting = this.socket.pending(`stay-${this.me.stay}`);
    return waiting.map(({ frame, state }) => ({ mine: true, text: frame.text, file: frame.file, kind: frame.kind, pending: true, failed: state === "failed" }));
  }

  #line(line) {
    if (line.mine) {
      const { messages } = this.state;
      const last = line === messages.findLast((message) => message.mine && message.via === "text");
      const state = line.failed ? "failed" : last ? this.socket.statesOf(line).state : "";
      return html`<p class=${classMap({ line: true, mine: true, waiting: line.interim || line.pending, interim: line.interim })}>
        ${this.#file(line)}${line.text || line.transcript}${state ? html`<span class="small" data-state=${state}> ${t(this.lang, `message.${state}`)}</span>` : nothing}
      </p>`;
    }
    return html`<p class=${classMap({ line: true, theirs: true, filler: line.filler })}>
      ${line.staff ? html`<span class="colleague">${named(this.hotel.name, this.lang)}</span>` : nothing}${this.#file(line)}${line.text || line.transcript}
    </p>`;
  }

  #file({ file, kind }) {
    if (!file) return nothing;
    return html`<file-view .hash=${file.hash ?? file} .kind=${kind} .seconds=${file.seconds ?? 0} .token=${this.token} .lang=${this.lang}></file-view>`;
  }

  #hello() {
    const hour = new Date().getHours();
    const greeting = t(this.lang, hour < 5 || hour >= 18 ? "evening" : hour < 12 ? "morning" : "afternoon");
    const name = this.me.name ? (this.lang === "zh" ? `，${this.me.name}` : `, ${this.me.name}`) : "";
    return html`<div class="hello line">
      <h2>${greeting}${name}</h2>
      <p>${t(this.lang, "welcome")}</p>
      <div class="hints">${t(this.lang, "hints").map((hint) => html`<button class="quiet" @click=${() => this.dispatchEvent(new CustomEvent("say", { detail: hint, bubbles: true, composed: true }))}>${hint}</button>`)}</div>
    </div>`;
  }
}

customElements.define("room-conversation", RoomConversation);
