// The tickets' layout: one list on a phone, three columns on a desk.

import { css } from "./vendor/lit.js";

export const boardLook = css`
  :host {
    display: block;
  }
  nav {
    display: grid;
    grid-template-columns: repeat(3, 1fr);
    gap: 4px;
    margin: 16px 20px 0;
    padding: 4px;
    border-radius: 999px;
    background: var(--paper-deep);
  }
  nav button {
    min-height: 44px;
    border-radius: 999px;
    color: var(--ink-soft);
    font-size: 0.92rem;
  }
  nav .chosen {
    background: var(--card);
    box-shadow: var(--shadow);
    color: var(--ink);
    font-weight: 600;
  }
  .count {
    margin-left: 5px;
    font-variant-numeric: tabular-nums;
  }
  .columns {
    padding: 16px 20px 32px;
  }
  .list {
    display: none;
  }
  .list.chosen {
    display: block;
  }
  .list > h2 {
    display: none;
  }
  select.field {
    margin-bottom: 12px;
  }
  .tickets {
    display: grid;
    gap: 12px;
  }
  .none {
    padding: 16vh 0;
    color: var(--ink-soft);
    font: 400 1.15rem/1.5 var(--serif);
    text-align: center;
  }
  .older {
    display: block;
    margin: 16px auto 0;
  }
  @media (min-width: 900px) {
    nav {
      display: none;
    }
    .columns {
      display: grid;
      grid-template-columns: repeat(3, minmax(0, 1fr));
      gap: 28px;
      align-items: start;
      padding: 24px 32px 64px;
    }
    .list {
      display: block;
    }
    .list > h2 {
      display: block;
      margin-bottom: 12px;
      padding-bottom: 10px;
      border-bottom: 1px solid var(--line);
    }
    .none {
      padding: 48px 0;
    }
  }
`;
