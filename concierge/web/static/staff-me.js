// Oneself: on duty or not, notifications on this device, where one is logged in.

import { LitElement, html, css, nothing } from "./vendor/lit.js";
import { look } from "./look.js";
import { remove } from "./api.js";
import { clockTime } from "./times.js";
import { t, named } from "./words.js";
import "./staff-audit.js";
import "./staff-factor.js";

const DUTIES = [
  ["on", true],
  ["off", false],
  ["plan", null],
];

class StaffMe extends LitElement {
  static properties = {
    sync: { attribute: false }, // changes by itself, as `alerts` does: hence `drawn`
    alerts: { attribute: false },
    drawn: { attribute: false }, // anything new: it is drawn anew with its page
    lang: {},
    sessions: { state: true },
    auditing: { state: true },
  };

  static styles = [
    look,
    css`
      :host {
        display: grid;
        gap: 28px;
        width: min(100%, 620px);
        margin: 0 auto;
        padding: 20px 20px 40px;
      }
      section {
        display: grid;
        gap: 10px;
        justify-items: start;
      }
      h2 {
        font: 500 1.2rem/1.3 var(--serif);
      }
      .duty {
        display: grid;
        grid-template-columns: repeat(3, 1fr);
        gap: 4px;
        width: 100%;
        padding: 4px;
        border-radius: 999px;
        background: var(--paper-deep);
      }
      .duty button {
        min-height: 48px;
        border-radius: 999px;
        color: var(--ink-soft);
      }
      .duty .chosen {
        background: var(--card);
        box-shadow: var(--shadow);
        color: var(--ink);
        font-weight: 600;
      }
      ul {
        width: 100%;
      }
      li {
        display: flex;
        align-items: center;
        justify-content: space-between;
        gap: 12px;
        padding: 8px 0;
        border-bottom: 1px solid var(--line);
      }
      li span {
        min-width: 0;
        overflow-wrap: anywhere;
      }
      .warn {
        color: var(--late);
      }
    `,
  ];

  firstUpdated() {
    this.#askSessions();
  }

  render() {
    const { sync, alerts, lang } = this;
    const { me, hotel } = sync;
    return html`
      <p class="small">${named(hotel.name, lang)} · ${named(hotel.departments[me.department], lang)}</p>
      <section aria-label=${t(lang, "duty")}>
        <div class="duty">${DUTIES.map(([name, on]) => this.#duty(name, on))}</div>
        <p class="small">${t(lang, "duty.help")}</p>
      </section>
      <section>
        <h2>${t(lang, "notify")}</h2>
        <p class=${alerts.trouble ? "small warn" : "small"} role="status">${t(lang, alerts.trouble ? `notify.${alerts.trouble}` : "notify.is")}</p>
        ${alerts.possible
          ? html`<button class=${alerts.wanted ? "quiet" : "strong"} data-notify @click=${() => (alerts.wanted ? alerts.off() : alerts.on())}>
              ${t(lang, alerts.wanted ? "notify.off" : "notify.on")}
            </button>`
          : nothing}
      </section>
      ${alerts.installed
        ? nothing
        : html`<section>
            <h2>${t(lang, "install")}</h2>
            ${alerts.installable
              ? html`<button class="strong" @click=${() => alerts.install()}>${t(lang, "install.do")}</button>`
              : html`<p class="small">${t(lang, "install.help")}</p>`}
          </section>`}
      ${me.manages ? this.#audit() : nothing}
      <section>
        <h2>${t(lang, "factor")}</h2>
        <staff-factor .token=${sync.token} .lang=${lang} ?on=${me.second_factor} @confirmed=${this.#confirmed}></staff-factor>
      </section>
      ${this.sessions?.length ? this.#sessions() : nothing}
      <section><button class="quiet" data-logout @click=${() => this.dispatchEvent(new Event("logout", { bubbles: true, composed: true }))}>${t(lang, "logout")}</button></section>
    `;
  }

  #duty(name, on) {
    const { sync, lang } = this;
    const tap = sync.client.pending().findLast(({ path }) => path === "/v1/me/duty");
    const said = tap ? tap.body.on : (sync.people.find((one) => one.id === sync.me.id)?.said ?? null);
    return html`<button data-duty=${name} aria-pressed=${said === on} class=${said === on ? "chosen" : ""} @click=${() => sync.client.act("/v1/me/duty", { on })}>
      ${t(lang, `duty.${name}`)}
    </button>`;
  }

  #confirmed() {
    this.sync.me.second_factor = true;
    this.requestUpdate();
  }

  #audit() {
    const { sync, lang } = this;
    return html`<section>
      <h2>${t(lang, "audit")}</h2>
      <p class="small">${t(lang, "audit.help")}</p>
      <button class="quiet" data-audit @click=${() => (this.auditing = true)}>${t(lang, "audit.open")}</button>
      ${this.auditing ? html`<staff-audit .sync=${sync} .lang=${lang} @closed=${() => (this.auditing = false)}></staff-audit>` : nothing}
    </section>`;
  }

  #sessions() {
    const { lang } = this;
    return html`<section>
      <h2>${t(lang, "sessions")}</h2>
      <ul>
        ${this.sessions.map(
          (one) => html`<li><span class="small">${browserOf(one.agent)} · ${clockTime(one.at, lang)}</span>
            ${one.current ? html`<span class="small">${t(lang, "sessions.this")}</span>` : html`<button class="quiet" @click=${() => this.#end(one.id)}>${t(lang, "sessions.end")}</button>`}</li>`,
        )}
      </ul>
    </section>`;
  }

  /** Nothing may lie over an alarm. */
  uncover() {
    this.auditing = false;
  }

  async #askSessions() {
    this.sessions = (await this.sync.client.get("/v1/sessions").catch(() => ({ items: [] }))).items;
  }

  async #end(id) {
    await remove(`/v1/sessions/${id}`, this.sync.token).catch((detail) => this.dispatchEvent(new CustomEvent("say", { detail, bubbles: true, composed: true })));
    this.#askSessions();
  }
}

/** What a browser calls itself, in two words: its name and its system. */
function browserOf(agent) {
  const found = (names) => names.find((name) => agent.includes(name)) ?? "";
  return `${found(["Edg", "Firefox", "Chrome", "Safari"])} ${found(["iPhone", "iPad", "Android", "Windows", "Mac OS", "Linux"])}`.trim() || agent.slice(0, 40);
}

customElements.define("staff-me", StaffMe);
