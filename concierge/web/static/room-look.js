// The guest page's layout: one column on a phone, two on a desk.

import { css } from "./vendor/lit.js";

export const roomLook = css`
  :host {
    display: block;
    height: 100dvh;
    background: var(--paper);
  }
  .page {
    display: flex;
    flex-direction: column;
    height: 100%;
  }
  .side {
    display: contents; /* on a phone its parts stand in the page's one column */
  }
  .devices {
    order: 1;
  }
  .orders {
    order: 2;
  }
  .talk {
    order: 3;
    flex: 1;
    min-height: 0;
  }
  footer {
    order: 4;
  }
  header {
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 12px;
    padding: 14px 20px 10px;
  }
  h1 {
    font: 500 1.7rem/1.15 var(--serif);
  }
  .devices {
    display: flex;
    flex: none;
    gap: 10px;
    padding: 4px 20px 12px;
    overflow-x: auto;
    scroll-padding: 0 20px;
    scrollbar-width: none;
  }
  .devices::-webkit-scrollbar {
    display: none;
  }
  .devices room-device {
    flex: 0 0 132px;
  }
  .devices room-device.wide {
    flex-basis: 198px;
  }
  .orders {
    display: flex;
    flex: none;
    gap: 10px;
    align-items: flex-start;
    padding: 0 20px 12px;
    overflow-x: auto;
    scrollbar-width: none;
  }
  .orders room-order {
    flex: 0 0 100%;
  }
  .orders.many room-order {
    flex-basis: min(88%, 340px);
  }
  .side .section {
    display: none;
  }
  .talk {
    display: flex;
    flex-direction: column;
    gap: 14px;
    padding: 12px 20px 16px;
    overflow-y: auto;
    border-top: 1px solid var(--line);
  }
  .talk::before {
    content: "";
    margin-top: auto;
  }
  footer {
    display: grid;
    gap: 12px;
    padding: 10px 20px calc(14px + env(safe-area-inset-bottom));
    background: linear-gradient(to top, var(--paper) 82%, transparent);
  }
  form {
    position: relative;
    display: flex;
  }
  form .field {
    padding-right: 56px;
  }
  form button {
    position: absolute;
    inset: 2px 2px 2px auto;
    display: grid;
    place-items: center;
    width: 44px;
    height: 44px;
    border-radius: 50%;
    background: var(--brass);
    color: var(--brass-ink);
    transition: opacity 0.2s;
  }
  .picture {
    position: absolute;
    inset: 2px 2px 2px auto;
    display: none;
    place-items: center;
    width: 44px;
    height: 44px;
    color: var(--ink-soft);
    cursor: pointer;
  }
  .picture:focus-within {
    border-radius: 50%;
    outline: 2px solid var(--brass);
  }
  form .field:placeholder-shown ~ .picture {
    display: grid;
  }
  form .field:placeholder-shown + button {
    opacity: 0;
    pointer-events: none;
  }
  .offline {
    position: fixed;
    z-index: 2;
    inset: 8px auto auto 50%;
    padding: 6px 14px;
    transform: translateX(-50%);
    border-radius: 999px;
    background: var(--ink);
    color: var(--paper);
    font-size: 0.85rem;
  }
  @media (min-width: 960px) {
    .page {
      display: grid;
      grid-template-columns: minmax(0, 1fr) 436px;
      grid-template-rows: auto minmax(0, 1fr) auto;
    }
    header,
    .talk,
    footer {
      grid-column: 1;
      width: min(100%, 820px);
      margin: 0 auto;
      padding-inline: 40px;
    }
    header {
      padding-top: 24px;
    }
    .talk {
      border-top: 0;
    }
    .side {
      display: flex;
      flex-direction: column;
      grid-column: 2;
      grid-row: 1 / -1;
      gap: 12px;
      padding: 28px 28px;
      overflow-y: auto;
      border-left: 1px solid var(--line);
      background: var(--paper-deep);
    }
    .side .section {
      display: block;
    }
    .side > * {
      order: 0;
    }
    .devices {
      display: grid;
      grid-template-columns: repeat(3, minmax(0, 1fr));
      flex: none;
      padding: 0;
      overflow: visible;
    }
    .devices room-device.wide {
      grid-column: span 2;
    }
    .orders {
      flex-direction: column;
      align-items: stretch;
      padding: 0 0 12px;
      overflow: visible;
    }
    .orders room-order,
    .orders.many room-order {
      flex: none;
    }
  }
`;
