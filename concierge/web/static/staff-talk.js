// One conversation: what was said, and what is being written.

import { LitElement, html, css, nothing, repeat } from "./vendor/lit.js";
import { look } from "./look.js";
import { icon } from "./icons.js";
import { authorOf, titleOf } from "./staff-talks.js";
import { t } from "./words.js";
import "./staff-compose.js";
import "./staff-message.js";

const AT_THE_END_PX = 80;

class StaffTalk extends LitElement {
  static properties = {
    conversation: {}, // its id
    sync: { attribute: false },
    drawn: { attribute: false }, // anything new: it is drawn anew with its page
    lang: {},
    reply: { state: true },
    edited: { state: true },
  };

  static styles = [
    look,
    css`
      :host {
        display: grid;
        grid-template-rows: auto minmax(0, 1fr) auto;
        height: 100%;
        min-height: 0;
        background: var(--paper);
      }
      header {
        display: flex;
        align-items: center;
        gap: 8px;
        padding: 8px 16px;
        border-bottom: 1px solid var(--line);
      }
      header div {
        min-width: 0;
      }
      h2 {
        overflow: hidden;
        font: 500 1.15rem/1.3 var(--serif);
        text-overflow: ellipsis;
        white-space: nowrap;
      }
      .back {
        display: grid;
        place-items: center;
        width: 44px;
        height: 44px;
        margin-left: -12px;
      }
      .messages {
        display: flex;
        overflow-y: auto;
      }
      .thread {
        display: grid;
        flex: 1;
        gap: 8px;
        align-content: end;
        min-width: 0;
        height: max-content;
        min-height: 100%;
        padding: 16px;
      }
      .none {
        margin: 30vh auto;
        color: var(--ink-soft);
      }
      .older {
        justify-self: center;
      }
      @media (min-width: 900px) {
        .back {
          display: none;
        }
      }
    `,
  ];

  constructor() {
    super();
    this.seen = () => this.sync.talks.read(this.conversation);
    this.grown = new ResizeObserver(() => this.atTheEnd && this.#toTheEnd()); // a message came, or a picture has loaded
  }

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener("visibilitychange", this.seen);
  }

  disconnectedCallback() {
    super.disconnectedCallback();
    document.removeEventListener("visibilitychange", this.seen);
  }

  willUpdate(changed) {
    if (!changed.has("conversation") && !changed.has("sync")) return;
    Object.assign(this, { reply: null, edited: null, atTheEnd: true });
    this.sync.talks.open(this.conversation).catch(() => {}); // without a network there is what is known
  }

  firstUpdated() {
    this.grown.observe(this.renderRoot.querySelector(".thread"));
  }

  updated() {
    this.seen();
  }

  #toTheEnd() {
    const box = this.renderRoot.querySelector(".messages");
    box.scrollTop = box.scrollHeight;
  }

  #scrolled({ target }) {
    this.atTheEnd = target.scrollHeight - target.scrollTop - target.clientHeight < AT_THE_END_PX;
  }

  render() {
    const { conversation, sync, lang } = this;
    const { talks, client, me } = sync;
    const messages = talks.messagesOf(conversation);
    const talk = talks.list.get(conversation) ?? { id: conversation, kind: conversation.split("-")[0] };
    const typist = talks.typing(conversation);
    const guest = [talk.guest, talk.members?.map((id) => authorOf(`staff:${id}`, me, lang)).join(lang === "zh" ? "、" : ", ")].filter(Boolean).join(" · ");
    return html`
      <header>
        <button class="back" aria-label=${t(lang, "talk.back")} @click=${() => this.#tell("chosen", null)}>${icon("back")}</button>
        <div>
          <h2>${titleOf(talk, sync, lang)}</h2>
          <p class="small">${typist ? t(lang, "talk.typing", { name: authorOf(typist, me, lang) }) : talk.kind === "direct" ? nothing : guest}</p>
        </div>
      </header>
      <div class="messages" role="log" aria-live="polite" tabindex="0" aria-label=${titleOf(talk, sync, lang)} @about=${this.#about} @scroll=${this.#scrolled}><div class="thread">
        ${talks.hasOlder(conversation) ? html`<button class="quiet older" @click=${() => talks.older(conversation).catch(() => {})}>${t(lang, "talk.older")}</button>` : nothing}
        ${messages.length ? nothing : html`<p class="none">${t(lang, "talk.empty")}</p>`}
        ${repeat(
          messages,
          (message) => message.item?.client_id ?? message.client_id ?? message.seq,
          (message) => html`<staff-message .message=${message} .sync=${sync} .lang=${lang}
            .answered=${message.reply_to ? messages.find((other) => other.seq === message.reply_to) : null}
            .standing=${message.seq && message.by === client.account ? client.statesOf({ subject: `h.-.im.${conversation}`, seq: message.seq }) : null}></staff-message>`,
        )}
      </div></div>
      <staff-compose .conversation=${conversation} .sync=${sync} .lang=${lang} .reply=${this.reply} .edited=${this.edited} .drawn=${this.drawn}
        @done=${() => Object.assign(this, { reply: null, edited: null })}></staff-compose>
    `;
  }

  #about({ detail: { verb, message } }) {
    if (verb === "withdraw") this.sync.client.withdraw(this.conversation, message.seq);
    else Object.assign(this, { reply: verb === "reply" ? message : null, edited: verb === "edit" ? message : null });
  }

  #tell(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }
}

customElements.define("staff-talk", StaffTalk);
