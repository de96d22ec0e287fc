// The conversations: a list with what is unread, search, new ones; beside them, on a phone over them, the one that is looked at.

import { LitElement, html, nothing, repeat, classMap } from "./vendor/lit.js";
import { look } from "./look.js";
import { messagesLook } from "./staff-messages-look.js";
import { icon } from "./icons.js";
import { authorOf, gist, ofTwo, titleOf } from "./staff-talks.js";
import { clockTime } from "./times.js";
import { t, named } from "./words.js";
import "./staff-talk.js";

const SEARCH_MS = 250;

class StaffMessages extends LitElement {
  static properties = {
    sync: { attribute: false }, // a Sync, which changes by itself: hence `drawn`
    drawn: { attribute: false }, // anything new: it is drawn anew with its page
    lang: {},
    chosen: {}, // the conversation that is looked at
    found: { state: true }, // messages; null: nothing is looked for
    making: { state: true }, // whether a new conversation is being made
  };

  static styles = [look, messagesLook];

  constructor() {
    super();
    this.found = null;
  }

  render() {
    const { lang, sync, chosen } = this;
    return html`<div class=${classMap({ both: true, chosen })}>
      <section class="list" aria-label=${t(lang, "tab.talks")}>
        <div class="tools">
          <input class="field" type="search" placeholder=${t(lang, "search")} aria-label=${t(lang, "search")} @input=${this.#search} />
          <button class="icon" aria-label=${t(lang, "talk.new")} title=${t(lang, "talk.new")} aria-expanded=${Boolean(this.making)} @click=${() => (this.making = !this.making)}>${icon("plus")}</button>
        </div>
        ${this.making ? this.#new() : nothing}
        ${this.found ? this.#results() : html`<ul>${repeat(sync.talks.sorted, (talk) => talk.id, (talk) => this.#talk(talk))}</ul>`}
      </section>
      ${chosen
        ? html`<staff-talk .conversation=${chosen} .sync=${sync} .lang=${lang} .drawn=${this.drawn}></staff-talk>`
        : html`<p class="none">${t(lang, "talk.choose")}</p>`}
    </div>`;
  }

  #talk(talk) {
    const { lang, sync } = this;
    const { last, unread } = talk;
    const author = last && last.by !== sync.client.account ? `${authorOf(last.by, sync.me, lang)}: ` : "";
    return html`<li>
      <button class=${classMap({ talk: true, chosen: talk.id === this.chosen })} data-talk=${talk.id} @click=${() => this.#choose(talk.id)}>
        <span class="title">${titleOf(talk, sync, lang)} ${talk.guest ? html`<span class="small">${talk.guest}</span>` : nothing}</span>
        <time class="small">${last ? clockTime(last.at, lang) : ""}</time>
        <span class="gist small">${last ? author + gist(last, lang) : ""}</span>
        ${unread ? html`<b class="badge" aria-label=${t(lang, "unread", { n: unread })}>${unread > 99 ? "99+" : unread}</b>` : nothing}
      </button>
    </li>`;
  }

  #results() {
    const { lang, sync } = this;
    if (!this.found.length) return html`<p class="none">${t(lang, "search.none")}</p>`;
    return html`<ul>
      ${this.found.map((message) => {
        const talk = sync.talks.list.get(message.conversation) ?? { id: message.conversation, kind: message.conversation.split("-")[0] };
        return html`<li><button class="talk" data-found=${message.seq} @click=${() => this.#choose(message.conversation)}>
          <span class="title">${titleOf(talk, sync, lang)}</span><time class="small">${clockTime(message.at, lang)}</time>
          <span class="gist small">${authorOf(message.by, sync.me, lang)}: ${gist(message, lang)}</span>
        </button></li>`;
      })}
    </ul>`;
  }

  #new() {
    const { lang, sync } = this;
    const others = sync.people.filter((one) => one.id !== sync.me.id);
    return html`<div class="new">
      <p class="section">${t(lang, "talk.with")}</p>
      <div class="people">
        ${others.map((one) => html`<button class="quiet" data-colleague=${one.id} @click=${() => this.#choose(ofTwo(sync.me.id, one.id))}>${named(one.name, lang)}</button>`)}
      </div>
      <form @submit=${this.#group}>
        <p class="section">${t(lang, "talk.group")}</p>
        <input class="field" name="name" maxlength="80" required autocomplete="off" placeholder=${t(lang, "talk.group.name")} aria-label=${t(lang, "talk.group.name")} />
        <div class="people">
          ${others.map((one) => html`<label class="quiet"><input type="checkbox" name="member" value=${one.id} /> ${named(one.name, lang)}</label>`)}
        </div>
        <button class="strong">${t(lang, "talk.make")}</button>
      </form>
    </div>`;
  }

  #choose(id) {
    this.making = false;
    this.dispatchEvent(new CustomEvent("chosen", { detail: id, bubbles: true, composed: true }));
  }

  #search({ target }) {
    clearTimeout(this.searching);
    const words = target.value.trim();
    this.searching = setTimeout(async () => {
      try {
        const found = words ? (await this.sync.client.get(`/v1/search?q=${encodeURIComponent(words)}`)).items : null;
        if (words === target.value.trim()) this.found = found;
      } catch (error) {
        this.dispatchEvent(new CustomEvent("say", { detail: error, bubbles: true, composed: true }));
      }
    }, SEARCH_MS);
  }

  async #group(event) {
    event.preventDefault();
    const given = new FormData(event.target);
    try {
      const { id } = await this.sync.client.post("/v1/conversations", { name: given.get("name"), members: given.getAll("member") });
      await this.sync.talks.refresh();
      this.#choose(id);
    } catch (error) {
      this.dispatchEvent(new CustomEvent("say", { detail: error, bubbles: true, composed: true }));
    }
  }
}

customElements.define("staff-messages", StaffMessages);
