// What one writes into a conversation: text with mentions, a picture, a voice note.

import { LitElement, html, css, nothing } from "./vendor/lit.js";
import { look } from "./look.js";
import { icon } from "./icons.js";
import { Problem } from "./client.js";
import { Recorder } from "./recorder.js";
import { span } from "./times.js";
import { t, named } from "./words.js";

class StaffCompose extends LitElement {
  static properties = {
    conversation: {},
    sync: { attribute: false },
    lang: {},
    reply: { attribute: false }, // the message that is answered
    edited: { attribute: false }, // the message that is changed
    drawn: { attribute: false }, // anything new: the time of a recording goes on
    offered: { state: true }, // colleagues to mention
    recorder: { state: true },
    sending: { state: true },
  };

  static styles = [
    look,
    css`
      :host {
        display: block;
        padding: 10px 16px calc(10px + env(safe-area-inset-bottom));
        border-top: 1px solid var(--line);
        background: var(--paper);
      }
      form,
      .recording {
        display: flex;
        gap: 4px;
        align-items: center;
      }
      .field {
        flex: 1;
        min-width: 0;
      }
      .icon {
        border-radius: 50%;
        cursor: pointer;
      }
      .icon:focus-within {
        outline: 2px solid var(--brass);
      }
      .send {
        background: var(--brass);
        color: var(--brass-ink);
      }
      .recording span {
        flex: 1;
        color: var(--alarm);
        font-variant-numeric: tabular-nums;
      }
      .about {
        display: flex;
        align-items: center;
        justify-content: space-between;
        padding-left: 12px;
        border-left: 3px solid var(--brass);
        margin-bottom: 6px;
      }
      .about span {
        overflow: hidden;
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .offered {
        display: flex;
        gap: 6px;
        margin-bottom: 8px;
        overflow-x: auto;
      }
      .offered button {
        flex: none;
      }
    `,
  ];

  constructor() {
    super();
    this.offered = [];
    this.mentioned = new Map(); // what stands in the text → staff id
  }

  willUpdate(changed) {
    if (changed.has("conversation")) this.#cancel();
  }

  updated(changed) {
    const field = this.renderRoot.querySelector("input[name=text]");
    if (changed.has("edited") && this.edited && field) field.value = this.edited.text;
    if ((changed.has("edited") && this.edited) || (changed.has("reply") && this.reply)) field?.focus();
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    this.#cancel();
  }

  render() {
    const { lang } = this;
    if (this.recorder) return this.#recording();
    const about = this.reply ?? this.edited;
    return html`
      ${this.offered.length
        ? html`<div class="offered" role="listbox">
            ${this.offered.map((one) => html`<button class="quiet" role="option" aria-selected="false" @click=${() => this.#mention(one)}>@${named(one.name, lang)}</button>`)}
          </div>`
        : nothing}
      ${about
        ? html`<p class="about small"><span>${t(lang, this.reply ? "talk.reply" : "talk.edit")}: ${about.text || about.transcript}</span>
            <button class="icon" aria-label=${t(lang, "talk.cancel")} @click=${this.#done}>${icon("close")}</button></p>`
        : nothing}
      <form @submit=${this.#say}>
        <label class="icon" title=${t(lang, "talk.picture")}>${icon("photo")}
          <input class="hidden-but-read" type="file" accept="image/*" aria-label=${t(lang, "talk.picture")} ?disabled=${this.sending} @change=${this.#picture} /></label>
        ${Recorder.possible
          ? html`<button type="button" class="icon" data-record aria-label=${t(lang, "talk.record")} title=${t(lang, "talk.record")} ?disabled=${this.sending} @click=${this.#record}>${icon("mic")}</button>`
          : nothing}
        <input class="field" name="text" autocomplete="off" enterkeyhint="send" maxlength="4000" placeholder=${t(lang, "talk.type")} aria-label=${t(lang, "talk.type")} @input=${this.#typed} />
        <button class="icon send" aria-label=${t(lang, "send")}>${icon("send")}</button>
      </form>
    `;
  }

  #recording() {
    const { lang } = this;
    return html`<div class="recording">
      <button class="icon" aria-label=${t(lang, "talk.cancel")} @click=${this.#cancel}>${icon("close")}</button>
      <span role="timer">● ${span(Date.now() - this.recorder.began)}</span>
      <button class="icon send" data-record="stop" aria-label=${t(lang, "talk.stop")} @click=${this.#recorded}>${icon("send")}</button>
    </div>`;
  }

  #typed({ target }) {
    this.sync.client.typing(this.conversation);
    const [, begun] = /(?:^|\s)@(\S*)$/.exec(target.value.slice(0, target.selectionStart)) ?? [];
    const fits = (one) => Object.values(one.name).some((name) => name.toLowerCase().startsWith(begun.toLowerCase()));
    this.offered = begun === undefined ? [] : this.sync.people.filter((one) => one.id !== this.sync.me.id && fits(one)).slice(0, 8);
  }

  #mention(one) {
    const field = this.renderRoot.querySelector("input[name=text]");
    const name = `@${named(one.name, this.lang)}`;
    field.value = `${field.value.replace(/@\S*$/, name)} `;
    this.mentioned.set(name, one.id);
    this.offered = [];
    field.focus();
  }

  #say(event) {
    event.preventDefault();
    const field = event.target.elements.text;
    const text = field.value.trim();
    if (!text) return;
    const { client } = this.sync;
    if (this.edited) client.edit(this.conversation, this.edited.seq, text);
    else {
      const mentions = [...this.mentioned].filter(([name]) => text.includes(name)).map(([, id]) => id);
      client.send(this.conversation, { text, mentions, reply_to: this.reply?.seq });
    }
    field.value = "";
    this.mentioned.clear();
    this.#done();
  }

  #picture({ target }) {
    const [file] = target.files;
    target.value = "";
    if (file) this.#send(file, file.name, "image");
  }

  async #record() {
    try {
      this.recorder = await Recorder.start();
    } catch {
      this.#complain(t(this.lang, "error.no_microphone"));
    }
  }

  async #recorded() {
    const { recorder } = this;
    const sound = await recorder.stop();
    this.recorder = null;
    this.#send(sound, "", "voice");
  }

  #cancel() {
    this.recorder?.cancel();
    this.recorder = null;
  }

  /** A file goes up before the message that shows it. */
  async #send(content, name, kind) {
    const { conversation } = this;
    this.sending = true;
    try {
      const { hash } = await this.sync.client.upload(content, name);
      this.sync.client.send(conversation, { file: hash, kind });
    } catch (error) {
      this.#complain(error instanceof Problem ? error : t(this.lang, "talk.upload"));
    }
    this.sending = false;
  }

  #complain(detail) {
    this.dispatchEvent(new CustomEvent("say", { detail, bubbles: true, composed: true }));
  }

  #done() {
    this.offered = [];
    this.dispatchEvent(new Event("done", { bubbles: true, composed: true }));
  }
}

customElements.define("staff-compose", StaffCompose);
