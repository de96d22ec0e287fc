// The door: a room's code, or, in the example hotel on its own machine, a room to choose.

import { LitElement, html, css, nothing } from "./vendor/lit.js";
import { look } from "./look.js";
import { post, Problem } from "./api.js";
import { t, named } from "./words.js";

class RoomEntry extends LitElement {
  static properties = { hotel: { attribute: false }, lang: {}, notice: {}, code: {}, busy: { state: true }, wrong: { state: true } };

  static styles = [
    look,
    css`
      :host {
        display: grid;
        gap: 28px;
        width: min(100%, 420px);
        margin: 0 auto;
        padding: 9vh 24px 48px;
      }
      h1 {
        font: 500 2.1rem/1.2 var(--serif);
      }
      form {
        display: flex;
        gap: 8px;
      }
      .field {
        letter-spacing: 0.04em;
        text-transform: uppercase;
      }
      .rooms {
        display: grid;
        grid-template-columns: repeat(4, 1fr);
        gap: 8px;
        margin-top: 8px;
      }
      .rooms button {
        min-height: 52px;
        border: 1px solid var(--line);
        border-radius: 14px;
        background: var(--card);
        font: 500 1.15rem/1 var(--serif);
      }
      .floor {
        margin-top: 16px;
      }
      .wrong {
        color: var(--alarm);
      }
    `,
  ];

  render() {
    const { hotel, lang } = this;
    const floors = grouped(hotel?.demo?.rooms ?? []);
    return html`
      <header>
        <p class="section">${named(hotel?.name, lang)}</p>
        <h1>${this.notice || t(lang, "entry.title")}</h1>
      </header>
      <section>
        <form @submit=${this.#submit}>
          <input class="field" name="code" autocomplete="one-time-code" autocapitalize="characters" spellcheck="false" required
            aria-label=${t(lang, "entry.code")} placeholder=${t(lang, "entry.code")} .value=${this.code ?? ""} />
          <button class="strong" ?disabled=${this.busy}>${t(lang, "entry.open")}</button>
        </form>
        <p class="small" style="margin-top:10px">${t(lang, "entry.help")}</p>
        <p class="wrong" role="alert">${this.wrong ?? ""}</p>
      </section>
      ${hotel?.demo
        ? html`<section>
            <p class="section">${t(lang, "entry.demo")}</p>
            ${[...floors].map(
              ([floor, rooms]) => html`<p class="small floor">${t(lang, "entry.floor", { floor })}</p>
                <div class="rooms">
                  ${rooms.map((room) => html`<button data-room=${room.id} ?disabled=${this.busy} @click=${() => this.#enter({ room: room.id })}>${room.id}</button>`)}
                </div>`,
            )}
          </section>`
        : nothing}
    `;
  }

  #submit(event) {
    event.preventDefault();
    this.#enter({ code: new FormData(event.target).get("code").trim() });
  }

  async #enter(body) {
    this.busy = true;
    this.wrong = "";
    try {
      const { token } = await post("/v1/room-token", body);
      this.dispatchEvent(new CustomEvent("entered", { detail: token, bubbles: true, composed: true }));
    } catch (error) {
      this.wrong = error instanceof Problem ? t(this.lang, `error.${error.code}`) : t(this.lang, "error.offline");
    } finally {
      this.busy = false;
    }
  }
}

function grouped(rooms) {
  const floors = new Map();
  for (const room of rooms) floors.set(room.floor, [...(floors.get(room.floor) ?? []), room]);
  return floors;
}

customElements.define("room-entry", RoomEntry);
