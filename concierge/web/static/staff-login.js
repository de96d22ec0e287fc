// Staff log-in; in the example hotel, on its own machine, a tap on a name is enough.

import { LitElement, html, css, nothing } from "./vendor/lit.js";
import { look } from "./look.js";
import { post, Problem } from "./api.js";
import { t, named } from "./words.js";

class StaffLogin extends LitElement {
  static properties = { hotel: { attribute: false }, lang: {}, busy: { state: true }, wrong: { state: true } };

  static styles = [
    look,
    css`
      :host {
        display: grid;
        gap: 28px;
        width: min(100%, 460px);
        margin: 0 auto;
        padding: 9vh 24px 48px;
      }
      h1 {
        font: 500 2.1rem/1.2 var(--serif);
      }
      form {
        display: grid;
        gap: 10px;
      }
      .wrong {
        min-height: 1.5em;
        color: var(--alarm);
      }
      .people {
        display: grid;
        grid-template-columns: repeat(auto-fill, minmax(126px, 1fr));
        gap: 8px;
        margin-top: 10px;
      }
      .people button {
        min-height: 60px;
        padding: 8px 12px;
        border: 1px solid var(--line);
        border-radius: 14px;
        background: var(--card);
        text-align: left;
        line-height: 1.3;
      }
      .people .small {
        display: block;
      }
    `,
  ];

  render() {
    const { hotel, lang } = this;
    return html`
      <header>
        <p class="section">${named(hotel?.name, lang)}</p>
        <h1>${t(lang, "login.title")}</h1>
      </header>
      <form @submit=${this.#submit}>
        <input class="field" name="user" autocomplete="username" autocapitalize="none" required placeholder=${t(lang, "login.user")} aria-label=${t(lang, "login.user")} />
        <input class="field" name="password" type="password" autocomplete="current-password" required
          placeholder=${t(lang, "login.password")} aria-label=${t(lang, "login.password")} />
        <button class="strong" ?disabled=${this.busy}>${t(lang, "login")}</button>
        <p class="wrong" role="alert">${this.wrong ?? ""}</p>
      </form>
      ${hotel?.demo
        ? html`<section>
            <p class="section">${t(lang, "login.demo")}</p>
            <div class="people">
              ${hotel.demo.staff.map(
                (person) => html`<button data-user=${person.id} ?disabled=${this.busy} @click=${() => this.#login(person.id, `demo-${person.id}`)}>
                  ${named(person.name, lang)}<span class="small">${named(hotel.departments[person.department], lang)}</span>
                </button>`,
              )}
            </div>
          </section>`
        : nothing}
    `;
  }

  #submit(event) {
    event.preventDefault();
    const given = new FormData(event.target);
    this.#login(given.get("user").trim(), given.get("password"));
  }

  async #login(user, password) {
    this.busy = true;
    this.wrong = "";
    try {
      const { token } = await post("/v1/login", { user, password });
      this.dispatchEvent(new CustomEvent("entered", { detail: token, bubbles: true, composed: true }));
    } catch (error) {
      this.wrong = error instanceof Problem ? t(this.lang, `error.${error.code}`) : t(this.lang, "error.offline");
    } finally {
      this.busy = false;
    }
  }
}

customElements.define("staff-login", StaffLogin);
