// What the client needs of its surroundings, as a browser has it. The mini-program gives its own.

/** crypto.randomUUID is there in secure contexts only. */
export function random() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export const browser = {
  connect: (url) => new WebSocket(url),
  origin: globalThis.location?.origin ?? "",
  fetch: (...args) => globalThis.fetch(...args),
  storage: guarded(() => globalThis.localStorage),
  setTimeout: (...args) => globalThis.setTimeout(...args),
  clearTimeout: (timer) => globalThis.clearTimeout(timer),
  setInterval: (...args) => globalThis.setInterval(...args),
  clearInterval: (timer) => globalThis.clearInterval(timer),
  now: () => Date.now(),
  jitter: () => Math.random(),
  id: random,
  onWake(wake) {
    const seen = () => globalThis.document.hidden || wake();
    globalThis.addEventListener("online", wake);
    globalThis.document.addEventListener("visibilitychange", seen);
    return () => {
      globalThis.removeEventListener("online", wake);
      globalThis.document.removeEventListener("visibilitychange", seen);
    };
  },
};

/** A browser that keeps nothing, or no more, still sends what is typed for as long as its page is open. */
function guarded(storage) {
  const attempt = (work, otherwise) => {
    try {
      return work(storage()) ?? otherwise;
    } catch {
      return otherwise;
    }
  };
  return {
    keys: () => attempt((kept) => Object.keys(kept), []),
    get: (key) => attempt((kept) => kept.getItem(key), null),
    set: (key, text) => attempt((kept) => kept.setItem(key, text)),
    remove: (key) => attempt((kept) => kept.removeItem(key)),
  };
}
