// Line drawings, 24 by 24, in the colour of the text around them.

import { svg, html } from "./vendor/lit.js";

const LINES = {
  light: svg`<path d="M8 3h8l3 8H5z"/><path d="M12 11v8"/><path d="M8 21h8"/>`,
  ceiling: svg`<path d="M12 2v5"/><path d="M5 14a7 7 0 0 1 14 0z"/><path d="M10 17a2 2 0 0 0 4 0"/>`,
  night: svg`<path d="M20 14.5A8 8 0 1 1 9.5 4a6.5 6.5 0 0 0 10.500 10.500z"/>`,
  ac: svg`<rect x="3" y="5" width="18" height="7" rx="2"/><path d="M7 9h7"/><path d="M7 16c0 2-1 2-1 4M12 16c0 2-1 2-1 4M17 16c0 2-1 2-1 4"/>`,
  curtain: svg`<path d="M3 4h18"/><path d="M5 4c1 7-1 12-1 16h5c2-5 2-11 1-16M19 4c-1 7 1 12 1 16h-5c-2-5-2-11-1-16"/>`,
  sheer: svg`<path d="M3 4h18"/><path d="M6 4v16M10 4v16M14 4v16M18 4v16" stroke-dasharray="2 2.500"/>`,
  tv: svg`<rect x="3" y="5" width="18" height="12" rx="2"/><path d="M8 21h8"/>`,
  fan: svg`<circle cx="12" cy="12" r="1.800"/><path d="M12 10c-2-3-1-7 2-7 3 1 1 5-1 7M13.800 13c3.600-.3 6.500 2.500 5 5-2.400 2-5-1.300-6-4M10.200 13c-1.500 3.300-5.300 4.500-6.700 2-.7-3 3.400-3.700 6.300-3.300"/>`,
  music: svg`<path d="M9 18V6l10-2v12"/><circle cx="6.500" cy="18" r="2.500"/><circle cx="16.500" cy="16" r="2.500"/>`,
  water_heater: svg`<path d="M12 3c4 5 6 8 6 11a6 6 0 0 1-12 0c0-3 2-6 6-11z"/>`,
  mic: svg`<rect x="9" y="3" width="6" height="11" rx="3"/><path d="M5 11a7 7 0 0 0 14 0M12 18v3"/>`,
  end: svg`<rect x="7" y="7" width="10" height="10" rx="2" fill="currentColor"/>`,
  send: svg`<path d="M12 20V5M6 11l6-6 6 6"/>`,
  check: svg`<path d="M5 12.500l4.500 4.500L19 7"/>`,
  minus: svg`<path d="M6 12h12"/>`,
  plus: svg`<path d="M6 12h12M12 6v12"/>`,
  alarm: svg`<path d="M12 4l9 16H3z"/><path d="M12 10v4M12 17v.5"/>`,
  more: svg`<path d="M6 12h.01M12 12h.01M18 12h.01" stroke-width="2.600"/>`,
  back: svg`<path d="M15 5l-7 7 7 7"/>`,
  tickets: svg`<path d="M5 4h14v16l-3.500-2-3.500 2-3.500-2L5 20z"/><path d="M9 9h6M9 13h4"/>`,
  talks: svg`<path d="M4 5h16v11H10l-5 4v-4H4z"/>`,
  me: svg`<circle cx="12" cy="8" r="4"/><path d="M4.500 21c.6-4.200 3.600-6.500 7.500-6.500s6.900 2.300 7.500 6.500"/>`,
  photo: svg`<path d="M3 8h4l2-3h6l2 3h4v11H3z"/><circle cx="12" cy="13" r="3.500"/>`,
  search: svg`<circle cx="10.500" cy="10.500" r="6.500"/><path d="M15.500 15.500L21 21"/>`,
  close: svg`<path d="M6 6l12 12M18 6L6 18"/>`,
  star: svg`<path d="M12 3.500l2.600 5.400 5.900.8-4.300 4.100 1.100 5.900L12 16.800l-5.300 2.900 1.100-5.900-4.300-4.100 5.900-.8z"/>`,
};

const BY_ZONE = { ceiling: "ceiling", hallway: "ceiling", bathroom: "ceiling", night: "night" };

export function icon(name) {
  return html`<svg viewBox="0 0 24 24" width="24" height="24" fill="none" stroke="currentColor" stroke-width="1.6"
    stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${LINES[name] ?? LINES.check}</svg>`;
}

export function deviceIcon({ kind, zone }) {
  return icon(kind === "light" ? (BY_ZONE[zone] ?? "light") : kind);
}
