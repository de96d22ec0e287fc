// Who is logged in on this device, and how things stood when it was last seen: the page opens with that, also in a dead spot.

const TOKEN = "concierge.staff";
const SEEN = "concierge.staff.seen";
const FINISHED_KEPT = 40;

export function keptToken() {
  return read(TOKEN);
}

export function keep(token) {
  write(TOKEN, token);
}

/** {me, hotel, people, shifts, orders, incidents, talks, since, log} of whoever is logged in; null: nothing yet. */
export function lastSeen() {
  return JSON.parse(read(SEEN) ?? "null");
}

export function keepSeen(seen) {
  const over = (order) => ["done", "rated", "closed", "cancelled"].includes(order.state);
  const orders = [...seen.orders.filter((order) => !over(order)), ...seen.orders.filter(over).slice(-FINISHED_KEPT)];
  write(SEEN, JSON.stringify({ ...seen, orders }));
}

/** Logged out: nothing of guests stays on the device. */
export function forget() {
  write(TOKEN, null);
  write(SEEN, null);
}

function read(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function write(key, text) {
  try {
    if (text) localStorage.setItem(key, text);
    else localStorage.removeItem(key);
  } catch {
    /* a browser that keeps nothing, or no more: the page works for as long as it is open */
  }
}
