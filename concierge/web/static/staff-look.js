// The staff page's layout: one column on a phone, three on a desk.

import { css } from "./vendor/lit.js";

export const staffLook = css`
  :host {
    display: block;
    min-height: 100dvh;
    background: var(--paper);
  }
  header {
    position: sticky;
    z-index: 1;
    top: 0;
    display: flex;
    align-items: center;
    gap: 10px;
    padding: 12px 20px;
    border-bottom: 1px solid var(--line);
    background: var(--paper);
  }
  .who {
    flex: 1;
    min-width: 0;
  }
  h1 {
    overflow: hidden;
    font: 500 1.4rem/1.2 var(--serif);
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  .dot {
    display: inline-block;
    width: 8px;
    height: 8px;
    margin-right: 6px;
    border-radius: 50%;
    background: var(--late);
  }
  .dot.live {
    background: var(--good);
  }
  .incidents {
    display: grid;
    gap: 10px;
    padding: 16px 20px 0;
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
    margin-left: 4px;
    font-variant-numeric: tabular-nums;
  }
  main {
    padding: 16px 20px 64px;
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
  .tickets {
    display: grid;
    gap: 12px;
  }
  .none {
    padding: 18vh 0;
    color: var(--ink-soft);
    font: 400 1.15rem/1.5 var(--serif);
    text-align: center;
  }
  .toast {
    position: fixed;
    z-index: 2;
    inset: auto auto calc(20px + env(safe-area-inset-bottom)) 50%;
    width: max-content;
    max-width: calc(100vw - 40px);
    padding: 12px 20px;
    transform: translateX(-50%);
    border-radius: 999px;
    background: var(--ink);
    color: var(--paper);
  }
  @media (min-width: 900px) {
    nav {
      display: none;
    }
    header,
    .incidents,
    main {
      padding-inline: 32px;
    }
    main {
      display: grid;
      grid-template-columns: repeat(3, minmax(0, 1fr));
      gap: 28px;
      align-items: start;
      padding-top: 24px;
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
