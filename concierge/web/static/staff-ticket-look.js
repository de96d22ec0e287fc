// A ticket's looks.

import { css } from "./vendor/lit.js";

export const ticketLook = css`
  :host {
    display: block;
  }
  .ticket {
    position: relative;
    display: grid;
    grid-template-columns: minmax(76px, auto) minmax(0, 1fr);
    gap: 2px 16px;
    padding: 16px 18px;
    border: 1px solid var(--line);
    border-radius: var(--radius);
    background: var(--card);
    box-shadow: var(--shadow);
    overflow: hidden;
    animation: arrive 0.4s ease-out;
  }
  .late {
    border-color: color-mix(in srgb, var(--alarm) 45%, var(--line));
  }
  .pending {
    border-style: dashed;
  }
  .elapsed {
    position: absolute;
    inset: 0 auto auto 0;
    height: 4px;
    background: var(--brass);
    opacity: 0.55;
    transition: width 1s linear;
  }
  .soon .elapsed {
    background: var(--late);
    opacity: 1;
  }
  .late .elapsed {
    background: var(--alarm);
    opacity: 1;
  }
  .room {
    font: 500 2.5rem/1.05 var(--serif);
    font-variant-numeric: lining-nums tabular-nums;
    letter-spacing: -0.01em;
  }
  .floor {
    color: var(--ink-soft);
    font-size: 1rem;
  }
  h3 {
    font-size: 1.08rem;
    font-weight: 600;
    line-height: 1.35;
    overflow-wrap: anywhere;
  }
  h3::first-letter {
    text-transform: uppercase;
  }
  .words {
    margin-top: 2px;
    color: var(--ink-soft);
    font-family: var(--serif);
    overflow-wrap: anywhere;
  }
  .facts {
    display: flex;
    flex-wrap: wrap;
    grid-column: 1 / -1;
    gap: 4px 12px;
    align-items: center;
    margin-top: 10px;
    font-variant-numeric: tabular-nums;
  }
  .age {
    color: var(--ink);
    font-weight: 600;
  }
  .soon .age {
    color: var(--late);
  }
  .late .age {
    color: var(--alarm);
  }
  .mark {
    padding: 1px 9px;
    border-radius: 999px;
    background: var(--alarm-paper);
    color: var(--alarm);
    font-weight: 600;
    white-space: nowrap;
  }
  .mark.vip,
  .mark.soft {
    background: color-mix(in srgb, var(--brass) 16%, var(--card));
    color: var(--late);
  }
  .holder,
  .waits {
    margin-left: auto;
    color: var(--ink);
    font-weight: 600;
  }
  .waits {
    color: var(--late);
  }
  .buttons {
    display: flex;
    grid-column: 1 / -1;
    gap: 8px;
    margin-top: 12px;
  }
  .buttons button {
    flex: 1;
    min-height: 48px;
  }
  .buttons .more {
    display: grid;
    flex: 0 0 48px;
    place-items: center;
    border: 1px solid var(--line);
    border-radius: 999px;
    color: var(--ink-soft);
  }
  .bare .buttons {
    position: absolute;
    grid-column: auto; /* else it would be placed within its grid area */
    inset: 12px 12px auto auto;
    margin: 0;
  }
  .bare .what {
    padding-right: 76px;
  }
  .bare .more {
    flex: 0 0 auto;
    min-width: 48px;
    min-height: 44px;
    padding: 0 14px;
    font-size: 0.9rem;
  }
  .finished {
    box-shadow: none;
    background: transparent;
  }
  .finished .room {
    font-size: 1.7rem;
  }
  .stars {
    color: var(--brass);
    letter-spacing: 0.1em;
  }
  @keyframes arrive {
    from {
      opacity: 0;
      transform: translateY(-8px);
    }
  }
`;
