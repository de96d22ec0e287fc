// The conversations' looks: one thing at a time on a phone, side by side on a desk.

import { css } from "./vendor/lit.js";

export const messagesLook = css`
  :host {
    display: block;
    --frame: 138px; /* the page's head and, on a phone, its foot */
  }
  .tools {
    display: flex;
    gap: 8px;
    padding: 16px 20px 8px;
  }
  .icon {
    width: 48px;
    height: 48px;
    color: inherit;
    border: 1px solid var(--line);
    border-radius: 50%;
    background: var(--card);
  }
  .talk {
    display: grid;
    grid-template-columns: minmax(0, 1fr) auto;
    gap: 2px 12px;
    width: 100%;
    min-height: 68px;
    padding: 12px 20px;
    border-bottom: 1px solid var(--line);
    text-align: left;
  }
  .talk.chosen {
    background: color-mix(in srgb, var(--brass) 12%, var(--paper));
  }
  .title {
    font-weight: 600;
  }
  .title .small {
    font-weight: 400;
  }
  .title,
  .gist {
    overflow: hidden;
    text-overflow: ellipsis;
    white-space: nowrap;
  }
  time {
    font-variant-numeric: tabular-nums;
  }
  .badge {
    justify-self: end;
    min-width: 22px;
    padding: 0 6px;
    border-radius: 999px;
    background: var(--alarm);
    color: var(--card);
    font: 600 0.78rem/22px var(--sans);
    text-align: center;
  }
  .none {
    padding: 16vh 20px;
    color: var(--ink-soft);
    font: 400 1.15rem/1.5 var(--serif);
    text-align: center;
  }
  .both > .none {
    display: none;
  }
  .new {
    display: grid;
    gap: 12px;
    padding: 8px 20px 20px;
    border-bottom: 1px solid var(--line);
  }
  .new form {
    display: grid;
    gap: 10px;
  }
  .people {
    display: flex;
    flex-wrap: wrap;
    gap: 6px;
  }
  label.quiet {
    display: flex;
    gap: 6px;
    align-items: center;
  }
  staff-talk {
    display: grid;
    height: calc(100dvh - var(--frame));
  }
  .both.chosen .list {
    display: none;
  }
  @media (min-width: 900px) {
    :host {
      --frame: 71px;
    }
    .both {
      display: grid;
      grid-template-columns: 360px minmax(0, 1fr);
      height: calc(100dvh - var(--frame));
    }
    .list,
    .both.chosen .list {
      display: block;
      border-right: 1px solid var(--line);
      overflow-y: auto;
    }
    .both > .none {
      display: block;
      margin: auto;
    }
  }
`;
