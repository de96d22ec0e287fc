// /docs: the HTTP interface as the service describes it, drawn from /openapi.json without anything from elsewhere.

import { LitElement, html, css, nothing } from "./vendor/lit.js";
import { look } from "./look.js";
import { get } from "./api.js";

class ConciergeDocs extends LitElement {
  static properties = { api: { state: true } };

  static styles = [
    look,
    css`
      :host {
        display: block;
        max-width: 62rem;
        margin: 0 auto;
        padding: 48px 24px;
      }
      h1 {
        font: 500 2.1rem/1.2 var(--serif);
      }
      h2 {
        margin: 36px 0 8px;
        font: 500 1.3rem/1.3 var(--serif);
      }
      h2::first-letter {
        text-transform: uppercase;
      }
      details {
        padding: 12px 16px;
        margin-top: -1px;
        border: 1px solid var(--line);
        background: var(--card);
      }
      summary {
        cursor: pointer;
      }
      code,
      pre {
        font: 0.9rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace;
      }
      b {
        display: inline-block;
        width: 5.5em;
        color: var(--brass);
      }
      pre {
        margin: 12px 0 0;
        padding: 12px;
        border-radius: 10px;
        background: var(--paper);
        overflow-x: auto;
      }
    `,
  ];

  async connectedCallback() {
    super.connectedCallback();
    this.api = await get("/openapi.json");
  }

  render() {
    if (!this.api) return nothing;
    const groups = new Map();
    for (const [path, verbs] of Object.entries(this.api.paths)) {
      for (const [verb, about] of Object.entries(verbs)) {
        const name = about.tags?.[0] ?? "";
        groups.set(name, [...(groups.get(name) ?? []), { path, verb, about }]);
      }
    }
    return html`<h1>${this.api.info.title} ${this.api.info.version}</h1>
      <p class="small">${this.api.info.description}</p>
      ${[...groups].map(([name, routes]) => html`<h2>${name}</h2>${routes.map((route) => this.#route(route))}`)}`;
  }

  #route({ path, verb, about }) {
    return html`<details>
      <summary><code><b>${verb.toUpperCase()}</b>${path}</code></summary>
      <p>${about.description ?? ""}</p>
      <pre>${JSON.stringify(this.#plain({ parameters: about.parameters, body: about.requestBody?.content }), null, 2)}</pre>
    </details>`;
  }

  /** With references filled in. */
  #plain(part) {
    if (Array.isArray(part)) return part.map((each) => this.#plain(each));
    if (part === null || typeof part !== "object") return part;
    if (part.$ref) return this.#plain(this.api.components.schemas[part.$ref.split("/").pop()]);
    return Object.fromEntries(Object.entries(part).map(([key, value]) => [key, this.#plain(value)]));
  }
}

customElements.define("concierge-docs", ConciergeDocs);
