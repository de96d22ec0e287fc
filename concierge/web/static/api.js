// Requests to the service: bearer token, problem+json as errors, repeats under one Idempotency-Key.

import { browser, random } from "./environment.js";

export { random };

const REPEATS = 3;

/** How far this device's clock is behind the service's, in ms. Phones in a hotel come from everywhere. */
export const clock = { skew: 0, now: () => Date.now() + clock.skew };

/** What the service answered instead: `status`, `code`, `detail`, and `state`, `holder` of an illegal step. */
export class Problem extends Error {
  constructor(body) {
    super(body.detail ?? body.title ?? "");
    Object.assign(this, body);
  }
}

export async function get(path, token, env = browser) {
  return ask("GET", path, { token, env });
}

/** A repeat after a lost answer carries the same key, so nothing is done twice. */
export async function post(path, body, token, key = random(), env = browser) {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask("POST", path, { token, body, key, env });
    } catch (error) {
      const worthRepeating = !(error instanceof Problem) || (error.status === 503 && error.code === "unavailable");
      if (attempt === REPEATS || !worthRepeating) throw error;
      await new Promise((go) => env.setTimeout(go, 400 * attempt));
    }
  }
}

/** DELETE; nothing comes back. */
export async function remove(path, token, env = browser) {
  return ask("DELETE", path, { token, env });
}

async function ask(method, path, { token, body, key, env }) {
  const headers = {};
  const whole = body === undefined || (globalThis.FormData && body instanceof FormData);
  if (token) headers.Authorization = `Bearer ${token}`;
  if (key) headers["Idempotency-Key"] = key;
  if (!whole) headers["Content-Type"] = "application/json";
  const answer = await env.fetch(env.origin + path, { method, headers, body: whole ? body : JSON.stringify(body) });
  const date = Date.parse(answer.headers.get("Date") ?? "");
  // The header has whole seconds: only a real difference counts.
  if (date && Math.abs(date - Date.now()) > 3000) clock.skew = date - Date.now();
  const content = await answer.text();
  if (answer.ok) return content ? JSON.parse(content) : null;
  throw new Problem(parsed(content) ?? { status: answer.status, code: "unreachable", detail: answer.statusText });
}

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
