// Times as people read them.

/** 4:05, 1:04:05. */
export function span(ms) {
  const s = Math.max(0, Math.floor(ms / 1000));
  const two = (n) => String(n).padStart(2, "0");
  const [hours, minutes] = [Math.floor(s / 3600), Math.floor(s / 60) % 60];
  return hours ? `${hours}:${two(minutes)}:${two(s % 60)}` : `${minutes}:${two(s % 60)}`;
}

/** The time of day of a stamp, with its date if that is another. */
export function clockTime(stamp, lang) {
  const at = new Date(stamp);
  const sameDay = at.toDateString() === new Date().toDateString();
  const day = sameDay ? {} : { month: "numeric", day: "numeric" };
  return at.toLocaleString(lang === "zh" ? "zh-CN" : "en-GB", { ...day, hour: "2-digit", minute: "2-digit" });
}
