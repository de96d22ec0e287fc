// A second factor that nobody demands: offered as a QR code, in force once the phone has shown a code.

import { LitElement, html, css, nothing } from "./vendor/lit.js";
import { look, secretLook } from "./look.js";
import { post, Problem } from "./api.js";
import { t } from "./words.js";

const REFUSED = { wrong_code: "error.totp_required", bad_input: "error.totp_required", too_many_attempts: "error.too_many_attempts" };

class StaffFactor extends LitElement {
  static properties = {
    token: {},
    lang: {},
    on: { type: Boolean }, // one is in force
    offered: { state: true }, // {secret, uri, qr}
    codes: { state: true }, // for recovery, to be written down
    asks: { state: true }, // for a code of the one in force
    wrong: { state: true },
  };

  static styles = [
    look,
    secretLook,
    css`
      :host,
      form {
        display: grid;
        gap: 10px;
        justify-items: start;
      }
      ol {
        display: grid;
        grid-template-columns: repeat(2, 1fr);
        gap: 6px 18px;
      }
      .wrong {
        color: var(--alarm);
      }
    `,
  ];

  /** What is to be done next is read out: the button that led here is gone. */
  updated(changed) {
    if (["offered", "codes", "asks"].some((name) => changed.has(name))) [...this.renderRoot.querySelectorAll("[tabindex]")].at(-1).focus();
  }

  render() {
    const { lang, offered, codes, wrong } = this;
    return html`
      ${codes ? this.#codes() : offered ? this.#scan() : this.#begin()}
      ${wrong ? html`<p class="small wrong" role="alert">${wrong}</p>` : nothing}
    `;
  }

  #begin() {
    const { lang, on, asks } = this;
    return html`<p class="small" tabindex="-1">${t(lang, on ? "factor.on" : "factor.off")}</p>
      ${asks
        ? this.#form("login.code.help", this.#offer)
        : html`<button class="quiet" data-factor @click=${() => (on ? (this.asks = true) : this.#offer())}>${t(lang, on ? "factor.anew" : "factor.do")}</button>`}`;
  }

  #scan() {
    const { offered } = this;
    return html`<img class="qr" src=${`data:image/svg+xml,${encodeURIComponent(offered.qr)}`} alt="" /><code>${offered.secret}</code>
      ${this.#form("factor.scan", this.#confirm)}`;
  }

  #codes() {
    return html`<p tabindex="-1">${t(this.lang, "login.recovery")}</p>
      <ol>${this.codes.map((code) => html`<li><code>${code}</code></li>`)}</ol>
      <button class="quiet" @click=${() => Object.assign(this, { codes: null, offered: null, asks: false })}>${t(this.lang, "factor.written")}</button>`;
  }

  #form(help, send) {
    const { lang } = this;
    const submit = (event) => {
      event.preventDefault();
      send.call(this, new FormData(event.target).get("code").trim());
      event.target.reset();
    };
    return html`<form @submit=${submit}>
      <p class="small" tabindex="-1">${t(lang, help)}</p>
      <input class="field" name="code" minlength="6" maxlength="20" autocomplete="one-time-code" autocapitalize="none" required placeholder=${t(lang, "login.code")} aria-label=${t(lang, "login.code")} />
      <button class="strong">${t(lang, "factor.go")}</button>
    </form>`;
  }

  #offer(code) {
    return this.#ask(async () => (this.offered = await post("/v1/me/totp", code ? { code } : undefined, this.token)));
  }

  #confirm(code) {
    return this.#ask(async () => {
      this.codes = (await post("/v1/me/totp/confirm", { code }, this.token)).recovery_codes;
      this.dispatchEvent(new Event("confirmed"));
    });
  }

  async #ask(what) {
    if (this.busy) return;
    this.busy = true;
    this.wrong = "";
    try {
      await what();
    } catch (error) {
      this.wrong = error instanceof Problem ? t(this.lang, REFUSED[error.code] ?? "refused", { why: error.detail }) : t(this.lang, "error.offline");
    } finally {
      this.busy = false;
    }
  }
}

customElements.define("staff-factor", StaffFactor);
