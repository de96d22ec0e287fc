// Styles that the components share.

import { css } from "./vendor/lit.js";

export const look = css`
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  :host {
    color: var(--ink);
    font-family: var(--sans);
  }
  [hidden] {
    display: none !important;
  }
  h1,
  h2,
  h3,
  p,
  ul,
  ol {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  button,
  input,
  select {
    font: inherit;
    color: inherit;
  }
  button {
    border: 0;
    background: none;
    cursor: pointer;
    touch-action: manipulation;
  }
  button:disabled {
    cursor: default;
    opacity: 0.5;
  }
  :focus-visible {
    outline: 2px solid var(--brass);
    outline-offset: 2px;
  }
  .quiet {
    min-height: 44px;
    padding: 0 0.9rem;
    border: 1px solid var(--line);
    border-radius: 999px;
    background: var(--card);
    color: var(--ink);
    font-size: 0.9rem;
    white-space: nowrap;
  }
  .strong {
    min-height: 44px;
    padding: 0 1.3rem;
    border-radius: 999px;
    background: var(--brass);
    color: var(--brass-ink);
    font-weight: 600;
    white-space: nowrap;
  }
  .field {
    width: 100%;
    min-height: 48px;
    padding: 0 1.1rem;
    border: 1px solid var(--line);
    border-radius: 999px;
    background: var(--card);
  }
  .field::placeholder {
    color: var(--ink-soft);
    opacity: 1;
  }
  .small {
    color: var(--ink-soft);
    font-size: 0.85rem;
  }
  .section {
    color: var(--ink-soft);
    font-size: 0.8rem;
    font-weight: 600;
    letter-spacing: 0.06em;
  }
  .icon {
    display: grid;
    flex: none;
    place-items: center;
    width: 44px;
    height: 44px;
    color: var(--ink-soft);
  }
  .hidden-but-read {
    position: absolute;
    width: 1px;
    height: 1px;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation-duration: 0.01ms !important;
      transition-duration: 0.01ms !important;
    }
  }
`;

/** What is scanned or copied: a second factor's QR code, its key, recovery codes. */
export const secretLook = css`
  .qr {
    width: 220px;
    padding: 10px;
    border-radius: 14px;
    background: #fff;
  }
  code {
    overflow-wrap: anywhere;
    user-select: all;
  }
`;
