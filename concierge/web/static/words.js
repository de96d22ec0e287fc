// The pages' own words. What the hotel calls its things comes from /v1/property.

import { STAFF } from "./words-staff.js";

const WORDS = {
  zh: {
    room: "客房",
    talk: "点一下，开始说话",
    "talk.connecting": "正在接通…",
    "talk.live": "请说，我在听",
    "talk.speaking": "您可以随时打断",
    "talk.end": "结束通话",
    "talk.insecure": "浏览器只在 https 或本机页面上允许使用麦克风，请直接打字",
    "talk.unsupported": "这个浏览器不支持语音，请直接打字",
    "talk.microphone": "没有麦克风权限，请在浏览器里允许后再试",
    "talk.failed": "没有接通，请再试一次",
    "talk.lost": "通话中断了，请再试一次",
    type: "或者打字告诉我…",
    send: "发送",
    devices: "房间",
    requests: "我的请求",
    conversation: "对话",
    morning: "早上好",
    afternoon: "下午好",
    evening: "晚上好",
    welcome: "有什么需要，说一声就好。",
    hints: ["打开床头灯", "空调调到二十四度", "再送两条毛巾", "早餐几点开始"],
    reconnecting: "正在重新连接…",
    "message.sent": "已发送",
    "message.delivered": "已送达",
    "message.read": "已读",
    "message.failed": "没有发出去",
    "entry.title": "欢迎入住",
    "entry.code": "房间码",
    "entry.help": "扫描房间里的二维码，或输入前台给您的房间码。",
    "entry.open": "进入",
    "entry.demo": "示范酒店：选一个房间",
    "entry.floor": "{floor} 楼",
    "entry.ended": "您的入住已结束，感谢光临。",
    "unit.on": "开",
    "unit.off": "关",
    "unit.open": "开着",
    "unit.closed": "关着",
    "unit.opening": "正在打开",
    "unit.closing": "正在关上",
    "unit.unknown": "—",
    "unit.channel": "{n} 频道",
    "unit.volume": "音量 {n}",
    "mode.cool": "制冷",
    "mode.heat": "制热",
    "mode.dry": "除湿",
    "mode.fan": "送风",
    "mode.auto": "自动",
    "speed.low": "低风",
    "speed.medium": "中风",
    "speed.high": "高风",
    "speed.auto": "自动",
    silent: "没有反应",
    cooler: "调低",
    warmer: "调高",
    "step.sent": "已收到",
    "step.accepted": "已接单",
    "step.started": "处理中",
    "step.done": "已完成",
    "step.cancelled": "已取消",
    "step.late": "比预计的久一些，已经在催了",
    cancel: "取消",
    rate: "还满意吗？",
    "rate.comment": "想说点什么（可不填）",
    "rate.send": "提交评分",
    stars: "{n} 星",
    thanks: "谢谢您",
    picture: "发图片",
    "picture.failed": "图片没有发出去，请再试一次",
    "picture.open": "图片",
    voice: "语音",
    language: "English",
    "language.label": "切换到英文",
    "error.offline": "连不上服务，请检查网络",
    "error.too_many_attempts": "尝试太多次了，请稍候再试",
    "error.unauthorized": "不对，请再试一次",
    "error.forbidden": "这里不允许这样登录",
  },
  en: {
    room: "Room",
    talk: "Tap and talk",
    "talk.connecting": "Connecting…",
    "talk.live": "I'm listening",
    "talk.speaking": "Interrupt me any time",
    "talk.end": "End the call",
    "talk.insecure": "Browsers allow the microphone on https or on this machine only: please type",
    "talk.unsupported": "This browser cannot talk: please type",
    "talk.microphone": "No leave to use the microphone: allow it in the browser and try again",
    "talk.failed": "That didn't connect, please try again",
    "talk.lost": "The call was cut off, please try again",
    type: "Or type to me…",
    send: "Send",
    devices: "Your room",
    requests: "Your requests",
    conversation: "Conversation",
    morning: "Good morning",
    afternoon: "Good afternoon",
    evening: "Good evening",
    welcome: "Whatever you need, just say it.",
    hints: ["Turn on the bedside lamp", "Set the AC to 24", "Two more towels, please", "When is breakfast?"],
    reconnecting: "Reconnecting…",
    "message.sent": "Sent",
    "message.delivered": "Delivered",
    "message.read": "Read",
    "message.failed": "Not sent",
    "entry.title": "Welcome",
    "entry.code": "Room code",
    "entry.help": "Scan the QR code in your room, or enter the code from the front desk.",
    "entry.open": "Open",
    "entry.demo": "Example hotel: choose a room",
    "entry.floor": "Floor {floor}",
    "entry.ended": "Your stay has ended. Thank you, and safe travels.",
    "unit.on": "On",
    "unit.off": "Off",
    "unit.open": "Open",
    "unit.closed": "Closed",
    "unit.opening": "Opening",
    "unit.closing": "Closing",
    "unit.unknown": "—",
    "unit.channel": "Channel {n}",
    "unit.volume": "Volume {n}",
    "mode.cool": "Cool",
    "mode.heat": "Heat",
    "mode.dry": "Dry",
    "mode.fan": "Fan",
    "mode.auto": "Auto",
    "speed.low": "Low",
    "speed.medium": "Medium",
    "speed.high": "High",
    "speed.auto": "Auto",
    silent: "Not answering",
    cooler: "Cooler",
    warmer: "Warmer",
    "step.sent": "Received",
    "step.accepted": "Accepted",
    "step.started": "In hand",
    "step.done": "Done",
    "step.cancelled": "Cancelled",
    "step.late": "Taking longer than it should: we have asked again",
    cancel: "Cancel",
    rate: "How was it?",
    "rate.comment": "Anything you want to say (optional)",
    "rate.send": "Send rating",
    stars: "{n} stars",
    thanks: "Thank you",
    picture: "Send a picture",
    "picture.failed": "The picture wasn't sent, please try again",
    "picture.open": "Picture",
    voice: "voice",
    language: "中文",
    "language.label": "Switch to Chinese",
    "error.offline": "The service can't be reached: check the network",
    "error.too_many_attempts": "Too many attempts: wait a little and try again",
    "error.unauthorized": "That isn't right, please try again",
    "error.forbidden": "You can't log in like this from here",
  },
};

export const LANGUAGES = Object.keys(WORDS);
const KEPT = "concierge.language";

export function t(lang, key, values = {}) {
  const text = (WORDS[lang] ?? WORDS.en)[key] ?? (STAFF[lang] ?? STAFF.en)[key] ?? key;
  return typeof text === "string" ? text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "") : text;
}

/** A name in the language, or in the one that there is. */
export function named(names, lang) {
  return names?.[lang] ?? Object.values(names ?? {})[0] ?? "";
}

/** What was chosen on this device, else `wanted` (the stay's), else the browser's. */
export function chosenLanguage(wanted) {
  const browsers = navigator.language?.slice(0, 2);
  return [read(), wanted, browsers].find((lang) => LANGUAGES.includes(lang)) ?? "en";
}

export function otherLanguage(lang) {
  const next = LANGUAGES[(LANGUAGES.indexOf(lang) + 1) % LANGUAGES.length];
  try {
    localStorage.setItem(KEPT, next);
  } catch {
    /* a browser that keeps nothing: the choice holds until the page is closed */
  }
  document.documentElement.lang = next;
  return next;
}

function read() {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

/** What an order is about, in a few words. */
export function orderTitle(order, hotel, lang) {
  const words = hotel?.words?.[lang] ?? {};
  const times = (name, n) => ((n ?? 1) > 1 ? `${name} × ${n}` : name);
  const joint = lang === "zh" ? "、" : ", ";
  switch (order.intent) {
    case "request.items":
      return order.slots.items.map((line) => times(named(hotel?.items[line.item], lang) || line.item, line.quantity)).join(joint);
    case "order.food":
      return order.slots.dishes.map((line) => times(named(hotel?.dishes[line.dish], lang) || line.dish, line.quantity)).join(joint);
    case "request.repair":
      return (words["request.repair"] ?? order.intent).replace("{asset}", words[`asset.${order.slots.asset ?? "other"}`] ?? "");
    default:
      return words[order.intent] ?? order.intent;
  }
}

/** What else was said of it: when, where to, what is wrong. */
export function orderDetail(order) {
  const { time, day, when, destination, symptom, to, nights } = order.slots;
  return [day, time, when, destination, symptom, to, nights].filter((said) => said !== undefined && said !== null).join(" · ");
}
