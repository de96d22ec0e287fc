// The looks of a ticket's details: a sheet from below on a phone, a card in the middle of a desk.

import { css } from "./vendor/lit.js";

export const detailsLook = css`
  dialog {
    width: min(100vw, 560px);
    max-width: none;
    max-height: 92dvh;
    margin: auto auto 0;
    padding: 20px 20px calc(24px + env(safe-area-inset-bottom));
    border: 0;
    border-radius: 24px 24px 0 0;
    background: var(--paper);
    color: var(--ink);
    overflow-y: auto;
  }
  dialog::backdrop {
    background: rgb(20 16 8 / 45%);
  }
  header {
    display: grid;
    grid-template-columns: auto minmax(0, 1fr) auto;
    gap: 16px;
    align-items: center;
  }
  .room {
    font: 500 2.5rem/1.05 var(--serif);
    font-variant-numeric: lining-nums tabular-nums;
  }
  h2 {
    font-size: 1.15rem;
    line-height: 1.35;
    overflow-wrap: anywhere;
  }
  h2::first-letter {
    text-transform: uppercase;
  }
  .words {
    margin-top: 10px;
    font: 400 1.1rem/1.5 var(--serif);
    overflow-wrap: anywhere;
  }
  section,
  .decline {
    margin-top: 20px;
  }
  form {
    display: flex;
    gap: 8px;
  }
  .field {
    min-width: 0;
  }
  .photos {
    display: grid;
    grid-template-columns: repeat(auto-fill, minmax(150px, 1fr));
    gap: 8px;
  }
  .add {
    display: flex;
    align-items: center;
    justify-content: center;
    gap: 8px;
    min-height: 48px;
    cursor: pointer;
  }
  .add:focus-within {
    outline: 2px solid var(--brass);
    outline-offset: 2px;
  }
  .add[data-busy] {
    opacity: 0.5;
  }
  .notes li {
    padding: 6px 0;
    overflow-wrap: anywhere;
  }
  .notes + form {
    margin-top: 8px;
  }
  .assign {
    display: grid;
    grid-template-columns: auto 1fr;
    gap: 12px;
    align-items: center;
  }
  .history li {
    display: flex;
    justify-content: space-between;
    gap: 16px;
    padding: 6px 0;
    border-bottom: 1px solid var(--line);
    font-variant-numeric: tabular-nums;
  }
  .history time {
    color: var(--ink-soft);
  }
  @media (min-width: 700px) {
    dialog {
      margin: auto;
      padding-bottom: 24px;
      border-radius: 24px;
    }
  }
`;
