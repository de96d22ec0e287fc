// The room's token: from the address of its QR code, then kept on this device.

const KEPT = "concierge.room";

/** `#token=…`, `#code=…` or `?code=…` of the address, which is then wiped: it must not stay in the history. */
export function takeFromAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  const code = given.get("code") ?? new URLSearchParams(location.search).get("code");
  const token = given.get("token");
  if (token || code) history.replaceState(null, "", location.pathname);
  return { token, code };
}

export function kept() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

export function keep(token) {
  try {
    if (token) localStorage.setItem(KEPT, token);
    else localStorage.removeItem(KEPT);
  } catch {
    /* a browser that keeps nothing: the QR code opens the room again */
  }
}
