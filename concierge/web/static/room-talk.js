// The big button: tap to talk, tap to end. Its ring breathes with whoever is speaking.

import { LitElement, html, css, classMap } from "./vendor/lit.js";
import { look } from "./look.js";
import { icon } from "./icons.js";
import { Call } from "./call.js";
import { t } from "./words.js";

class RoomTalk extends LitElement {
  static properties = {
    lang: {},
    call: { attribute: false },
    state: { state: true }, // idle, connecting, live, ended
    speaking: { type: Boolean },
  };

  static styles = [
    look,
    css`
      :host {
        display: grid;
        justify-items: center;
        gap: 10px;
      }
      button {
        position: relative;
        display: grid;
        place-items: center;
        width: 92px;
        height: 92px;
        border-radius: 50%;
        background: radial-gradient(circle at 32% 26%, color-mix(in srgb, var(--brass) 50%, #f2d19a), var(--brass) 72%);
        box-shadow: 0 10px 30px color-mix(in srgb, var(--brass) 34%, transparent);
        color: var(--brass-ink);
        transition: transform 0.2s;
      }
      button:active {
        transform: scale(0.96);
      }
      button::before,
      button::after {
        content: "";
        position: absolute;
        inset: 0;
        border: 1.5px solid var(--brass);
        border-radius: 50%;
        opacity: 0;
        transform: scale(calc(1 + var(--loud, 0) * 0.55));
      }
      .live::before {
        opacity: 0.75;
      }
      .live::after {
        opacity: 0.3;
        transform: scale(calc(1.12 + var(--loud, 0) * 0.95));
      }
      .connecting::before {
        opacity: 0.6;
        animation: breathe 1.2s ease-in-out infinite;
      }
      svg {
        width: 36px;
        height: 36px;
      }
      p {
        min-height: 1.4em;
        max-width: 22rem;
        color: var(--ink-soft);
        font-size: 0.9rem;
        text-align: center;
      }
      .wrong {
        color: var(--late);
      }
      @keyframes breathe {
        50% {
          transform: scale(1.22);
          opacity: 0.1;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.state = "idle";
  }

  willUpdate(changed) {
    if (!changed.has("call")) return;
    this.state = this.call?.state ?? "idle";
    this.call?.addEventListener("state", ({ detail }) => {
      this.state = detail;
      if (detail === "live") requestAnimationFrame(() => this.#breathe());
    });
  }

  render() {
    const up = this.state === "connecting" || this.state === "live";
    const label = t(this.lang, up ? "talk.end" : "talk");
    return html`
      <button id="talk" class=${classMap({ [this.state]: true })} data-state=${this.state} aria-pressed=${up} aria-label=${label}
        ?disabled=${Call.obstacle() !== ""} @click=${this.#tap}>${icon(up ? "end" : "mic")}</button>
      <p role="status" class=${this.#trouble() ? "wrong" : ""}>${this.#status()}</p>
    `;
  }

  #trouble() {
    return Call.obstacle() || (this.state === "ended" && this.call?.reason);
  }

  #status() {
    if (this.#trouble()) return t(this.lang, `talk.${this.#trouble()}`);
    if (this.state === "connecting") return t(this.lang, "talk.connecting");
    if (this.state === "live") return t(this.lang, this.speaking ? "talk.speaking" : "talk.live");
    return t(this.lang, "talk");
  }

  #tap() {
    this.dispatchEvent(new Event("talk", { bubbles: true, composed: true }));
  }

  #breathe() {
    const button = this.renderRoot.querySelector("button");
    if (this.state !== "live" || !button) return;
    const loud = Math.max(this.call.level(), this.call.voice());
    this.loud = Math.max(loud, (this.loud ?? 0) * 0.88); // rises at once, falls softly
    button.style.setProperty("--loud", this.loud.toFixed(3));
    requestAnimationFrame(() => this.#breathe());
  }
}

customElements.define("room-talk", RoomTalk);
