// A second factor that nobody demands: offered as a QR code, in force once the phone has shown a code.

import { LitElement, html, css, nothing } from "./vendor/lit.js";
import { look } from "./look.js";
import { post, Problem } from "./api.js";
import { t } from "./words.js";

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
    css`
      :host,
      form {
        display: grid;
        gap: 10px;
        justify-items: start;
      }
      .qr {
        width: 220px;
        padding: 10px;
        border-radius: 14px;
        background: #fff;
      }
      code {
        overflow-wrap: anywhere;
        user-select: all;
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

  render() {
    const { lang, offered, codes, wrong } = this;
    return html`
      ${codes ? this.#codes() : offered ? this.#scan() : this.#begin()}
      ${wrong ? html`<p class="small wrong" role="alert">${wrong}</p>` : nothing}
    `;
  }

  #begin() {
    const { lang, on, asks } = this;
    return html`<p class="small">${t(lang, on ? "factor.on" : "factor.off")}</p>
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
    return html`<p>${t(this.lang, "login.recovery")}</p>
      <ol>${this.codes.map((code) => html`<li><code>${code}</code></li>`)}</ol>
      <button class="quiet" @click=${() => Object.assign(this, { codes: null, offered: null, asks: false, on: true })}>${t(this.lang, "factor.written")}</button>`;
  }

  #form(help, send) {
    const { lang } = this;
    const submit = (event) => {
      event.preventDefault();
      send.call(this, new FormData(event.target).get("code").trim());
      event.target.reset();
    };
    return html`<form @submit=${submit}>
      <p class="small">${t(lang, help)}</p>
      <input class="field" name="code" minlength="6" maxlength="20" autocomplete="one-time-code" autocapitalize="none" required placeholder=${t(lang, "login.code")} aria-label=${t(lang, "login.code")} />
      <button class="strong">${t(lang, "factor.go")}</button>
    </form>`;
  }

  #offer(code) {
    return this.#ask(async () => (this.offered = await post("/v1/me/totp", code ? { code } : undefined, this.token)));
  }

  #confirm(code) {
    return this.#ask(async () => (this.codes = (await post("/v1/me/totp/confirm", { code }, this.token)).recovery_codes));
  }

  async #ask(what) {
    this.wrong = "";
    try {
      await what();
    } catch (error) {
      const key = error instanceof Problem ? (error.status === 429 ? "error.too_many_attempts" : "error.totp_required") : "error.offline";
      this.wrong = t(this.lang, key);
    }
  }
}

customElements.define("staff-factor", StaffFactor);
