// What was typed or tapped and is not on the log yet.

/** Each item under a key of its own, so that two pages of one device do not overwrite each other. */
export class Outbox {
  #items = new Map();
  #promises = new Map();

  constructor(storage, prefix) {
    this.storage = storage || null;
    this.prefix = prefix;
    this.last = 0;
    this.load();
  }

  load() {
    for (const key of this.storage?.keys() ?? []) {
      const id = key.startsWith(this.prefix) && key.slice(this.prefix.length);
      const kept = id && !this.#items.has(id) && this.storage.get(key);
      if (kept) this.#hold(JSON.parse(kept));
    }
  }

  all() {
    return [...this.#items.values()].sort((a, b) => a.number - b.number);
  }

  find(id) {
    return this.#items.get(id);
  }

  /** Keeps the item, new or changed, before anything is done with it. */
  put(item) {
    item.number ??= Math.max(this.last + 1, item.at * 1000);
    this.storage?.set(this.prefix + item.client_id, JSON.stringify(item));
    return this.#hold(item);
  }

  remove(id) {
    this.#items.delete(id);
    this.storage?.remove(this.prefix + id);
  }

  settle(id, answer) {
    const known = this.#items.has(id);
    this.remove(id);
    this.#promises.get(id)?.resolve(answer);
    this.#promises.delete(id);
    return known;
  }

  reject({ client_id }, error) {
    this.#promises.get(client_id)?.reject(error);
    this.#promises.delete(client_id);
  }

  #hold(item) {
    this.last = Math.max(this.last, item.number);
    if (!this.#promises.has(item.client_id) && item.state === "waiting") {
      const done = new Promise((resolve, reject) => this.#promises.set(item.client_id, { resolve, reject }));
      done.catch(() => {}); // who does not wait for it is told by "failed"
      Object.defineProperty(item, "done", { value: done, enumerable: false, configurable: true });
    }
    this.#items.set(item.client_id, item);
    return item;
  }
}
