// How far everybody has come in each conversation: what is read (on the log) and what is delivered (told by clients).

export class Cursors {
  #at = { read: new Map(), delivered: new Map() }; // kind → conversation → who → seq

  /** How far `who` has come; 0: nowhere. */
  of(kind, conversation, who) {
    return this.#at[kind].get(conversation)?.get(who) ?? 0;
  }

  /** Whether that is further than it was. Cursors only advance. */
  advance(kind, conversation, who, seq) {
    if (seq <= this.of(kind, conversation, who)) return false;
    if (!this.#at[kind].has(conversation)) this.#at[kind].set(conversation, new Map());
    this.#at[kind].get(conversation).set(who, seq);
    return true;
  }

  /** How the message at `seq`, which `author` wrote, stands with the others. */
  statesOf(conversation, seq, author) {
    const others = (kind) =>
      [...(this.#at[kind].get(conversation) ?? [])].filter(([who, at]) => who !== author && at >= seq).map(([who]) => who);
    const read = others("read");
    const delivered = [...new Set([...others("delivered"), ...read])];
    return { state: read.length ? "read" : delivered.length ? "delivered" : "sent", read, delivered };
  }

  clear() {
    for (const kind of Object.values(this.#at)) kind.clear();
  }
}
