// Staff log-in, with a second factor where there is one; in the example hotel, on its own machine, a tap on a name is enough.

import { LitElement, html, css, nothing } from "./vendor/lit.js";
import { look, secretLook } from "./look.js";
import { post, Problem } from "./api.js";
import { t, named } from "./words.js";

class StaffLogin extends LitElement {
  static properties = {
    hotel: { attribute: false },
    lang: {},
    busy: { state: true },
    wrong: { state: true },
    asked: { state: true }, // for a code: the Problem that asks, with `qr` if the second factor is new
    passed: { state: true }, // a log-in whose recovery codes are to be written down first
  };

  static styles = [
    look,
    secretLook,
    css`
      :host {
        display: grid;
        gap: 28px;
        width: min(100%, 460px);
        margin: 0 auto;
        padding: 7vh 24px 48px;
      }
      header {
        display: grid;
        grid-template-columns: minmax(0, 1fr) auto;
        align-items: end;
      }
      h1 {
        font: 500 2.1rem/1.2 var(--serif);
      }
      form,
      .codes {
        display: grid;
        gap: 10px;
      }
      .wrong {
        min-height: 1.5em;
        color: var(--alarm);
      }
      code {
        font-size: 1.05rem;
      }
      .codes ol {
        display: grid;
        grid-template-columns: repeat(2, 1fr);
        gap: 6px;
      }
      .link {
        display: grid;
        place-items: center;
        text-decoration: none;
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
        <div>
          <p class="section">${named(hotel?.name, lang)}</p>
          <h1>${t(lang, "login.title")}</h1>
        </div>
        <button class="quiet" lang=${lang === "zh" ? "en" : "zh"} aria-label=${t(lang, "language.label")}
          @click=${() => this.dispatchEvent(new Event("language", { bubbles: true, composed: true }))}>${t(lang, "language")}</button>
      </header>
      ${this.passed ? this.#recovery() : this.#form()}
      ${hotel?.demo && !this.asked && !this.passed
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

  #form() {
    const { hotel, lang, asked } = this;
    const field = (name, type, complete) =>
      html`<input class="field" name=${name} type=${type} autocomplete=${complete} autocapitalize="none" required placeholder=${t(lang, `login.${name}`)} aria-label=${t(lang, `login.${name}`)} />`;
    return html`<form @submit=${this.#submit}>
      ${asked
        ? html`<p>${t(lang, asked.qr ? "login.enrol" : "login.code.help")}</p>
            ${asked.qr ? html`<img class="qr" src=${`data:image/svg+xml,${encodeURIComponent(asked.qr)}`} alt="" /><code>${asked.secret}</code>` : nothing}
            ${field("code", "text", "one-time-code")}`
        : html`${field("user", "text", "username")} ${field("password", "password", "current-password")}`}
      <button class="strong" ?disabled=${this.busy}>${t(lang, "login")}</button>
      ${hotel?.oidc && !asked ? html`<a class="quiet link" href="/v1/login/oidc">${t(lang, "login.oidc")}</a>` : nothing}
      <p class="wrong" role="alert">${this.wrong ?? ""}</p>
    </form>`;
  }

  #recovery() {
    return html`<div class="codes">
      <p>${t(this.lang, "login.recovery")}</p>
      <ol>${this.passed.recovery_codes.map((code) => html`<li><code>${code}</code></li>`)}</ol>
      <button class="strong" @click=${() => this.#enter(this.passed.token)}>${t(this.lang, "login.go")}</button>
    </div>`;
  }

  #submit(event) {
    event.preventDefault();
    const given = Object.fromEntries(new FormData(event.target));
    if (this.asked) this.#login(this.user, this.password, given.code.trim());
    else this.#login(given.user.trim(), given.password);
  }

  async #login(user, password, code) {
    this.busy = true;
    this.wrong = "";
    try {
      const answer = await post("/v1/login", { user, password, code });
      this.password = "";
      if (answer.recovery_codes) this.passed = answer;
      else this.#enter(answer.token);
    } catch (error) {
      const asks = ["totp_required", "totp_enrolment"].includes(error.code);
      if (asks) Object.assign(this, { asked: error, user, password });
      else this.wrong = t(this.lang, error instanceof Problem ? `error.${this.asked && error.status === 401 ? "totp_required" : error.code}` : "error.offline");
    } finally {
      this.busy = false;
    }
  }

  #enter(token) {
    this.dispatchEvent(new CustomEvent("entered", { detail: token, bubbles: true, composed: true }));
  }
}

customElements.define("staff-login", StaffLogin);
