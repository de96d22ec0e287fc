// An alarm: what was said, where, how sure we are, and who has it.

import { LitElement, html, css, nothing, classMap } from "./vendor/lit.js";
import { look } from "./look.js";
import { icon } from "./icons.js";
import { quoted } from "./staff-ticket.js";
import { t, named } from "./words.js";

class StaffIncident extends LitElement {
  static properties = { incident: { attribute: false }, me: { attribute: false }, lang: {} };

  static styles = [
    look,
    css`
      :host {
        display: block;
      }
      .incident {
        display: grid;
        grid-template-columns: auto minmax(0, 1fr) auto;
        gap: 4px 18px;
        align-items: center;
        padding: 16px 20px;
        border: 1.5px solid var(--alarm);
        border-radius: var(--radius);
        background: var(--alarm-paper);
      }
      .raised {
        animation: call 1.6s ease-in-out infinite;
      }
      .room {
        font: 500 2.5rem/1 var(--serif);
        font-variant-numeric: lining-nums tabular-nums;
      }
      h3 {
        display: flex;
        align-items: center;
        gap: 6px;
        color: var(--alarm);
        font-size: 1.1rem;
      }
      .words {
        font-family: var(--serif);
        overflow-wrap: anywhere;
      }
      .buttons {
        display: flex;
        gap: 8px;
      }
      .strong {
        min-height: 48px;
        background: var(--alarm);
        color: var(--card);
      }
      @media (max-width: 640px) {
        .incident {
          grid-template-columns: auto minmax(0, 1fr);
        }
        .buttons {
          grid-column: 1 / -1;
          margin-top: 8px;
        }
        .buttons button {
          flex: 1;
        }
      }
      @keyframes call {
        50% {
          box-shadow: 0 0 0 6px color-mix(in srgb, var(--alarm) 22%, transparent);
        }
      }
    `,
  ];

  render() {
    const { incident, lang } = this;
    const raised = incident.state === "raised";
    const [, holder] = (incident.people.acknowledged ?? "").split(":");
    const sure = t(lang, "certainty", { n: Math.round(incident.certainty * 100) });
    return html`<article class=${classMap({ incident: true, raised })} role="alert" data-incident=${incident.id} data-state=${incident.state}>
      <div>
        <p class="room">${incident.space}</p>
        <p class="small">${t(lang, "floor", { floor: incident.floor })}</p>
      </div>
      <div>
        <h3>${icon("alarm")} ${t(lang, `incident.${incident.kind}`)}</h3>
        ${incident.words ? html`<p class="words">${quoted(incident.words)}</p>` : nothing}
        <p class="small">${sure}${holder ? html` · ${t(lang, "acked", { name: named(this.me.colleagues[holder], lang) })}` : nothing}</p>
      </div>
      <div class="buttons">
        ${raised ? html`<button class="strong" data-verb="ack" @click=${() => this.#step("ack")}>${t(lang, "ack")}</button>` : nothing}
        <button class="quiet" data-verb="discuss" @click=${this.#discuss}>${t(lang, "discuss")}</button>
        <button class="quiet" data-verb="clear" @click=${() => this.#step("clear")}>${t(lang, "clear")}</button>
      </div>
    </article>`;
  }

  #step(verb) {
    this.dispatchEvent(new CustomEvent("answer", { detail: { incident: this.incident, verb }, bubbles: true, composed: true }));
  }

  #discuss() {
    this.dispatchEvent(new CustomEvent("discuss", { detail: this.incident.id, bubbles: true, composed: true }));
  }
}

customElements.define("staff-incident", StaffIncident);
