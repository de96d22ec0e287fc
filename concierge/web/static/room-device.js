// One device as a card. It shows what the device confirmed; between a tap and the confirmation it only waits.

import { LitElement, html, css, nothing, classMap } from "./vendor/lit.js";
import { look } from "./look.js";
import { icon, deviceIcon } from "./icons.js";
import { t, named } from "./words.js";

const COVERS = new Set(["curtain", "sheer"]);
const [COOLEST, WARMEST] = [16, 30];

class RoomDevice extends LitElement {
  static properties = {
    device: { attribute: false }, // {id, kind, zone, name, state}
    lang: {},
    waiting: { type: Boolean },
    silent: { type: Boolean },
  };

  static styles = [
    look,
    css`
      :host {
        display: block;
        min-width: 0;
      }
      .card {
        position: relative;
        display: flex;
        flex-direction: column;
        justify-content: space-between;
        width: 100%;
        height: 104px;
        padding: 12px 14px;
        border: 1px solid var(--line);
        border-radius: var(--radius);
        background: var(--card);
        color: var(--ink);
        text-align: left;
        overflow: hidden;
        transition: background-color 0.5s, color 0.5s, border-color 0.5s, box-shadow 0.5s;
      }
      .card > * {
        position: relative;
      }
      .top {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 8px;
        min-height: 28px;
      }
      .top svg {
        flex: none;
        color: var(--ink-soft);
        transition: color 0.5s;
      }
      .state {
        color: var(--ink-soft);
        font-size: 0.82rem;
        white-space: nowrap;
      }
      .name {
        display: block;
        font-size: 0.92rem;
        line-height: 1.25;
      }
      .name::first-letter {
        text-transform: uppercase;
      }
      .on {
        border-color: color-mix(in srgb, var(--brass) 45%, var(--line));
      }
      .on .top svg {
        color: var(--brass);
      }
      .lit {
        border-color: transparent;
        background: radial-gradient(120% 130% at 22% 12%, color-mix(in srgb, var(--glow) 78%, white) 0%, var(--glow) 70%);
        box-shadow: 0 6px 26px color-mix(in srgb, var(--glow) calc(20% + var(--level) * 0.4%), transparent);
        color: var(--glow-ink);
      }
      .lit .top svg,
      .lit .state {
        color: var(--glow-ink);
      }
      .dimmer {
        position: absolute;
        inset: auto 0 0 0;
        height: 4px;
        background: color-mix(in srgb, var(--glow-ink) 14%, transparent);
      }
      .dimmer i {
        display: block;
        height: 100%;
        width: calc(var(--level) * 1%);
        background: color-mix(in srgb, var(--glow-ink) 55%, transparent);
        transition: width 0.6s;
      }
      .window {
        position: absolute;
        inset: 0;
        background: linear-gradient(160deg, color-mix(in srgb, #8fb8d8 30%, var(--card)), color-mix(in srgb, #f3d9a8 34%, var(--card)));
        opacity: calc(var(--open) * 1%);
        transition: opacity 1.2s;
      }
      .panel {
        position: absolute;
        top: 0;
        bottom: 0;
        width: calc(50% - var(--open) * 0.4%);
        background: repeating-linear-gradient(90deg, color-mix(in srgb, var(--ink) 7%, transparent) 0 2px, transparent 2px 9px);
        transition: width 1.2s;
      }
      .sheer .panel {
        opacity: 0.6;
      }
      .panel.left {
        left: 0;
      }
      .panel.right {
        right: 0;
      }
      .climate {
        flex-direction: row;
        gap: 8px;
        padding-block: 10px;
      }
      .set {
        display: flex;
        flex: none;
        flex-direction: column;
        justify-content: space-between;
        align-items: flex-end;
      }
      .degrees {
        min-height: 1.9rem;
        font: 500 1.9rem/1 var(--serif);
        font-variant-numeric: lining-nums;
      }
      .steps {
        display: flex;
        gap: 6px;
      }
      .step {
        display: grid;
        place-items: center;
        width: 44px;
        height: 44px;
        border: 1px solid var(--line);
        border-radius: 50%;
        background: var(--paper);
      }
      .tap {
        display: flex;
        flex: 1;
        flex-direction: column;
        min-width: 0;
        justify-content: space-between;
        align-items: flex-start;
        gap: 4px;
        padding: 0;
        text-align: left;
      }
      .waiting::after {
        content: "";
        position: absolute;
        inset: 0;
        background: linear-gradient(100deg, transparent 30%, color-mix(in srgb, var(--brass) 22%, transparent) 50%, transparent 70%);
        background-size: 250% 100%;
        animation: sweep 1.1s linear infinite;
      }
      .silent {
        border-color: var(--late);
      }
      .silent .state {
        color: var(--late);
      }
      @keyframes sweep {
        from {
          background-position: 130% 0;
        }
        to {
          background-position: -60% 0;
        }
      }
    `,
  ];

  render() {
    const { device, lang } = this;
    const state = device.state ?? {};
    const on = isOn(device);
    const classes = {
      card: true,
      on,
      lit: on && device.kind === "light",
      sheer: device.kind === "sheer",
      waiting: this.waiting,
      silent: this.silent,
    };
    const amounts = `--level:${state.level ?? 100};--open:${state.position ?? 0}`;
    return device.kind === "ac" ? this.#climate(classes, on) : this.#tapped(classes, amounts, on, lang);
  }

  #tapped(classes, amounts, on, lang) {
    const { device } = this;
    return html`<button class=${classMap(classes)} style=${amounts} aria-pressed=${on} @click=${this.#toggle}>
      ${COVERS.has(device.kind)
        ? html`<span class="window"></span><span class="panel left"></span><span class="panel right"></span>`
        : nothing}
      <span class="top">${deviceIcon(device)}<span class="state" aria-live="polite">${this.#words()}</span></span>
      <span class="name">${named(device.name, lang)}</span>
      ${classes.lit && device.state.level !== undefined ? html`<span class="dimmer"><i></i></span>` : nothing}
    </button>`;
  }

  #climate(classes, on) {
    const { device, lang } = this;
    const degrees = device.state?.temperature;
    const step = (by) => this.#ask({ temperature: Math.min(WARMEST, Math.max(COOLEST, Math.round(degrees ?? 24) + by)) });
    return html`<div class=${classMap({ ...classes, climate: true })}>
      <button class="tap" aria-pressed=${on} @click=${this.#toggle}>
        <span class="top">${deviceIcon(device)}<span class="state" aria-live="polite">${this.#words()}</span></span>
        <span class="name">${named(device.name, lang)}</span>
      </button>
      <span class="set">
        <span class="degrees">${on && degrees !== undefined ? `${degrees}°` : nothing}</span>
        <span class="steps">
          <button class="step" aria-label=${t(lang, "cooler")} @click=${() => step(-1)}>${icon("minus")}</button>
          <button class="step" aria-label=${t(lang, "warmer")} @click=${() => step(+1)}>${icon("plus")}</button>
        </span>
      </span>
    </div>`;
  }

  #words() {
    if (this.silent) return t(this.lang, "silent");
    return stateWords(this.device, this.lang);
  }

  #toggle() {
    const { device } = this;
    if (COVERS.has(device.kind)) this.#ask({ position: (device.state?.position ?? 0) > 50 ? 0 : 100 });
    else this.#ask({ power: isOn(device) ? "off" : "on" });
  }

  #ask(change) {
    this.dispatchEvent(new CustomEvent("ask", { detail: { device: this.device.id, change }, bubbles: true, composed: true }));
  }
}

export function isOn({ kind, state }) {
  return COVERS.has(kind) ? (state?.position ?? 0) > 0 : state?.power === "on";
}

function stateWords({ kind, state }, lang) {
  if (!state) return t(lang, "unit.unknown");
  if (COVERS.has(kind)) {
    if (["opening", "closing"].includes(state.motion)) return t(lang, `unit.${state.motion}`);
    const position = state.position ?? 0;
    return position === 0 ? t(lang, "unit.closed") : position === 100 ? t(lang, "unit.open") : `${position}%`;
  }
  if (state.power !== "on") return t(lang, state.power ? "unit.off" : "unit.unknown");
  switch (kind) {
    case "light":
      return state.level === undefined || state.level === 100 ? t(lang, "unit.on") : `${state.level}%`;
    case "ac":
      return state.mode ? t(lang, `mode.${state.mode}`) : t(lang, "unit.on");
    case "fan":
      return state.fan_speed ? t(lang, `speed.${state.fan_speed}`) : t(lang, "unit.on");
    case "tv":
      return state.channel === undefined ? t(lang, "unit.on") : t(lang, "unit.channel", { n: state.channel });
    case "music":
      return state.volume === undefined ? t(lang, "unit.on") : t(lang, "unit.volume", { n: state.volume });
    case "water_heater":
      return state.temperature === undefined ? t(lang, "unit.on") : `${state.temperature}°`;
    default:
      return t(lang, "unit.on");
  }
}

customElements.define("room-device", RoomDevice);
