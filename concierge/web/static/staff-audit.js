// Who did what when, for managers: the log, newest first, by person, by what it is about, by day.

import { LitElement, html, css, nothing, repeat } from "./vendor/lit.js";
import { look } from "./look.js";
import { icon } from "./icons.js";
import { titleOf } from "./staff-talks.js";
import { t, named, orderTitle } from "./words.js";

const ABOUT = ["order", "space", "stay", "im", "group", "incident", "staff", "session", "turn", "push", "card"];
const OF_STAFF = ["staff", "session", "push"];

class StaffAudit extends LitElement {
  static properties = {
    sync: { attribute: false },
    lang: {},
    items: { state: true },
    next: { state: true },
    busy: { state: true },
    failed: { state: true },
  };

  static styles = [
    look,
    css`
      dialog {
        width: min(100vw, 860px);
        max-width: none;
        height: 100dvh;
        max-height: none;
        margin: 0 auto;
        padding: 20px 20px calc(24px + env(safe-area-inset-bottom));
        border: 0;
        background: var(--paper);
        color: var(--ink);
        overflow-y: auto;
      }
      header {
        display: flex;
        align-items: center;
        justify-content: space-between;
      }
      h2 {
        font: 500 1.6rem/1.2 var(--serif);
      }
      form {
        display: grid;
        grid-template-columns: repeat(auto-fit, minmax(150px, 1fr));
        gap: 8px;
        margin: 14px 0 18px;
      }
      .field {
        min-width: 0;
      }
      details {
        border-bottom: 1px solid var(--line);
      }
      summary {
        display: grid;
        grid-template-columns: 5.4rem minmax(0, 1fr) auto;
        gap: 2px 12px;
        min-height: 48px;
        padding: 8px 0;
        cursor: pointer;
        overflow-wrap: anywhere;
      }
      summary::after {
        content: "›";
        grid-area: 1 / 3 / span 2;
        align-self: center;
        padding: 0 8px;
        color: var(--ink-soft);
        font-size: 1.3rem;
      }
      details[open] > summary::after {
        rotate: 90deg;
      }
      summary::marker,
      summary::-webkit-details-marker {
        content: "";
        display: none;
      }
      time {
        grid-area: 1 / 1 / span 2;
        color: var(--ink-soft);
        font-size: 0.9rem;
        font-variant-numeric: tabular-nums;
      }
      dl {
        display: grid;
        grid-template-columns: minmax(6rem, auto) minmax(0, 1fr);
        gap: 4px 14px;
        margin: 0 0 14px;
        padding: 12px 14px;
        border-radius: 14px;
        background: var(--paper-deep);
        font-size: 0.9rem;
      }
      dt {
        color: var(--ink-soft);
      }
      dd {
        margin: 0;
        overflow-wrap: anywhere;
      }
      .older {
        margin-top: 16px;
      }
    `,
  ];

  constructor() {
    super();
    this.filters = {};
  }

  firstUpdated() {
    this.renderRoot.querySelector("dialog").showModal();
    this.#ask();
  }

  render() {
    const { lang, items } = this;
    return html`<dialog aria-labelledby="title" @close=${() => this.dispatchEvent(new Event("closed"))}>
      <header>
        <h2 id="title">${t(lang, "audit")}</h2>
        <button class="icon" aria-label=${t(lang, "close")} @click=${() => this.renderRoot.querySelector("dialog").close()}>${icon("close")}</button>
      </header>
      ${this.#form()}
      <section aria-busy=${Boolean(this.busy)}>${repeat(items ?? [], (item) => item.seq, (item) => this.#item(item))}</section>
      <p class="small" role="status">${items?.length === 0 ? t(lang, "audit.none") : ""}</p>
      ${this.failed ? html`<p class="small" role="alert">${t(lang, "error.offline")}</p>` : nothing}
      ${this.next ? html`<button class="quiet older" @click=${() => this.busy || this.#ask(this.next)}>${t(lang, "older")}</button>` : nothing}
    </dialog>`;
  }

  #form() {
    const { lang, sync } = this;
    const option = (value, name) => html`<option value=${value}>${name}</option>`;
    return html`<form @change=${this.#filter}>
      <select class="field" name="who" aria-label=${t(lang, "audit.who")}>
        ${option("", t(lang, "audit.everybody"))}
        ${Object.entries(sync.me.colleagues).map(([id, name]) => option(`staff:${id}`, named(name, lang)))}
        ${option("service:concierge", t(lang, "audit.service"))}
      </select>
      <select class="field" name="subject" aria-label=${t(lang, "audit.about")}>
        ${option("", t(lang, "audit.everything"))} ${ABOUT.map((kind) => option(`${kind}.`, t(lang, `audit.${kind}`)))}
      </select>
      <input class="field" type="date" name="day" min="2001-01-01" max="2198-12-31" aria-label=${t(lang, "audit.day")} />
    </form>`;
  }

  #item(item) {
    const { lang } = this;
    const at = new Date(item.at);
    const locale = lang === "zh" ? "zh-CN" : "en-GB";
    return html`<details data-seq=${item.seq}>
      <summary>
        <time datetime=${item.at}>${at.toLocaleTimeString(locale)}<br />${at.toLocaleDateString(locale, { month: "numeric", day: "numeric" })}</time>
        <strong>${this.#who(item.who)} · ${t(lang, `event.${item.event}`).replace(/^event\./, "")}</strong>
        <span class="small">${this.#about(item)}</span>
      </summary>
      ${item.data ? html`<dl>${Object.entries(item.data).map(([name, value]) => fact(name, value))}</dl>` : html`<p class="small">${t(lang, "audit.private")}</p>`}
    </details>`;
  }

  #who(who) {
    const [kind, id] = who.split(":");
    if (kind === "staff") return named(this.sync.me.colleagues[id], this.lang) || id;
    return kind === "guest" ? t(this.lang, "talk.guest") : t(this.lang, "audit.service");
  }

  /** What it was done to, as people call it. */
  #about({ subject, data }) {
    const { lang, sync } = this;
    const [, , kind, id = ""] = subject.split(".");
    const known = ABOUT.includes(kind) ? t(lang, `audit.${kind}`) : kind;
    if (kind === "order" && data?.intent) return [data.space, orderTitle(data, sync.hotel, lang)].filter(Boolean).join(" · ");
    if (OF_STAFF.includes(kind)) return `${known} · ${named(sync.me.colleagues[id], lang) || id}`;
    if (kind === "im") return `${known} · ${this.#talk(id)}`;
    return `${known} · ${data?.space ?? id}`;
  }

  #talk(id) {
    const { sync, lang } = this;
    const talk = sync.talks.sorted.find((one) => one.id === id) ?? { id, kind: id.split("-", 1)[0], space: id.split("-")[1] };
    return titleOf(talk, sync, lang);
  }

  #filter({ currentTarget: form }) {
    // A year that is being typed is no day yet: 0002.
    const filters = Object.fromEntries([...new FormData(form)].filter(([name, value]) => value && form.elements[name].validity.valid));
    Object.assign(this, { filters, items: undefined, next: null });
    this.#ask();
  }

  async #ask(before) {
    const { who, subject, day } = this.filters;
    const asked = this.filters;
    this.busy = true;
    const query = Object.entries({ who, subject, ...(day && hoursOf(day)), before }).filter(([, value]) => value);
    try {
      const page = await this.sync.client.get(`/v1/audit?${new URLSearchParams(query)}`);
      if (asked !== this.filters) return; // chosen anew meanwhile
      Object.assign(this, { items: before ? [...this.items, ...page.items] : page.items, next: page.next, busy: false, failed: false });
    } catch {
      if (asked !== this.filters) return;
      Object.assign(this, { busy: false, failed: true });
    }
  }
}

/** From midnight to midnight here; a day may have 23 hours. */
function hoursOf(day) {
  const since = new Date(`${day}T00:00:00`);
  const until = new Date(since);
  until.setDate(until.getDate() + 1);
  return { since: since.toISOString(), until: until.toISOString() };
}

function fact(name, value) {
  if (value === null || value === "" || value?.length === 0) return nothing;
  return html`<dt>${name}</dt>
    <dd>${text(value)}</dd>`;
}

/** `a 1 · b 2`, whatever is inside. */
function text(value) {
  if (Array.isArray(value)) return value.map(text).join("; ");
  if (value === null || typeof value !== "object") return String(value);
  return Object.entries(value)
    .map(([name, each]) => `${name} ${text(each)}`)
    .join(" · ");
}

customElements.define("staff-audit", StaffAudit);
