// The tickets as this device knows them: as the log has them, and over that what was tapped here and is not on the log yet.

const WAITING = new Set(["placed", "dispatched", "declined"]);
const WORKING = new Set(["accepted", "started"]);
const NEXT = { accept: "accepted", start: "started", done: "done" };
const PRIORITY = { vip: 1, normal: 0 };
const TAP = /^\/v1\/orders\/([^/]+)\/(\w+)$/;

export function isOpen({ state }) {
  return WAITING.has(state) || WORKING.has(state);
}

/** The order and the step that an item of the client's outbox asks for; null: it is something else. */
export function tapped(item) {
  const [, order, verb] = TAP.exec(item.path ?? "") ?? [];
  return order ? { order, verb, body: item.body ?? {} } : null;
}

/** What an open order must reach next, in ms since 1970: when it must be accepted, or done. NaN: nothing. */
export function dueAt(order) {
  return Date.parse(WAITING.has(order.state) ? order.deadlines.accept : order.deadlines.done);
}

/** When it is worth anybody's while: something planned waits for its time. */
export function isLater(order) {
  return order.state === "placed" && Boolean(order.planned);
}

export class Tickets {
  constructor() {
    this.orders = new Map();
  }

  /** As GET /v1/orders has them. */
  fill(items) {
    for (const order of items) this.take(order.seq, order);
  }

  take(seq, order) {
    if (seq >= (this.orders.get(order.id)?.seq ?? 0)) this.orders.set(order.id, { ...order, seq });
  }

  clear() {
    this.orders.clear();
  }

  /** The orders with `pending`: the verbs that wait for the network, carried out already as far as this device knows. */
  shown(outbox, me) {
    const shown = new Map(this.orders);
    for (const tap of outbox.map(tapped)) {
      const order = tap && shown.get(tap.order);
      if (order) shown.set(tap.order, after(order, tap, me));
    }
    return [...shown.values()];
  }

  /** `mine`: held by me, or for me or anybody of my department to take; `others`: what else is open; `finished`: the newest first. */
  lists(outbox, me, now) {
    const lists = { mine: [], others: [], finished: [] };
    for (const order of this.shown(outbox, me)) {
      if (isOpen(order)) lists[isFor(order, me) ? "mine" : "others"].push(order);
      else if (order.state !== "cancelled") lists.finished.push(order);
    }
    for (const name of ["mine", "others"]) lists[name].sort((a, b) => urgency(a, b, now));
    lists.finished.sort((a, b) => Date.parse(b.times.done) - Date.parse(a.times.done));
    return lists;
  }
}

function isFor(order, me) {
  if (order.pending?.includes("decline")) return false;
  if (order.holder || order.assignee) return (order.holder ?? order.assignee) === me.id;
  return order.department === me.department;
}

/** Emergencies; then what is late, the latest first; then what matters more, then what is due sooner; planned things last. */
function urgency(a, b, now) {
  const emergency = (order) => Number(order.priority === "emergency");
  const late = (order) => Math.max(0, now - dueAt(order)) || 0;
  return (
    emergency(b) - emergency(a) ||
    Number(isLater(a)) - Number(isLater(b)) ||
    late(b) - late(a) ||
    PRIORITY[b.priority] - PRIORITY[a.priority] ||
    (dueAt(a) || Infinity) - (dueAt(b) || Infinity) ||
    Date.parse(a.times.placed) - Date.parse(b.times.placed)
  );
}

function after(order, { verb, body }, me) {
  const next = { ...order, pending: [...(order.pending ?? []), verb] };
  switch (verb) {
    case "accept":
    case "start":
    case "done": {
      const at = new Date().toISOString();
      Object.assign(next, { state: NEXT[verb], holder: order.holder ?? me.id, times: { ...order.times, [NEXT[verb]]: at } });
      break;
    }
    case "decline":
      Object.assign(next, { state: "dispatched", holder: null, assignee: null });
      break;
    case "assign":
      Object.assign(next, { state: "dispatched", holder: null, assignee: body.to });
      break;
    case "note": {
      const by = `staff:${me.id}`;
      const known = order.notes.some((note) => note.by === by && note.text === body.text); // its event may be here before the answer
      if (!known) next.notes = [...order.notes, { by, at: null, text: body.text }];
      break;
    }
  }
  return next;
}
