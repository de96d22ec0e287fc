// A photo or a voice note of the service. An <img> cannot carry a token, so the file is fetched and shown from memory.

import { LitElement, html, css } from "./vendor/lit.js";
import { look } from "./look.js";
import { span } from "./times.js";
import { t } from "./words.js";

const KEPT = 60;
const addresses = new Map(); // hash → promise of a blob's address; the oldest go first

/** An address of the file's content that holds for this page. */
function addressOf(hash, token) {
  let address = addresses.get(hash);
  if (!address) {
    address = load(hash, token);
    addresses.set(hash, address);
    address.catch(() => addresses.delete(hash));
    if (addresses.size > KEPT) {
      const [oldest, gone] = addresses.entries().next().value;
      addresses.delete(oldest);
      gone.then((url) => URL.revokeObjectURL(url), () => {});
    }
  }
  return address;
}

async function load(hash, token) {
  const answer = await fetch(`/v1/files/${hash}`, { headers: { Authorization: `Bearer ${token}` } });
  if (!answer.ok) throw new Error(answer.statusText);
  return URL.createObjectURL(await answer.blob());
}

class FileView extends LitElement {
  static properties = {
    hash: {},
    kind: {}, // image, voice
    seconds: { type: Number },
    token: {},
    lang: {},
    address: { state: true },
  };

  static styles = [
    look,
    css`
      :host {
        display: block;
      }
      .open {
        display: block;
        width: 100%;
        padding: 0;
        border-radius: 12px;
        overflow: hidden;
      }
      img {
        display: block;
        width: 100%;
        max-height: 260px;
        object-fit: cover;
      }
      .none {
        height: 84px;
        border-radius: 12px;
        background: color-mix(in srgb, var(--ink) 8%, transparent);
      }
      audio {
        width: 100%;
        height: 40px;
      }
      dialog {
        width: 100vw;
        max-width: none;
        height: 100dvh;
        max-height: none;
        padding: 0;
        border: 0;
        background: rgb(0 0 0 / 88%);
      }
      dialog button {
        display: grid;
        place-items: center;
        width: 100%;
        height: 100%;
        padding: 0;
      }
      dialog img {
        width: auto;
        max-width: 100%;
        height: auto;
        max-height: 100%;
        object-fit: contain;
      }
    `,
  ];

  updated(changed) {
    if (changed.has("hash") || changed.has("token")) this.#load();
  }

  async #load() {
    const { hash, token } = this;
    this.address = null;
    try {
      const address = await addressOf(hash, token);
      if (hash === this.hash) this.address = address;
    } catch {
      /* what cannot be had now is asked for again when it is drawn anew */
    }
  }

  render() {
    const { address, lang } = this;
    if (this.kind === "voice") {
      return address ? html`<audio controls preload="metadata" src=${address}></audio>` : html`<p class="small">${span(this.seconds * 1000)}</p>`;
    }
    if (!address) return html`<div class="none" role="img" aria-label=${t(lang, "picture.open")}></div>`;
    return html`<button class="open" @click=${() => this.renderRoot.querySelector("dialog").showModal()}>
        <img src=${address} alt=${t(lang, "picture.open")} />
      </button>
      <dialog aria-label=${t(lang, "picture.open")}>
        <button aria-label=${t(lang, "close")} @click=${() => this.renderRoot.querySelector("dialog").close()}><img src=${address} alt="" /></button>
      </dialog>`;
  }
}

customElements.define("file-view", FileView);
