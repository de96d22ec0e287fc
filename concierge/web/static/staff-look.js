// The staff page's frame: on a phone the pages' buttons lie under the thumb, on a desk in the head.

import { css } from "./vendor/lit.js";

export const staffLook = css`
  :host {
    display: flex;
    flex-direction: column;
    min-height: 100dvh;
    background: var(--paper);
  }
  header {
    position: sticky;
    z-index: 2;
    top: 0;
    display: flex;
    align-items: center;
    gap: 10px;
    padding: calc(12px + env(safe-area-inset-top)) 20px 12px;
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
  main {
    flex: 1;
    min-width: 0;
  }
  nav {
    position: sticky;
    z-index: 2;
    bottom: 0;
    display: grid;
    grid-template-columns: repeat(3, 1fr);
    padding-bottom: env(safe-area-inset-bottom);
    border-top: 1px solid var(--line);
    background: var(--paper);
  }
  nav button {
    position: relative;
    display: grid;
    justify-items: center;
    gap: 2px;
    min-height: 58px;
    padding: 8px 0 6px;
    color: var(--ink-soft);
    font-size: 0.78rem;
  }
  nav .chosen {
    color: var(--brass);
    font-weight: 600;
  }
  .badge {
    position: absolute;
    top: 4px;
    left: calc(50% + 8px);
    min-width: 20px;
    padding: 0 5px;
    border-radius: 999px;
    background: var(--alarm);
    color: var(--card);
    font: 600 0.75rem/20px var(--sans);
    font-variant-numeric: tabular-nums;
    text-align: center;
  }
  .toast {
    position: fixed;
    z-index: 5;
    inset: auto auto calc(84px + env(safe-area-inset-bottom)) 50%;
    width: max-content;
    max-width: calc(100vw - 40px);
    padding: 12px 20px;
    transform: translateX(-50%);
    border-radius: 22px;
    background: var(--ink);
    color: var(--paper);
  }
  @media (min-width: 900px) {
    header,
    .incidents {
      padding-inline: 32px;
    }
    header {
      padding-right: 420px; /* where the pages' buttons are */
    }
    nav {
      position: fixed;
      inset: 0 32px auto auto;
      grid-template-columns: repeat(3, 124px);
      height: 70px;
      border: 0;
      background: none;
    }
    nav button {
      display: flex;
      align-items: center;
      justify-content: center;
      gap: 8px;
      padding: 0;
      font-size: 0.95rem;
    }
    nav button::after {
      content: "";
      position: absolute;
      inset: auto 20px 0;
      height: 2px;
      background: transparent;
    }
    nav .chosen::after {
      background: var(--brass);
    }
    .badge {
      position: static;
    }
    .toast {
      bottom: 28px;
    }
  }
`;
