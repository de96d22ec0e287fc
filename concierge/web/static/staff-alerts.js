// Notifications on this device: by Web Push where the browser has a push service, else by the open page while nobody looks at it.

import { post, remove } from "./api.js";
import { orderTitle, t } from "./words.js";
import { authorOf, titleOf } from "./staff-talks.js";

const WANTED = "concierge.alerts";
const FOR_ME = new Set(["dispatched", "reminded", "escalated"]);

let installer = null; // the browser's offer, which comes once, early
addEventListener("beforeinstallprompt", (event) => {
  event.preventDefault();
  installer = event;
});

export class Alerts {
  /** `lang()`: the page's language now. `changed` is called when there is something new to draw. */
  constructor(sync, lang, changed) {
    Object.assign(this, { sync, lang, changed, trouble: obstacle(), pushed: null });
    this.told = ({ detail }) => this.#take(detail);
    sync.addEventListener("event", this.told);
    if (this.wanted) this.on();
  }

  stop() {
    this.sync.removeEventListener("event", this.told);
  }

  get possible() {
    return obstacle() === "";
  }

  get wanted() {
    return this.possible && Notification.permission === "granted" && localStorage.getItem(WANTED) === "yes";
  }

  get installed() {
    return matchMedia("(display-mode: standalone)").matches;
  }

  /** Whether the browser offers to install the page; where not, its menu does. */
  get installable() {
    return installer !== null;
  }

  async install() {
    await installer.prompt();
    installer = null;
    this.changed();
  }

  /** Asks for leave if need be, and registers this device for as long as the log-in holds. */
  async on() {
    this.trouble = (await Notification.requestPermission()) === "granted" ? "" : "denied";
    if (!this.trouble) {
      localStorage.setItem(WANTED, "yes");
      await this.#register();
    }
    this.changed();
  }

  async off() {
    localStorage.removeItem(WANTED);
    if (this.pushed) await remove(`/v1/push/subscriptions/${this.pushed}`, this.sync.token).catch(() => {}); // it ends with the log-in anyway
    this.pushed = null;
    this.changed();
  }

  /** The language has changed. */
  renew() {
    if (this.wanted) this.#register();
  }

  async #register() {
    const { token, client } = this.sync;
    try {
      const { pushManager } = await navigator.serviceWorker.ready;
      const { key } = await client.get("/v1/push/key");
      let subscription = await pushManager.getSubscription();
      if (subscription && encoded(subscription.options.applicationServerKey) !== key) {
        await subscription.unsubscribe(); // of a service that was there before
        subscription = null;
      }
      subscription ??= await pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      const { endpoint, keys } = subscription.toJSON();
      this.pushed = (await post("/v1/push/subscriptions", { endpoint, keys, lang: this.lang() }, token)).id;
      this.trouble = "";
    } catch {
      this.trouble = "page"; // no push service in this browser, or none in reach
    }
    this.changed();
  }

  /** What a push would tell, told by the page itself: one that is looked at needs no telling. */
  async #take(frame) {
    if (!this.wanted || this.pushed || !document.hidden || !this.sync.live) return;
    const news = this.#newsOf(frame);
    if (!news) return;
    const { title, body, tag, hash } = news;
    const registration = await navigator.serviceWorker.ready;
    registration.showNotification(title, { body, tag, icon: "/static/icon-192.png", data: { url: `/staff#${hash}` } });
  }

  #newsOf({ subject, event, by, data }) {
    const { me, hotel } = this.sync;
    const lang = this.lang();
    if (by === this.sync.client.account) return null;
    switch (subject.split(".")[2]) {
      case "order":
        if (!FOR_ME.has(event) || (data.holder ?? data.assignee) !== me.id) return null;
        return { title: `${data.space} · ${t(lang, `event.${event}`)}`, body: orderTitle(data, hotel, lang), tag: data.id, hash: "tab=tickets" };
      case "incident":
        if (event !== "raised") return null;
        return { title: `${t(lang, "incident")} · ${data.space}`, body: t(lang, `incident.${data.kind}`), tag: data.id, hash: "tab=tickets" };
      case "im": {
        const id = subject.split(".")[3];
        if (event !== "said" || !(data.mentions?.includes(me.id) || id.startsWith("direct-"))) return null;
        const talk = this.sync.talks.list.get(id) ?? { id, kind: id.split("-")[0] };
        return { title: authorOf(by, me, lang), body: titleOf(talk, this.sync, lang), tag: id, hash: `tab=talks&talk=${id}` };
      }
    }
    return null;
  }
}

/** Why this page cannot notify, or "". */
function obstacle() {
  if (!isSecureContext) return "insecure";
  if (!("serviceWorker" in navigator && "PushManager" in globalThis && "Notification" in globalThis)) return "unsupported";
  return Notification.permission === "denied" ? "denied" : "";
}

function encoded(buffer) {
  const text = btoa(String.fromCharCode(...new Uint8Array(buffer)));
  return text.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}
